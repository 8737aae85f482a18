/**
 * A pack: segments back to back from byte 0, the directory, a fixed footer. It can be understood without any index.
 * The layout in bytes is in docs/repository-format.md, "Packs".
 */
import { hash } from 'node:crypto';
import { crc32, zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib';
import { BackupError, damage } from '../errors.ts';
import { PACK_BYTES_MAX, SEGMENT_RAW_BYTES_MAX } from '../limits.ts';

const MAGIC = Buffer.from('bak-pack', 'latin1');
const VERSION = 1;
const ID_BYTES = 32;
const SEGMENT_HEADER_BYTES = 16;
const CHUNK_BYTES = ID_BYTES + 4;
const ZSTD_MAGIC = 0xfd2fb528;
/** Magic, descriptor, window, content size of eight bytes. */
const ZSTD_HEADER_BYTES_MAX = 14;
/** SHA-256, directory length, version, magic. */
export const PACK_FOOTER_BYTES = 32 + 4 + 4 + 8;

/** A group of chunks compressed together. */
export interface Segment {
  /** Equal to `rawBytes` if and only if the bytes are stored as they are; otherwise they are one zstd frame. */
  readonly storedBytes: number;
  readonly rawBytes: number;
  /** CRC-32 (as in zlib) of the stored bytes. */
  readonly crc32: number;
  /** The chunks' ids, 32 bytes each, in the order of their bytes in the segment. */
  readonly ids: Uint8Array;
  /** The chunks' lengths, none of them 0; their sum is `rawBytes`. */
  readonly lengths: Uint32Array;
}

export interface PlacedSegment extends Segment {
  /** From the start of the pack. */
  readonly offset: number;
}

/** Compresses a segment's chunks. What does not shrink is stored as it is. `level` undefined: do not try. */
export function sealSegment(
  raw: Uint8Array,
  chunks: { readonly ids: Uint8Array; readonly lengths: Uint32Array },
  level: number | undefined,
): { readonly segment: Segment; readonly stored: Uint8Array } {
  const frame = level === undefined ? undefined : compress(raw, level);
  const stored = frame !== undefined && frame.length < raw.length ? frame : raw;
  return {
    segment: { storedBytes: stored.length, rawBytes: raw.length, crc32: crc32(stored), ...chunks },
    stored,
  };
}

/** The bytes of a segment before compression. `where` names the pack and segment in the error. */
export function openSegment(
  stored: Uint8Array,
  segment: { readonly rawBytes: number; readonly crc32?: number },
  where: string,
): Uint8Array {
  if (segment.rawBytes > SEGMENT_RAW_BYTES_MAX) throw damage(`${where} is damaged: a segment is too long`);
  if (segment.crc32 !== undefined && crc32(stored) !== segment.crc32)
    throw damage(`${where} is damaged: the checksum of a segment does not match`);
  if (stored.length === segment.rawBytes) return stored;
  if (statedContentBytes(stored) !== segment.rawBytes)
    throw damage(`${where} is damaged: a segment is not a zstd frame of the stated length`);
  try {
    const raw = zstdDecompressSync(stored, {
      maxOutputLength: Math.max(1, segment.rawBytes),
      chunkSize: segment.rawBytes + OUTPUT_SLACK,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    });
    if (raw.length === segment.rawBytes) return raw;
  } catch (cause) {
    throw damage(`${where} is damaged: a segment cannot be decompressed`, { cause });
  }
  throw damage(`${where} is damaged: a segment has another length than its directory says`);
}

/**
 * The content size in the header of a zstd frame without dictionary (RFC 8878, 3.1.1.1), or undefined. It bounds what
 * a decompressor allocates, so it is looked at before.
 */
function statedContentBytes(frame: Uint8Array): number | undefined {
  const view = Buffer.alloc(ZSTD_HEADER_BYTES_MAX); // The shortest frames are shorter than the longest header.
  view.set(frame.subarray(0, ZSTD_HEADER_BYTES_MAX));
  if (view.readUInt32LE(0) !== ZSTD_MAGIC) return undefined;
  const descriptor = view[4] as number;
  const singleSegment = (descriptor & 0x20) !== 0;
  const hasDictionaryOrReserved = (descriptor & 0x0b) !== 0;
  const at = singleSegment ? 5 : 6; // A frame that is not a single segment has a window descriptor before.
  if (hasDictionaryOrReserved) return undefined;
  switch (descriptor >> 6) {
    case 0:
      return singleSegment ? view[at] : undefined;
    case 1:
      return view.readUInt16LE(at) + 256;
    case 2:
      return view.readUInt32LE(at);
    default:
      return Number(view.readBigUInt64LE(at));
  }
}

/** The directory and footer that end a pack with these segments. */
export function encodePackEnd(segments: readonly Segment[]): Buffer {
  const chunkCount = segments.reduce((sum, segment) => sum + segment.lengths.length, 0);
  const directoryBytes = segments.length * SEGMENT_HEADER_BYTES + chunkCount * CHUNK_BYTES;
  const bytes = Buffer.alloc(directoryBytes + PACK_FOOTER_BYTES);
  let at = 0;
  for (const segment of segments) {
    assertSegment(segment);
    at = bytes.writeUInt32LE(segment.storedBytes, at);
    at = bytes.writeUInt32LE(segment.rawBytes, at);
    at = bytes.writeUInt32LE(segment.crc32, at);
    at = bytes.writeUInt32LE(segment.lengths.length, at);
    for (const [i, length] of segment.lengths.entries()) {
      bytes.set(segment.ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES), at);
      at = bytes.writeUInt32LE(length, at + ID_BYTES);
    }
  }
  const tail = at + 32;
  bytes.writeUInt32LE(directoryBytes, tail);
  bytes.writeUInt32LE(VERSION, tail + 4);
  bytes.set(MAGIC, tail + 8);
  bytes.write(footerHash(bytes.subarray(0, at), bytes.subarray(tail)), at, 'hex');
  return bytes;
}

