/**
 * Which chunks are stored and where, in memory: an open-addressing table over flat shared arrays, so that worker
 * threads can ask "is it known?" without a message and a million chunks cost 64 MB.
 */
import { chunkIdOfBytes } from '../ids.ts';
import type { ChunkId } from '../ids.ts';
import type { PackPlace } from '../keys.ts';
import { packText } from '../format/marks.ts';
import { ID_BYTES, INDEX_RECORD_BYTES } from '../format/index-records.ts';
import type { ChunkPlace } from '../format/index-records.ts';
import type { Segment } from '../format/pack.ts';

const ID_WORDS = 8;
const PLACE_WORDS = 6;

/** Chunks that a pack should hold and does not, by packText: nothing may rest on them. */
export type DamagedChunks = ReadonlyMap<string, ReadonlySet<ChunkId>>;

/** What a worker needs to look chunks up. */
export interface SharedChunkIds {
  /** Entry number + 1 per slot, 0 for an empty one; a power of two of them. */
  readonly slots: Uint32Array;
  /** The ids of the entries, back to back. */
  readonly ids: Uint8Array;
}

/** The entry number of a chunk id at `at` in `id`, or -1. */
export function findChunk(table: SharedChunkIds, id: Uint8Array, at = 0): number {
  const mask = table.slots.length - 1;
  for (let slot = wordAt(id, at) & mask; ; slot = (slot + 1) & mask) {
    const entry = (table.slots[slot] as number) - 1;
    if (entry < 0 || sameId(table.ids, entry * ID_BYTES, id, at)) return entry;
  }
}

export class ChunkTable implements SharedChunkIds {
  slots: Uint32Array;
  ids: Uint8Array;
  readonly packs: PackPlace[] = [];
  /**
   * Per pack of `packs`: the sum over all chunks added for it, also of those known from elsewhere, of their shares of
   * their segments' stored bytes, see shareOf.
   */
  readonly packStoredBytes: number[] = [];
  #places: Uint32Array;
  #count = 0;
  readonly #packNumbers = new Map<string, number>();
  readonly #packsLanded: number[] = [];

  constructor(expected = 0) {
    const capacity = Math.max(1024, expected);
    this.ids = new Uint8Array(new SharedArrayBuffer(capacity * ID_BYTES));
    this.#places = new Uint32Array(capacity * PLACE_WORDS);
    this.slots = emptySlots(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The number of a pack in `packs`; adds it if it is new. `landed`: store time, where a listing told it; a pack without
   * takes no chunk from another.
   */
  packNumber(pack: PackPlace, landed?: Date): number {
    const text = packText(pack);
    const known = this.#packNumbers.get(text);
    if (known !== undefined) return known;
    this.packs.push({ kind: pack.kind, run: pack.run, number: pack.number });
    this.packStoredBytes.push(0);
    this.#packsLanded.push(landed?.getTime() ?? -Infinity);
    this.#packNumbers.set(text, this.packs.length - 1);
    return this.packs.length - 1;
  }

  /**
   * Adds a chunk at `at` in `id`; of several places it keeps the one in the pack that landed last, or the first of them.
   * (A chunk is stored once more only where the copies before were marked or damaged.) Returns its entry number.
   */
  add(id: Uint8Array, at: number, place: ChunkPlace): number {
    const { pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes } = place;
    return this.#put(id, at, pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes);
  }

  /** Adds all chunks of a segment that lies at `offset` of pack number `pack`, without the damaged ones. */
  addSegment(pack: number, offset: number, segment: Segment, damaged?: ReadonlySet<ChunkId>): void {
    const { ids, lengths, storedBytes, rawBytes } = segment;
    let chunkOffset = 0;
    for (const [i, chunkBytes] of lengths.entries()) {
      if (damaged === undefined || !damaged.has(idAt(ids, i * ID_BYTES)))
        this.#put(ids, i * ID_BYTES, pack, offset, storedBytes, rawBytes, chunkOffset, chunkBytes);
      else this.#countStored(pack, storedBytes, rawBytes, chunkBytes);
      chunkOffset += chunkBytes;
    }
  }

  /**
   * Adds the records of an index segment. `packNumbers`: position in the segment's pack table -> number in `packs`, or
   * -1 for a pack whose records are left out. `damaged`: by number in `packs`, chunks that are not added.
   */
  addRecords(records: Buffer, packNumbers: Int32Array, damaged?: ReadonlyMap<number, ReadonlySet<ChunkId>>): void {
    for (let at = 0; at + INDEX_RECORD_BYTES <= records.length; at += INDEX_RECORD_BYTES) {
      const words = at + ID_BYTES;
      const pack = packNumbers[records.readUInt32LE(words)] ?? -1;
      if (pack < 0) continue;
      if (damaged?.get(pack)?.has(idAt(records, at)) === true) {
        const [storedBytes, rawBytes] = [records.readUInt32LE(words + 8), records.readUInt32LE(words + 12)];
        this.#countStored(pack, storedBytes, rawBytes, records.readUInt32LE(words + 20));
        continue;
      }
      this.#put(
        records,
        at,
        pack,
        records.readUInt32LE(words + 4),
        records.readUInt32LE(words + 8),
        records.readUInt32LE(words + 12),
        records.readUInt32LE(words + 16),
        records.readUInt32LE(words + 20),
      );
    }
  }

  /** Eight arguments, for an object per record would be most of the time that a large index takes to load. */
  #put(
    id: Uint8Array,
    at: number,
    pack: number,
    segmentOffset: number,
    storedBytes: number,
    rawBytes: number,
    chunkOffset: number,
    chunkBytes: number,
  ): number {
    this.#countStored(pack, storedBytes, rawBytes, chunkBytes);
    let entry = findChunk(this, id, at);
    if (entry >= 0 && !this.#isNewer(pack, this.#places[entry * PLACE_WORDS] as number)) return entry;
    if (entry < 0) entry = this.#addId(id, at);
    const words = entry * PLACE_WORDS;
    this.#places[words] = pack;
    this.#places[words + 1] = segmentOffset;
    this.#places[words + 2] = storedBytes;
    this.#places[words + 3] = rawBytes;
    this.#places[words + 4] = chunkOffset;
    this.#places[words + 5] = chunkBytes;
    return entry;
  }

  #addId(id: Uint8Array, at: number): number {
    if (this.#count * ID_BYTES === this.ids.length) this.#grow();
    const entry = this.#count++;
    const start = entry * ID_BYTES;
    for (let i = 0; i < ID_BYTES; i++) this.ids[start + i] = id[at + i] as number;
    insert(this.slots, this.ids, entry);
    return entry;
  }

  #countStored(pack: number, storedBytes: number, rawBytes: number, chunkBytes: number): void {
    this.packStoredBytes[pack] = (this.packStoredBytes[pack] ?? 0) + (storedBytes * chunkBytes) / Math.max(1, rawBytes);
  }

