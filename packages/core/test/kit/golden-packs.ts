/** Packs as the agent writes them, only smaller, and the same bytes each time. */
import { createHash } from 'node:crypto';
import { MiB, encodePackEnd, packKey, parseChunkId } from '../../src/index.ts';
import type { ChunkId, DeviceId, IndexedPack, PackKind, PlacedSegment, RunId, sealSegment } from '../../src/index.ts';

const PACK_BYTES = 1 * MiB;

export type Seal = (
  raw: Uint8Array,
  chunks: { ids: Uint8Array; lengths: Uint32Array },
) => ReturnType<typeof sealSegment>;

interface PackOwner {
  readonly device: DeviceId;
  readonly run: RunId;
}

/** Packs of one kind of one run, under way. */
export class GoldenPacks {
  readonly kind: PackKind;
  readonly #owner: PackOwner;
  readonly #objects: Map<string, Buffer>;
  readonly #seal: Seal;
  readonly #segmentBytes: number;
  readonly #written: { pack: IndexedPack; segments: PlacedSegment[] }[] = [];
  #chunks: { id: ChunkId; bytes: Uint8Array }[] = [];
  #segments: PlacedSegment[] = [];
  #stored: Uint8Array[] = [];
  #bytes = 0;

  constructor(kind: PackKind, owner: PackOwner, objects: Map<string, Buffer>, seal: Seal, segmentBytes: number) {
    this.kind = kind;
    this.#owner = owner;
    this.#objects = objects;
    this.#seal = seal;
    this.#segmentBytes = segmentBytes;
  }

  /** Adds a chunk and returns the number of its pack. Bytes of which none repeats go into a segment of their own. */
  add(id: ChunkId, bytes: Uint8Array): number {
    if (this.#bytes >= PACK_BYTES) this.#closePack();
    const number = this.#written.length;
    if (isIncompressible(bytes)) this.#closeSegment();
    this.#chunks.push({ id, bytes });
    const size = this.#chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    if (isIncompressible(bytes) || size >= this.#segmentBytes) this.#closeSegment();
    return number;
  }

  /** Where the segment closed last lies, as a page reference says it. */
  lastPlace(): { pack: number; offset: number; storedBytes: number; rawBytes: number } {
    const { offset, storedBytes, rawBytes } = this.#segments.at(-1) as PlacedSegment;
    return { pack: this.#written.length, offset, storedBytes, rawBytes };
  }

  end(): readonly { pack: IndexedPack; segments: readonly PlacedSegment[] }[] {
    this.#closePack();
    return this.#written;
  }

  #closeSegment(): void {
    if (this.#chunks.length === 0) return;
    const ids = Buffer.from(this.#chunks.map((chunk) => chunk.id).join(''), 'hex');
    const lengths = Uint32Array.from(this.#chunks, (chunk) => chunk.bytes.length);
    const raw = Buffer.concat(this.#chunks.map((chunk) => chunk.bytes));
    const { segment, stored } = this.#seal(raw, { ids, lengths });
    this.#segments.push({ ...segment, offset: this.#bytes });
    this.#stored.push(stored);
    this.#bytes += stored.length;
    this.#chunks = [];
  }

  #closePack(): void {
    this.#closeSegment();
    if (this.#segments.length === 0) return;
    const place = { kind: this.kind, run: this.#owner.run, number: this.#written.length };
    const bytes = Buffer.concat([...this.#stored, encodePackEnd(this.#segments)]);
    this.#objects.set(packKey(this.#owner.device, place), bytes);
    const etag = createHash('md5').update(bytes).digest('hex');
    const checksum = { algorithm: 'sha256', partBytes: 8 * MiB, parts: 0, value: chunkIdOf(bytes) } as const;
    this.#written.push({ pack: { ...place, bytes: bytes.length, etag, checksum }, segments: this.#segments });
    this.#segments = [];
    this.#stored = [];
    this.#bytes = 0;
  }
}

export const chunkIdOf = (bytes: Uint8Array): ChunkId => parseChunkId(createHash('sha256').update(bytes).digest('hex'));

/** All 256 byte values would make a better test; for the small files of tests this tells text from noise. */
const isIncompressible = (bytes: Uint8Array): boolean => bytes.length > 8 && new Set(bytes).size > bytes.length * 0.6;
