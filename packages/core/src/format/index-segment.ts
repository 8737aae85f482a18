/**
 * An index segment: which chunk lies in which pack and where, in fixed-width records sorted by chunk id behind a
 * 256-entry fan-out, so that one ranged read finds a chunk. Layout: docs/repository-format.md, "Index segments".
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { BackupError, damage } from '../errors.ts';
import { isRunId } from '../ids.ts';
import { PACK_NUMBER_MAX } from '../keys.ts';
import type { PackPlace } from '../keys.ts';
import { INDEX_BYTES_MAX, INDEX_RECORDS_MAX, JSON_BYTES_MAX } from '../limits.ts';
import type { ObjectChecksum } from '../store/ports.ts';
import { ID_BYTES, INDEX_RECORD_BYTES, chunkPlace, isPossible } from './index-records.ts';
import type { PlacedSegment } from './pack.ts';
import { sortIndexRecords } from './sort-index-records.ts';

const MAGIC = Buffer.from('bakindex', 'latin1');
const VERSION = 1;
const HASH_BYTES = 32;
const HEADER_CRC_AT = 24;
const FAN_OUT_AT = 32;
/** Header and fan-out; the pack table follows. */
export const INDEX_HEADER_BYTES = FAN_OUT_AT + 256 * 4;
export const INDEX_PACK_BYTES = 136;
const ETAG_BYTES_MAX = 48;
const RUN_ID_BYTES = 25;

/** A pack as its uploader saw it. */
export interface IndexedPack extends PackPlace {
  readonly bytes: number;
  readonly etag: string | undefined;
  readonly checksum: ObjectChecksum | undefined;
}

const indexInfoSchema = z.object({
  made: z.enum(['run', 'checkpoint', 'repair', 'compaction']),
  /** Absolute paths of the roots of the run. */
  roots: z.array(z.string()),
  /** Keys' last components of the index segments that this one replaces. */
  replaces: z.array(z.string()),
});
export type IndexInfo = z.output<typeof indexInfoSchema>;

export interface IndexHeader {
  readonly packCount: number;
  readonly recordCount: number;
  readonly recordsAt: number;
  readonly infoAt: number;
  readonly infoBytes: number;
  /** fanOut[b] = number of records whose id's first byte is at most b. */
  readonly fanOut: Uint32Array;
}

export interface IndexSegment {
  readonly info: IndexInfo;
  readonly packs: readonly IndexedPack[];
  /** Fixed-width records, see chunkPlace. */
  readonly records: Buffer;
}

/** The bytes of an index segment over these packs. Of chunks that lie in several places all are kept. */
export function encodeIndexSegment(
  info: IndexInfo,
  packs: readonly { readonly pack: IndexedPack; readonly segments: readonly PlacedSegment[] }[],
): Buffer {
  const ofPacks = packs.map(({ segments }) => segments);
  const count = ofPacks.flat().reduce((sum, { lengths }) => sum + lengths.length, 0);
  if (count > INDEX_RECORDS_MAX) throw new Error('an index segment is cut before it holds too many records');
  return sealed(
    info,
    packs.map(({ pack }) => pack),
    { count, write: (records) => writeRecords(records, ofPacks) },
  );
}

/**
 * One segment that says what these say of the packs that `keeps` chooses. A pack that several name is taken from the
 * first: each tells all of it.
 */
export function mergeIndexSegments(
  info: IndexInfo,
  segments: readonly IndexSegment[],
  keeps: (pack: IndexedPack) => boolean,
): Buffer {
  const packs: IndexedPack[] = [];
  const taken = new Set<string>();
  const numbers = segments.map((segment) =>
    Int32Array.from(segment.packs, (pack) => {
      const text = `${pack.kind}/${pack.run}/${pack.number}`;
      if (taken.has(text) || !keeps(pack)) return -1;
      taken.add(text);
      return packs.push(pack) - 1;
    }),
  );
  const count = segments.reduce((sum, { records }, i) => sum + countOfKept(records, numbers[i] as Int32Array), 0);
  if (count > INDEX_RECORDS_MAX) throw new Error('no more segments are merged than one can hold');
  const write = (merged: Buffer): void => {
    let at = 0;
    for (const [i, { records }] of segments.entries()) {
      for (let from = 0; from < records.length; from += INDEX_RECORD_BYTES) {
        const pack = (numbers[i] as Int32Array)[records.readUInt32LE(from + ID_BYTES)] ?? -1;
        if (pack < 0) continue;
        records.copy(merged, at, from, from + INDEX_RECORD_BYTES);
        merged.writeUInt32LE(pack, at + ID_BYTES);
        at += INDEX_RECORD_BYTES;
      }
    }
  };
  return sealed(info, packs, { count, write });
}

