/** The chunks that this run stores, from claim to upload. Only uploaded ones may be named by a catalog page. */
import { ChunkTable, findChunk } from '@backup-agent/core';
import type { Segment } from '@backup-agent/core';

const ID_BYTES = 32;
const NO_PLACE = { pack: 0, segmentOffset: 0, storedBytes: 0, rawBytes: 0, chunkOffset: 0, chunkBytes: 0 };
const CLAIMED = -1;

export class RunChunks {
  readonly #ids = new ChunkTable();
  /** Data pack of each chunk by entry number, or CLAIMED. */
  readonly #packs: number[] = [];
  readonly #uploaded = new Set<number>();

  get count(): number {
    return this.#ids.count;
  }

  /** Grants each chunk that nobody has claimed yet: 1 for it, 0 for the others. */
  claim(ids: Uint8Array): Uint8Array {
    const mine = new Uint8Array(ids.length / ID_BYTES);
    for (let i = 0; i < mine.length; i++) {
      const before = this.#ids.count;
      this.#ids.add(ids, i * ID_BYTES, NO_PLACE);
      if (this.#ids.count > before) {
        mine[i] = 1;
        this.#packs.push(CLAIMED);
      }
    }
    return mine;
  }

  packed(segment: Segment, pack: number): void {
    for (let i = 0; i < segment.lengths.length; i++)
      this.#packs[findChunk(this.#ids, segment.ids, i * ID_BYTES)] = pack;
  }

  uploaded(pack: number): void {
    this.#uploaded.add(pack);
  }

  /** The entry number of a chunk of this run, or -1. */
  find(id: Uint8Array, at: number): number {
    return findChunk(this.#ids, id, at);
  }

  isUploaded(entry: number): boolean {
    const pack = this.#packs[entry];
    return pack !== undefined && pack !== CLAIMED && this.#uploaded.has(pack);
  }
}
