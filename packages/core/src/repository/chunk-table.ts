/**
 * Which chunks are stored and where, in memory: an open-addressing table over flat shared arrays, so that worker
 * threads can ask "is it known?" without a message and a million chunks cost 64 MB.
 */
import type { PackPlace } from '../keys.ts';
import { packText } from '../format/marks.ts';
import type { ChunkPlace } from '../format/index-segment.ts';
import type { Segment } from '../format/pack.ts';

const ID_BYTES = 32;
const ID_WORDS = 8;
const PLACE_WORDS = 6;

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
  #places: Uint32Array;
  #count = 0;
  readonly #packNumbers = new Map<string, number>();

  constructor(expected = 0) {
    const capacity = Math.max(1024, expected);
    this.ids = new Uint8Array(new SharedArrayBuffer(capacity * ID_BYTES));
    this.#places = new Uint32Array(capacity * PLACE_WORDS);
    this.slots = emptySlots(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** The number of a pack in `packs`; adds it if it is new. */
  packNumber(pack: PackPlace): number {
    const text = packText(pack);
    const known = this.#packNumbers.get(text);
    if (known !== undefined) return known;
    this.packs.push({ kind: pack.kind, run: pack.run, number: pack.number });
    this.#packNumbers.set(text, this.packs.length - 1);
    return this.packs.length - 1;
  }

  /** Adds a chunk at `at` in `id`; one that is known keeps its first place. Returns its entry number. */
  add(id: Uint8Array, at: number, place: ChunkPlace): number {
    const known = findChunk(this, id, at);
    if (known >= 0) return known;
    if (this.#count * ID_BYTES === this.ids.length) this.#grow();
    const entry = this.#count++;
    this.ids.set(id.subarray(at, at + ID_BYTES), entry * ID_BYTES);
    insert(this.slots, this.ids, entry);
    const words = entry * PLACE_WORDS;
    this.#places[words] = place.pack;
    this.#places[words + 1] = place.segmentOffset;
    this.#places[words + 2] = place.storedBytes;
    this.#places[words + 3] = place.rawBytes;
    this.#places[words + 4] = place.chunkOffset;
    this.#places[words + 5] = place.chunkBytes;
    return entry;
  }

  /** Adds all chunks of a segment that lies at `offset` of pack number `pack`. */
  addSegment(pack: number, offset: number, segment: Segment): void {
    let chunkOffset = 0;
    for (const [i, chunkBytes] of segment.lengths.entries()) {
      const { storedBytes, rawBytes } = segment;
      this.add(segment.ids, i * ID_BYTES, {
        pack,
        segmentOffset: offset,
        storedBytes,
        rawBytes,
        chunkOffset,
        chunkBytes,
      });
      chunkOffset += chunkBytes;
    }
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

/** At most half full, so that a search ends soon. */
const emptySlots = (capacity: number): Uint32Array =>
  new Uint32Array(new SharedArrayBuffer(4 * 2 ** Math.ceil(Math.log2(capacity * 2))));

function insert(slots: Uint32Array, ids: Uint8Array, entry: number): void {
  const mask = slots.length - 1;
  let slot = wordAt(ids, entry * ID_BYTES) & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = entry + 1;
}

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