function countOfKept(records: Buffer, numbers: Int32Array): number {
  let count = 0;
  for (let at = ID_BYTES; at < records.length; at += INDEX_RECORD_BYTES)
    if ((numbers[records.readUInt32LE(at)] ?? -1) >= 0) count++;
  return count;
}

interface UnsortedRecords {
  readonly count: number;
  /** Puts them down in any order. */
  readonly write: (records: Buffer) => void;
}

/** Records are written and sorted in place: a segment may be large, and lies in memory once. */
function sealed(info: IndexInfo, packs: readonly IndexedPack[], { count, write }: UnsortedRecords): Buffer {
  const infoBytes = Buffer.from(JSON.stringify(info), 'utf8');
  const recordsAt = INDEX_HEADER_BYTES + packs.length * INDEX_PACK_BYTES;
  const infoAt = recordsAt + count * INDEX_RECORD_BYTES;
  const bytes = Buffer.alloc(infoAt + infoBytes.length + HASH_BYTES);
  bytes.set(MAGIC, 0);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(packs.length, 12);
  bytes.writeUInt32LE(count, 16);
  bytes.writeUInt32LE(infoBytes.length, 20);
  packs.forEach((pack, i) => writePack(bytes, INDEX_HEADER_BYTES + i * INDEX_PACK_BYTES, pack));
  const records = bytes.subarray(recordsAt, infoAt);
  write(records);
  sortIndexRecords(records);
  const counts = new Uint32Array(256);
  for (let at = 0; at < records.length; at += INDEX_RECORD_BYTES) {
    const first = records[at] as number;
    counts[first] = (counts[first] as number) + 1;
  }
  let sum = 0;
  counts.forEach((count, i) => bytes.writeUInt32LE((sum += count), FAN_OUT_AT + i * 4));
  bytes.writeUInt32LE(headerCrc(bytes), HEADER_CRC_AT);
  bytes.set(infoBytes, infoAt);
  bytes.write(hash('sha256', bytes.subarray(0, -HASH_BYTES)), bytes.length - HASH_BYTES, 'hex');
  return bytes;
}

/** CRC-32 of header and fan-out without its own four bytes: ranged readers do not see the trailing SHA-256. */
const headerCrc = (bytes: Buffer): number =>
  crc32(bytes.subarray(HEADER_CRC_AT + 4, INDEX_HEADER_BYTES), crc32(bytes.subarray(0, HEADER_CRC_AT)));

function writeRecords(records: Buffer, ofPacks: readonly (readonly PlacedSegment[])[]): void {
  let at = 0;
  for (const [pack, segments] of ofPacks.entries()) {
    for (const segment of segments) {
      let chunkOffset = 0;
      for (const [i, chunkBytes] of segment.lengths.entries()) {
        records.set(segment.ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES), at);
        at += ID_BYTES;
        for (const value of [pack, segment.offset, segment.storedBytes, segment.rawBytes, chunkOffset, chunkBytes])
          at = records.writeUInt32LE(value, at);
        chunkOffset += chunkBytes;
      }
    }
  }
}

function writePack(bytes: Buffer, at: number, pack: IndexedPack): void {
  const etag = pack.etag !== undefined && Buffer.byteLength(pack.etag) <= ETAG_BYTES_MAX ? pack.etag : '';
  bytes[at] = pack.kind === 'data' ? 0 : 1;
  bytes[at + 1] = etag.length;
  bytes[at + 2] = pack.checksum === undefined ? 0 : 1;
  bytes.writeUInt32LE(pack.number, at + 4);
  bytes.writeBigUInt64LE(BigInt(pack.bytes), at + 8);
  bytes.writeUInt32LE(pack.checksum?.partBytes ?? 0, at + 16);
  bytes.writeUInt32LE(pack.checksum?.parts ?? 0, at + 20);
  bytes.write(pack.run, at + 24, 'latin1');
  if (pack.checksum !== undefined) bytes.write(pack.checksum.value, at + 56, 'hex');
  bytes.write(etag, at + 88, 'latin1');
}

function readPack(row: Buffer, key: string): IndexedPack {
  const run = row.toString('latin1', 24, 24 + RUN_ID_BYTES);
  const number = row.readUInt32LE(4);
  const bytes = Number(row.readBigUInt64LE(8));
  const etagBytes = row[1] as number;
  if (
    !isRunId(run) ||
    number > PACK_NUMBER_MAX ||
    (row[0] as number) > 1 ||
    (row[2] as number) > 1 ||
    etagBytes > ETAG_BYTES_MAX ||
    !Number.isSafeInteger(bytes)
  )
    throw damage(`${key} is damaged: its pack table is not valid`, { key });
  return {
    kind: row[0] === 0 ? 'data' : 'meta',
    run,
    number,
    bytes,
    etag: etagBytes === 0 ? undefined : row.toString('latin1', 88, 88 + etagBytes),
    checksum:
      row[2] === 0
        ? undefined
        : {
            algorithm: 'sha256',
            partBytes: row.readUInt32LE(16),
            parts: row.readUInt32LE(20),
            value: row.toString('hex', 56, 88),
          },
  };
}