function assertSegment(segment: Segment): void {
  const sum = segment.lengths.reduce((total, length) => total + length, 0);
  if (
    sum === 0 ||
    segment.lengths.includes(0) ||
    sum !== segment.rawBytes ||
    segment.ids.length !== segment.lengths.length * ID_BYTES ||
    sum > SEGMENT_RAW_BYTES_MAX
  )
    throw new Error('a segment is made of its chunks and nothing else');
}

/**
 * How many bytes before the end of the pack its directory and footer begin, from the pack's last PACK_FOOTER_BYTES.
 * Not verified yet: read that much, if the pack is that long, and give it to decodePackEnd.
 */
export function packEndBytes(footer: Uint8Array, key: string): number {
  const view = Buffer.from(footer.buffer, footer.byteOffset, footer.byteLength);
  if (view.length !== PACK_FOOTER_BYTES || !view.subarray(-8).equals(MAGIC))
    throw damage(`${key} is damaged: it does not end as a pack does`, { key });
  const endBytes = view.readUInt32LE(32) + PACK_FOOTER_BYTES;
  if (endBytes > PACK_BYTES_MAX) throw damage(`${key} is damaged: its directory is too long`, { key });
  return endBytes;
}

/**
 * The segments of a pack of `packBytes` bytes, from its end (at least directory and footer).
 * Throws OBJECT_DAMAGED, or FORMAT_UNKNOWN for an undamaged pack of another version.
 */
export function decodePackEnd(end: Uint8Array, packBytes: number, key: string): PlacedSegment[] {
  const bytes = Buffer.from(end.buffer, end.byteOffset, end.byteLength);
  if (bytes.length < PACK_FOOTER_BYTES) throw damage(`${key} is damaged: it is too short for a pack`, { key });
  const endBytes = packEndBytes(bytes.subarray(-PACK_FOOTER_BYTES), key);
  if (endBytes > bytes.length || endBytes > packBytes || packBytes > PACK_BYTES_MAX)
    throw damage(`${key} is damaged: its directory does not fit it`, { key });
  const directory = bytes.subarray(bytes.length - endBytes, bytes.length - PACK_FOOTER_BYTES);
  const tail = bytes.subarray(-16);
  const expected = bytes.subarray(bytes.length - PACK_FOOTER_BYTES, bytes.length - 16).toString('hex');
  if (footerHash(directory, tail) !== expected)
    throw damage(`${key} is damaged: the checksum of its directory does not match`, { key });
  const version = tail.readUInt32LE(4);
  if (version !== VERSION)
    throw new BackupError('FORMAT_UNKNOWN', `${key} has pack version ${version}, this program knows ${VERSION}`, {
      key,
      hint: 'use a newer backup-agent',
    });
  return decodeDirectory(directory, packBytes - endBytes, key);
}

function decodeDirectory(directory: Buffer, segmentBytes: number, key: string): PlacedSegment[] {
  const segments: PlacedSegment[] = [];
  let offset = 0;
  let at = 0;
  while (at < directory.length) {
    if (at + SEGMENT_HEADER_BYTES > directory.length)
      throw damage(`${key} is damaged: its directory is cut off`, { key });
    const storedBytes = directory.readUInt32LE(at);
    const rawBytes = directory.readUInt32LE(at + 4);
    const count = directory.readUInt32LE(at + 12);
    const chunksAt = at + SEGMENT_HEADER_BYTES;
    if (count > (directory.length - chunksAt) / CHUNK_BYTES)
      throw damage(`${key} is damaged: its directory is cut off`, { key });
    const { ids, lengths, sum } = decodeChunks(directory, chunksAt, count);
    if (lengths.length === 0 || lengths.includes(0))
      throw damage(`${key} is damaged: a segment or a chunk is empty`, { key });
    if (sum !== rawBytes || rawBytes > SEGMENT_RAW_BYTES_MAX || storedBytes > rawBytes)
      throw damage(`${key} is damaged: a segment's lengths contradict each other`, { key });
    segments.push({ offset, storedBytes, rawBytes, crc32: directory.readUInt32LE(at + 8), ids, lengths });
    offset += storedBytes;
    at = chunksAt + count * CHUNK_BYTES;
  }
  if (offset !== segmentBytes) throw damage(`${key} is damaged: its segments do not fill it`, { key });
  return segments;
}

function decodeChunks(directory: Buffer, start: number, count: number) {
  const ids = new Uint8Array(count * ID_BYTES);
  const lengths = new Uint32Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const at = start + i * CHUNK_BYTES;
    ids.set(directory.subarray(at, at + ID_BYTES), i * ID_BYTES);
    const length = directory.readUInt32LE(at + ID_BYTES);
    lengths[i] = length;
    sum += length;
  }
  return { ids, lengths, sum };
}

const footerHash = (directory: Uint8Array, tail: Uint8Array): string =>
  hash('sha256', Buffer.concat([directory, tail]));

/** A decompressor keeps a window as well as its output: no segment needs one longer than itself, 2^23 bytes. */
const WINDOW_LOG_MAX = Math.log2(SEGMENT_RAW_BYTES_MAX);
/** With room for all output at once zlib neither makes many small buffers nor joins them. */
const OUTPUT_SLACK = 64 * 1024;

const compress = (raw: Uint8Array, level: number): Buffer =>
  zstdCompressSync(raw, {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    pledgedSrcSize: raw.length,
    chunkSize: raw.length + OUTPUT_SLACK,
  });
