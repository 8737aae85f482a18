/** A run's packs: chunks go into them as they are, two to a segment; each pack gets the next number of the run. */
import {
  bytesOfChunkId,
  encodeIndexSegment,
  encodePackEnd,
  indexKey,
  packKey,
  sealSegment,
} from '../../../src/index.ts';
import type {
  ChunkId,
  IndexedPack,
  PackKind,
  PackPlace,
  PlacedSegment,
  ReadWriteStore,
  Repository,
  RunId,
} from '../../../src/index.ts';

export interface NewChunk {
  readonly id: ChunkId;
  readonly bytes: Buffer;
}

export interface WrittenPack {
  readonly pack: IndexedPack;
  readonly segments: readonly PlacedSegment[];
}

export class PackMaker {
  readonly #repository: Repository<ReadWriteStore>;
  readonly #run: RunId;
  readonly #next = { data: 0, meta: 0 };
  #unindexed: WrittenPack[] = [];
  #indexSegments = 0;

  constructor(repository: Repository<ReadWriteStore>, run: RunId) {
    this.#repository = repository;
    this.#run = run;
  }

  /** `perSegment` 1: catalog pages lie alone in their segments. */
  async write(kind: PackKind, chunks: readonly NewChunk[], perSegment: number): Promise<WrittenPack> {
    const { store, device } = this.#repository;
    const place: PackPlace = { kind, run: this.#run, number: this.#next[kind]++ };
    const { segments, stored } = sealed(chunks, perSegment);
    const bytes = Buffer.concat([...stored, encodePackEnd(segments)]);
    const { outcome, etag, checksum } = await store.create(packKey(device, place), [bytes]);
    if (outcome === 'already-there') throw new Error('pack keys are never reused');
    const written = { pack: { ...place, bytes: bytes.length, etag, checksum }, segments };
    this.#unindexed.push(written);
    return written;
  }

  /** The first segment of a run carries its name; others, and checkpoints, a number. */
  async writeIndex(made: 'run' | 'checkpoint', roots: readonly string[]): Promise<void> {
    const { store, device } = this.#repository;
    const packs = this.#unindexed;
    if (packs.length === 0) return;
    this.#unindexed = [];
    const number = made === 'run' && this.#indexSegments === 0 ? undefined : this.#indexSegments + 1;
    this.#indexSegments++;
    const info = { made, roots: [...roots], replaces: [] };
    await store.create(indexKey(device, this.#run, number), [encodeIndexSegment(info, packs)]);
  }
}

function sealed(chunks: readonly NewChunk[], perSegment: number) {
  const segments: PlacedSegment[] = [];
  const stored: Uint8Array[] = [];
  let offset = 0;
  for (let at = 0; at < chunks.length; at += perSegment) {
    const group = chunks.slice(at, at + perSegment);
    const ids = Buffer.concat(group.map(({ id }) => bytesOfChunkId(id)));
    const lengths = Uint32Array.from(group, ({ bytes }) => bytes.length);
    const made = sealSegment(Buffer.concat(group.map(({ bytes }) => bytes)), { ids, lengths }, undefined);
    segments.push({ ...made.segment, offset });
    stored.push(made.stored);
    offset += made.stored.length;
  }
  return { segments, stored };
}