/**
 * The header, from at least the first INDEX_HEADER_BYTES bytes.
 * Throws OBJECT_DAMAGED, or FORMAT_UNKNOWN for an undamaged header of another version.
 */
export function decodeIndexHeader(start: Uint8Array, key: string): IndexHeader {
  const bytes = asBuffer(start);
  if (bytes.length < INDEX_HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC))
    throw damage(`${key} is damaged: it does not begin as an index segment does`, { key });
  if (headerCrc(bytes) !== bytes.readUInt32LE(HEADER_CRC_AT))
    throw damage(`${key} is damaged: the checksum of its header does not match`, { key });
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION)
    throw new BackupError('FORMAT_UNKNOWN', `${key} has index version ${version}, this program knows ${VERSION}`, {
      key,
      hint: 'use a newer backup-agent',
    });
  const packCount = bytes.readUInt32LE(12);
  const recordCount = bytes.readUInt32LE(16);
  const infoBytes = bytes.readUInt32LE(20);
  const fanOut = new Uint32Array(256);
  let previous = 0;
  for (let i = 0; i < 256; i++) {
    const count = bytes.readUInt32LE(FAN_OUT_AT + i * 4);
    if (count < previous) throw damage(`${key} is damaged: its fan-out does not ascend`, { key });
    fanOut[i] = previous = count;
  }
  const recordsAt = INDEX_HEADER_BYTES + packCount * INDEX_PACK_BYTES;
  const infoAt = recordsAt + recordCount * INDEX_RECORD_BYTES;
  if (
    previous !== recordCount ||
    recordCount > INDEX_RECORDS_MAX ||
    infoBytes > JSON_BYTES_MAX ||
    infoAt > INDEX_BYTES_MAX
  )
    throw damage(`${key} is damaged: its header contradicts itself`, { key });
  return { packCount, recordCount, recordsAt, infoAt, infoBytes, fanOut };
}

/** Throws OBJECT_DAMAGED, or FORMAT_UNKNOWN for an undamaged segment of another version. */
export function decodeIndexSegment(segment: Uint8Array, key: string): IndexSegment {
  const bytes = asBuffer(segment);
  const hashAt = bytes.length - HASH_BYTES;
  if (hashAt < INDEX_HEADER_BYTES || hash('sha256', bytes.subarray(0, hashAt)) !== bytes.toString('hex', hashAt))
    throw damage(`${key} is damaged: its checksum does not match`, { key });
  const header = decodeIndexHeader(bytes, key);
  if (header.infoAt + header.infoBytes !== hashAt) throw damage(`${key} is damaged: its length is wrong`, { key });
  const packs = decodeIndexPacks(bytes.subarray(INDEX_HEADER_BYTES, header.recordsAt), key);
  const records = bytes.subarray(header.recordsAt, header.infoAt);
  for (let i = 0; i < header.recordCount; i++) {
    const place = chunkPlace(records, i);
    if (place.pack >= packs.length)
      throw damage(`${key} is damaged: a record names a pack that its table lacks`, { key });
    if (!isPossible(place)) throw damage(`${key} is damaged: a record's lengths contradict each other`, { key });
  }
  return { info: decodeIndexInfo(bytes.subarray(header.infoAt, hashAt), key), packs, records };
}

/** The rows of the pack table. */
export function decodeIndexPacks(table: Uint8Array, key: string): IndexedPack[] {
  const bytes = asBuffer(table);
  return Array.from({ length: Math.floor(bytes.length / INDEX_PACK_BYTES) }, (_, i) =>
    readPack(bytes.subarray(i * INDEX_PACK_BYTES, (i + 1) * INDEX_PACK_BYTES), key),
  );
}

/** Throws OBJECT_DAMAGED. */
export function decodeIndexInfo(bytes: Uint8Array, key: string): IndexInfo {
  let value: unknown;
  try {
    value = JSON.parse(asBuffer(bytes).toString('utf8'));
  } catch (cause) {
    throw damage(`${key} is damaged: its information is not JSON`, { key, cause });
  }
  const parsed = indexInfoSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw damage(`${key} is damaged: its information is not valid`, { key });
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
