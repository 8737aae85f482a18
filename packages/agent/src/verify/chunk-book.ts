/** In which packs each chunk lies: unlike a ChunkTable it knows all of them. */
import {
  ChunkTable,
  INDEX_RECORD_BYTES,
  ID_BYTES,
  bytesOfChunkId,
  chunkIdOfBytes,
  chunkPlace,
  findChunk,
  recordId,
} from '@backup-agent/core';
import type { ChunkId, ChunkPlace, IndexSegment, PlacedSegment } from '@backup-agent/core';
import type { KnownPack } from './pack-book.ts';

export class ChunkBook {
  readonly #packs: readonly KnownPack[];
  readonly #table: ChunkTable;
  /** By entry number: packs besides the one in the table. */
  readonly #others = new Map<number, number[]>();

  constructor(packs: readonly KnownPack[], expected: number) {
    this.#packs = packs;
    this.#table = new ChunkTable(expected);
  }

  /** The chunk's entry number, or -1. */
  find(id: ChunkId): number {
    return findChunk(this.#table, bytesOfChunkId(id));
  }

  /** The same for the n-th of ids that lie back to back. */
  findAt(ids: Uint8Array, n: number): number {
    return findChunk(this.#table, ids, n * ID_BYTES);
  }

  idOf(entry: number): ChunkId {
    return chunkIdOfBytes(this.#table.ids.subarray(entry * ID_BYTES, (entry + 1) * ID_BYTES));
  }

  chunkBytes(entry: number): number {
    return this.#table.chunkBytes(entry);
  }

  /** The place that was entered first. */
  place(entry: number): ChunkPlace & { readonly in: KnownPack } {
    const place = this.#table.place(entry);
    return { ...place, in: this.#packs[place.pack] as KnownPack };
  }

  packsOf(entry: number): KnownPack[] {
    const ids = [this.#table.place(entry).pack, ...(this.#others.get(entry) ?? [])];
    return ids.map((id) => this.#packs[id] as KnownPack);
  }

  /** Whether some pack holds the chunk undamaged, as far as is known. */
  isThere(entry: number): boolean {
    return this.packsOf(entry).some((pack) => !isLostIn(pack, entry));
  }

  /** `packs`: those of the segment's table, by their position in it. */
  addRecords({ records }: IndexSegment, packs: readonly KnownPack[]): void {
    for (let i = 0; i < records.length / INDEX_RECORD_BYTES; i++) {
      const place = chunkPlace(records, i);
      this.#add(recordId(records, i), 0, { ...place, pack: (packs[place.pack] as KnownPack).id });
    }
  }

  addDirectory(pack: KnownPack, segments: readonly PlacedSegment[]): void {
    for (const { offset: segmentOffset, storedBytes, rawBytes, ids, lengths } of segments) {
      let chunkOffset = 0;
      for (const [n, chunkBytes] of lengths.entries()) {
        this.#add(ids, n * ID_BYTES, { pack: pack.id, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes });
        chunkOffset += chunkBytes;
      }
    }
  }

  #add(ids: Uint8Array, at: number, place: ChunkPlace): void {
    const before = this.#table.count;
    const entry = this.#table.add(ids, at, place);
    if (this.#table.count > before || this.#table.place(entry).pack === place.pack) return;
    const others = this.#others.get(entry) ?? [];
    if (!others.includes(place.pack)) this.#others.set(entry, [...others, place.pack]);
  }
}

/** Whether this pack lacks the chunk although it should hold it. */
export function isLostIn({ loss }: KnownPack, entry: number): boolean {
  if (typeof loss === 'string') return loss !== 'nothing';
  return loss.has(entry);
}
