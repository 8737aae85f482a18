/** Collects sealed segments into packs and uploads them, a few at a time. */
import { BackupError, MiB, PACK_NUMBER_MAX, encodePackEnd, packKey } from '@backup-agent/core';
import { release } from './saver/segment-builder.ts';
import type {
  DeviceId,
  IndexedPack,
  ListedPack,
  ObjectWriter,
  PackKind,
  PlacedSegment,
  RunId,
  Segment,
} from '@backup-agent/core';

/** Large enough to amortise a request, small enough to retry cheaply. */
const PACK_BYTES = 32 * MiB;
const PACK_BYTES_MIN = 1 * MiB;
/** So many chunks of a few bytes each fill a pack too: index segments and directories are bounded. */
const PACK_CHUNKS_MAX = 2 ** 18;
/** A pack should not take longer to send than this, ms: what is not uploaded is lost at an interruption. */
const PACK_UPLOAD_MS = 60_000;
/** Packs on their way while the next one fills; each is held in memory, and its parts go up in parallel. */
const UPLOADS_MAX = 1;

export interface WrittenPack {
  readonly pack: IndexedPack;
  readonly segments: readonly PlacedSegment[];
}

/** One that another run has sent: length and ETag are what is there now; the checksum that its uploader knew is lost. */
export const packAsListed = ({ kind, run, number, object }: ListedPack): IndexedPack => ({
  kind,
  run,
  number,
  bytes: object.bytes,
  etag: object.etag,
  checksum: undefined,
});

export interface PackWriterDeps {
  readonly store: ObjectWriter;
  readonly device: DeviceId;
  readonly run: RunId;
  /** Monotonic, ms. */
  readonly elapsed: () => number;
  /** A pack is durable. */
  readonly onUploaded: (written: WrittenPack, key: string) => void;
}

export class PackWriter {
  readonly #kind: PackKind;
  readonly #deps: PackWriterDeps;
  #number = 0;
  #segments: PlacedSegment[] = [];
  #stored: Uint8Array[] = [];
  #bytes = 0;
  #chunks = 0;
  #packBytes = PACK_BYTES;
  readonly #uploads = new Set<Promise<void>>();
  #failure: unknown;

  constructor(kind: PackKind, deps: PackWriterDeps) {
    this.#kind = kind;
    this.#deps = deps;
  }

  /** Adds a segment and tells where it will lie. Its bytes belong to the writer from now on. */
  add(segment: Segment, stored: Uint8Array): { readonly number: number; readonly offset: number } {
    const place = { number: this.#number, offset: this.#bytes };
    this.#segments.push({ ...segment, offset: this.#bytes });
    this.#stored.push(stored);
    this.#bytes += stored.length;
    this.#chunks += segment.lengths.length;
    if (this.#bytes >= this.#packBytes || this.#chunks >= PACK_CHUNKS_MAX) this.close();
    return place;
  }

  /** Ends the pack under way, if there is one, and begins its upload. */
  close(): void {
    if (this.#segments.length === 0) return;
    if (this.#number > PACK_NUMBER_MAX) throw new BackupError('FAILED', 'a run cannot write more than 100,000 packs');
    const upload = this.#upload(this.#number, this.#segments, this.#stored).catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.#uploads.add(upload);
    void upload.then(() => this.#uploads.delete(upload));
    this.#number++;
    this.#segments = [];
    this.#stored = [];
    this.#bytes = 0;
    this.#chunks = 0;
  }

  /** Resolves when few enough packs are on their way. Throws what an upload failed with. */
  async room(): Promise<void> {
    while (this.#uploads.size >= UPLOADS_MAX && this.#failure === undefined) await Promise.race(this.#uploads);
    this.#check();
  }

  /** Resolves when no upload is under way. Throws what one failed with. */
  async settled(): Promise<void> {
    await Promise.all(this.#uploads);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  async #upload(number: number, segments: readonly PlacedSegment[], stored: readonly Uint8Array[]): Promise<void> {
    const place = { kind: this.#kind, run: this.#deps.run, number };
    const key = packKey(this.#deps.device, place);
    const body = [...stored, encodePackEnd(segments)];
    const bytes = body.reduce((sum, part) => sum + part.length, 0);
    const started = this.#deps.elapsed();
    const created = await this.#deps.store.create(key, body);
    if (created.outcome === 'already-there')
      throw new BackupError('KEY_CONFLICT', `${key} is there already with other content`, {
        key,
        hint: 'another program may be writing under this device id; run "backup-agent verify"',
      });
    for (const part of stored) release(part);
    this.#adapt(bytes, this.#deps.elapsed() - started);
    const pack: IndexedPack = { ...place, bytes, etag: created.etag, checksum: created.checksum };
    this.#deps.onUploaded({ pack, segments }, key);
  }

  /** Next time no more than what this rate sends in PACK_UPLOAD_MS. */
  #adapt(bytes: number, ms: number): void {
    const fitting = ms <= 0 ? PACK_BYTES : (bytes / ms) * PACK_UPLOAD_MS;
    this.#packBytes = Math.round(Math.min(PACK_BYTES, Math.max(PACK_BYTES_MIN, fitting)));
  }
}
