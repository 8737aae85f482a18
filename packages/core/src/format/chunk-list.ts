/**
 * Lists of chunk ids, for files of more than ENTRY_CHUNKS_MAX chunks: the ids' 32 bytes back to back, cut at
 * content-defined places so that a change in a large file costs one list and not all that follow.
 */
import { damage } from '../errors.ts';
import { chunkIdOfBytes } from '../ids.ts';
import type { ChunkId } from '../ids.ts';

const ID_BYTES = 32;
export const LIST_IDS_MIN = 128;
export const LIST_IDS_MAX = 2_048;
/** One id in 512 may end a list. */
const CUT_MASK = 0x1ff;

/** The lists' bytes, each to be stored as a chunk. A list ends after an id whose first two bytes (LE) have 9 zero bits. */
export function encodeChunkLists(ids: readonly ChunkId[]): Buffer[] {
  const lists: Buffer[] = [];
  let first = 0;
  for (let i = 0; i < ids.length; i++) {
    const count = i + 1 - first;
    const cut = (Buffer.from((ids[i] as string).slice(0, 4), 'hex').readUInt16LE(0) & CUT_MASK) === 0;
    if (count === LIST_IDS_MAX || (count >= LIST_IDS_MIN && cut) || i === ids.length - 1) {
      lists.push(Buffer.from(ids.slice(first, i + 1).join(''), 'hex'));
      first = i + 1;
    }
  }
  return lists;
}

/** Throws OBJECT_DAMAGED if the bytes are not whole ids. */
export function decodeChunkList(bytes: Uint8Array, where: string): ChunkId[] {
  if (bytes.length === 0 || bytes.length % ID_BYTES !== 0 || bytes.length > LIST_IDS_MAX * ID_BYTES)
    throw damage(`${where} is damaged: not a list of chunk ids`);
  return Array.from({ length: bytes.length / ID_BYTES }, (_, i) => chunkIdOfBytes(bytes.subarray(i * ID_BYTES)));
}