  #isNewer(pack: number, other: number): boolean {
    return (this.#packsLanded[pack] ?? -Infinity) > (this.#packsLanded[other] ?? -Infinity);
  }

  /** Gives a chunk that is known another place. */
  move(id: Uint8Array, place: ChunkPlace): void {
    const entry = findChunk(this, id);
    if (entry < 0) throw new Error('a chunk is added before it is moved');
    const { pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes } = place;
    this.#places.set([pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes], entry * PLACE_WORDS);
  }

  place(entry: number): ChunkPlace {
    const words = entry * PLACE_WORDS;
    const word = (i: number): number => this.#places[words + i] as number;
    return {
      pack: word(0),
      segmentOffset: word(1),
      storedBytes: word(2),
      rawBytes: word(3),
      chunkOffset: word(4),
      chunkBytes: word(5),
    };
  }

  chunkBytes(entry: number): number {
    return this.#places[entry * PLACE_WORDS + 5] as number;
  }

  /** The order of two chunks in their packs, segment by segment. */
  comparePlaces(a: number, b: number): number {
    for (let i = 0; i < PLACE_WORDS; i++) {
      const order = (this.#places[a * PLACE_WORDS + i] as number) - (this.#places[b * PLACE_WORDS + i] as number);
      if (order !== 0) return order;
    }
    return 0;
  }

  #grow(): void {
    const capacity = this.#count * 2;
    const ids = new Uint8Array(new SharedArrayBuffer(capacity * ID_BYTES));
    ids.set(this.ids);
    this.ids = ids;
    const places = new Uint32Array(capacity * PLACE_WORDS);
    places.set(this.#places);
    this.#places = places;
    this.slots = emptySlots(capacity);
    for (let entry = 0; entry < this.#count; entry++) insert(this.slots, this.ids, entry);
  }
}

/** What a chunk costs in the store: its part of its segment's stored bytes. */
export const shareOf = (place: Pick<ChunkPlace, 'storedBytes' | 'rawBytes' | 'chunkBytes'>): number =>
  (place.storedBytes * place.chunkBytes) / Math.max(1, place.rawBytes);

/** At most half full, so that a search ends soon. */
const emptySlots = (capacity: number): Uint32Array =>
  new Uint32Array(new SharedArrayBuffer(4 * 2 ** Math.ceil(Math.log2(capacity * 2))));

function insert(slots: Uint32Array, ids: Uint8Array, entry: number): void {
  const mask = slots.length - 1;
  let slot = wordAt(ids, entry * ID_BYTES) & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = entry + 1;
}

const idAt = (ids: Uint8Array, at: number): ChunkId => chunkIdOfBytes(ids.subarray(at, at + ID_BYTES));

/** SHA-256 is uniform: any four bytes of an id are a good hash of it. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0;

function sameId(ids: Uint8Array, idsAt: number, id: Uint8Array, at: number): boolean {
  for (let i = 0; i < ID_WORDS * 4; i++) if (ids[idsAt + i] !== id[at + i]) return false;
  return true;
}
