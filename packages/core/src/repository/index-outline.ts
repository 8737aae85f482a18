/** What an index segment says of its packs, without its records: one ranged read for nearly all of them. */
import { damage } from '../errors.ts';
import type { ObjectKey } from '../ids.ts';
import { KiB } from '../limits.ts';
import { INDEX_HEADER_BYTES, decodeIndexHeader, decodeIndexInfo, decodeIndexPacks } from '../format/index-segment.ts';
import type { IndexInfo, IndexedPack } from '../format/index-segment.ts';
import type { ObjectInfo, ObjectReader } from '../store/ports.ts';

export interface IndexOutline {
  readonly object: ObjectInfo;
  readonly packs: readonly IndexedPack[];
  readonly recordCount: number;
  readonly info: IndexInfo;
}

/** Room for 460 packs; and small segments come whole. */
const START_BYTES = 64 * KiB;
const HASH_BYTES = 32;

/**
 * Only the header is checked by a checksum: nothing may be deleted on this word alone.
 * Throws OBJECT_DAMAGED, OBJECT_MISSING or FORMAT_UNKNOWN.
 */
export async function readIndexOutline(store: ObjectReader, object: ObjectInfo): Promise<IndexOutline> {
  const key = object.key as ObjectKey;
  if (object.bytes < INDEX_HEADER_BYTES + HASH_BYTES) throw damage(`${key} is damaged: it is too short`, { key });
  const start = await store.readRange(key, 0, Math.min(START_BYTES, object.bytes));
  const header = decodeIndexHeader(start, key);
  if (header.infoAt + header.infoBytes + HASH_BYTES !== object.bytes)
    throw damage(`${key} is damaged: its length is wrong`, { key });
  const range = async (from: number, to: number): Promise<Uint8Array> =>
    to <= start.length ? start.subarray(from, to) : store.readRange(key, from, to - from);
  return {
    object,
    packs: decodeIndexPacks(await range(INDEX_HEADER_BYTES, header.recordsAt), key),
    recordCount: header.recordCount,
    info: decodeIndexInfo(await range(header.infoAt, header.infoAt + header.infoBytes), key),
  };
}
