/**
 * The records of an index segment: chunk id and place, fixed in width, sorted by id.
 * Layout: docs/repository-format.md, "Index segments".
 */
import { PACK_BYTES_MAX, SEGMENT_RAW_BYTES_MAX } from '../limits.ts';

export const ID_BYTES = 32;
/** Chunk id and six numbers. */
export const INDEX_RECORD_BYTES = ID_BYTES + 6 * 4;

/** Where a chunk lies: a segment of a pack, and a range of the segment's raw bytes. */
export interface ChunkPlace {
  /** Position in the segment's pack table. */
  readonly pack: number;
  readonly segmentOffset: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly chunkOffset: number;
  readonly chunkBytes: number;
}

/** The range of records, [first, end), whose ids begin with this byte. */
export function recordRange(header: { readonly fanOut: Uint32Array }, firstByte: number): [first: number, end: number] {
  return [firstByte === 0 ? 0 : (header.fanOut[firstByte - 1] as number), header.fanOut[firstByte] as number];
}

/** The number of the first record at or after the id, in sorted records. */
export function lowerBound(records: Buffer, id: Uint8Array): number {
  let low = 0;
  let high = records.length / INDEX_RECORD_BYTES;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = middle * INDEX_RECORD_BYTES;
    if (records.compare(id, 0, ID_BYTES, at, at + ID_BYTES) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * All places of a chunk among sorted records (the whole of a segment's, or a recordRange of them). Impossible ones are
 * left out: a reader of ranges has verified no checksum over them. `pack` is still to be compared with packCount.
 */
export function findChunkPlaces(records: Buffer, id: Uint8Array): ChunkPlace[] {
  const places: ChunkPlace[] = [];
  for (let i = lowerBound(records, id); (i + 1) * INDEX_RECORD_BYTES <= records.length; i++) {
    const at = i * INDEX_RECORD_BYTES;
    if (records.compare(id, 0, ID_BYTES, at, at + ID_BYTES) !== 0) break;
    const place = chunkPlace(records, i);
    if (isPossible(place)) places.push(place);
  }
  return places;
}

/** Whether a segment of the format can be so, and the chunk lie in it. */
export const isPossible = (place: ChunkPlace): boolean =>
  place.rawBytes <= SEGMENT_RAW_BYTES_MAX &&
  place.storedBytes <= place.rawBytes &&
  place.segmentOffset + place.storedBytes <= PACK_BYTES_MAX &&
  place.chunkOffset + place.chunkBytes <= place.rawBytes;

/** The place in record number `i`. */
export function chunkPlace(records: Buffer, i: number): ChunkPlace {
  const at = i * INDEX_RECORD_BYTES + ID_BYTES;
  return {
    pack: records.readUInt32LE(at),
    segmentOffset: records.readUInt32LE(at + 4),
    storedBytes: records.readUInt32LE(at + 8),
    rawBytes: records.readUInt32LE(at + 12),
    chunkOffset: records.readUInt32LE(at + 16),
    chunkBytes: records.readUInt32LE(at + 20),
  };
}

/** The id in record number `i`: a view, not a copy. */
export const recordId = (records: Buffer, i: number): Buffer =>
  records.subarray(i * INDEX_RECORD_BYTES, i * INDEX_RECORD_BYTES + ID_BYTES);
