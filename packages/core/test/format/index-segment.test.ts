import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  INDEX_HEADER_BYTES,
  INDEX_PACK_BYTES,
  INDEX_RECORD_BYTES,
  PACK_BYTES_MAX,
  SEGMENT_RAW_BYTES_MAX,
  chunkPlace,
  decodeIndexHeader,
  decodeIndexPacks,
  decodeIndexSegment,
  encodeIndexSegment,
  findChunkPlaces,
  parseRunId,
  recordId,
  recordRange,
} from '../../src/index.ts';
import type { ChunkPlace, IndexInfo, IndexedPack, PlacedSegment } from '../../src/index.ts';
import { expectDamageEverywhere, outcomeOf, withByte } from '../kit/hostile-bytes.ts';

const KEY = 'v1/devices/desk-1/index/20260105T080000Z-0a1b2c3d';
const RUN = parseRunId('20260105T080000Z-0a1b2c3d');
const INFO: IndexInfo = { made: 'run', roots: ['/home/ada'], replaces: [] };

const hexDigest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const packs: fc.Arbitrary<IndexedPack> = fc.record({
  kind: fc.constantFrom('data', 'meta'),
  run: fc.constant(RUN),
  number: fc.nat({ max: 99_999 }),
  bytes: fc.nat({ max: PACK_BYTES_MAX }),
  etag: fc.option(fc.stringMatching(/^[0-9a-f]{1,32}(-\d{1,5})?$/), { nil: undefined }),
  checksum: fc.option(
    fc.record({
      algorithm: fc.constant('sha256' as const),
      partBytes: fc.nat({ max: 2 ** 32 - 1 }),
      parts: fc.nat({ max: 10_000 }),
      value: hexDigest,
    }),
    { nil: undefined },
  ),
});
/** Few different first bytes, so that ids share them, and now and then all of an id. */
const ids = fc.tuple(fc.constantFrom(0, 1, 127, 254, 255), fc.nat({ max: 20 })).map(([first, rest]) => {
  const id = createHash('sha256').update(String(rest)).digest();
  id[0] = first;
  return id;
});
const segments: fc.Arbitrary<PlacedSegment> = fc
  .array(fc.tuple(ids, fc.integer({ min: 1, max: 1000 })), { minLength: 1, maxLength: 6 })
  .chain((chunks) => {
    const lengths = Uint32Array.from(chunks, ([, length]) => length);
    const rawBytes = lengths.reduce((sum, length) => sum + length, 0);
    return fc.record({
      offset: fc.nat({ max: 2 ** 27 }),
      storedBytes: fc.nat({ max: rawBytes }),
      rawBytes: fc.constant(rawBytes),
      crc32: fc.constant(0),
      ids: fc.constant(Buffer.concat(chunks.map(([id]) => id))),
      lengths: fc.constant(lengths),
    });
  });
const contents = fc.array(fc.record({ pack: packs, segments: fc.array(segments, { maxLength: 4 }) }), { maxLength: 4 });

type Contents = { pack: IndexedPack; segments: PlacedSegment[] }[];

/** Every chunk and its place, as text. */
function placesIn(all: Contents): string[] {
  return all
    .flatMap(({ segments }, pack) =>
      segments.flatMap((segment) => {
        let chunkOffset = 0;
        return [...segment.lengths].map((chunkBytes, i) => {
          const { offset: segmentOffset, storedBytes, rawBytes } = segment;
          const place = { pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes };
          chunkOffset += chunkBytes;
          return asText(segment.ids.subarray(i * 32, i * 32 + 32), place);
        });
      }),
    )
    .sort();
}

const asText = (id: Uint8Array, place: ChunkPlace): string =>
  `${Buffer.from(id).toString('hex')} ${JSON.stringify(place)}`;

test('packs and the places of all chunks come back, sorted by id', () => {
  fc.assert(
    fc.property(contents, (all) => {
      const { info, packs, records } = decodeIndexSegment(encodeIndexSegment(INFO, all), KEY);
      expect(info).toEqual(INFO);
      expect(packs).toEqual(all.map(({ pack }) => pack));
      const count = records.length / INDEX_RECORD_BYTES;
      const read = Array.from({ length: count }, (_, i) => asText(recordId(records, i), chunkPlace(records, i)));
      expect([...read].sort()).toEqual(placesIn(all));
      for (let i = 1; i < count; i++)
        expect(Buffer.compare(recordId(records, i - 1), recordId(records, i))).toBeLessThanOrEqual(0);
    }),
  );
});

test('one set of packs has one segment, in whatever order their segments were indexed', () => {
  fc.assert(
    fc.property(packs, fc.array(segments, { maxLength: 5 }), (pack, list) => {
      const encode = (segments: PlacedSegment[]) => encodeIndexSegment(INFO, [{ pack, segments }]);
      expect(encode([...list].reverse()).equals(encode(list))).toBe(true);
    }),
  );
});

test('records of which all begin alike are sorted as fast as others', () => {
  const lengths = new Uint32Array(60_000).fill(1);
  const bytesOfAll = { storedBytes: lengths.length, rawBytes: lengths.length };
  const alike = { ...segment, ...bytesOfAll, ids: Buffer.alloc(32 * lengths.length), lengths };
  const started = performance.now();
  const bytes = encodeIndexSegment(INFO, [{ pack: pack('abc'), segments: [alike] }]);
  expect(performance.now() - started).toBeLessThan(30_000);
  const { records } = decodeIndexSegment(bytes, KEY);
  const places = Array.from({ length: lengths.length }, (_, i) => chunkPlace(records, i).chunkOffset);
  expect(new Set(places).size).toBe(lengths.length);
});

test('all places of a chunk are found by header and one range of records', () => {
  fc.assert(
    fc.property(contents, ids, (all, id) => {
      const bytes = encodeIndexSegment(INFO, all);
      const header = decodeIndexHeader(bytes.subarray(0, INDEX_HEADER_BYTES), KEY);
      const [first, end] = recordRange(header, id[0] as number);
      const range = bytes.subarray(
        header.recordsAt + first * INDEX_RECORD_BYTES,
        header.recordsAt + end * INDEX_RECORD_BYTES,
      );
      const found = findChunkPlaces(range, id).map((place) => asText(id, place));
      expect(found.sort()).toEqual(placesIn(all).filter((place) => place.startsWith(id.toString('hex'))));
      expect(decodeIndexPacks(bytes.subarray(INDEX_HEADER_BYTES, header.recordsAt), KEY).length).toBe(all.length);
    }),
  );
});

const pack = (etag?: string): IndexedPack => ({
  kind: 'data',
  run: RUN,
  number: 7,
  bytes: 100,
  etag,
  checksum: { algorithm: 'sha256', partBytes: 8, parts: 0, value: 'ab'.repeat(32) },
});
const segment: PlacedSegment = {
  offset: 0,
  storedBytes: 20,
  rawBytes: 30,
  crc32: 0,
  ids: Buffer.alloc(64, 5),
  lengths: Uint32Array.of(10, 20),
};
const SMALL = encodeIndexSegment(INFO, [{ pack: pack('abc'), segments: [segment] }]);

test('no byte of an index segment can change or be missing unseen', () => {
  expectDamageEverywhere(SMALL, (bytes) => decodeIndexSegment(bytes, KEY));
});

test('no byte of the header can change unseen by a reader of ranges', () => {
  for (let at = 0; at < INDEX_HEADER_BYTES; at++) {
    const header = withByte(SMALL, at, 0x10).subarray(0, INDEX_HEADER_BYTES);
    expect(outcomeOf(() => decodeIndexHeader(header, KEY))).toBe('OBJECT_DAMAGED');
  }
});

test('any bytes are damage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000, size: 'max' }), (bytes) => {
      expect(outcomeOf(() => decodeIndexSegment(bytes, KEY))).toBe('OBJECT_DAMAGED');
      expect(outcomeOf(() => decodeIndexHeader(bytes, KEY))).toBe('OBJECT_DAMAGED');
    }),
  );
});

/** The segment with a change, both its checksums right. */
function resealed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(SMALL);
  change(bytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(28, 1056), crc32(bytes.subarray(0, 24))), 24);
  createHash('sha256')
    .update(bytes.subarray(0, -32))
    .digest()
    .copy(bytes, bytes.length - 32);
  return bytes;
}

const RECORD = INDEX_HEADER_BYTES + INDEX_PACK_BYTES;

test.each([
  ['another magic', (bytes: Buffer) => bytes.write('bakindey')],
  ['a pack more than there are', (bytes: Buffer) => bytes.writeUInt32LE(2, 12)],
  ['packs beyond any length', (bytes: Buffer) => bytes.writeUInt32LE(2 ** 32 - 1, 12)],
  ['a record more than there are', (bytes: Buffer) => bytes.writeUInt32LE(3, 16)],
  ['longer information', (bytes: Buffer) => bytes.writeUInt32LE(2 ** 31, 20)],
  ['a fan-out that descends', (bytes: Buffer) => bytes.writeUInt32LE(9, 32)],
  ['a third kind of pack', (bytes: Buffer) => bytes.writeUInt8(2, INDEX_HEADER_BYTES)],
  ['a long ETag', (bytes: Buffer) => bytes.writeUInt8(49, INDEX_HEADER_BYTES + 1)],
  ['an unknown checksum', (bytes: Buffer) => bytes.writeUInt8(2, INDEX_HEADER_BYTES + 2)],
  ['a pack number over the limit', (bytes: Buffer) => bytes.writeUInt32LE(100_000, INDEX_HEADER_BYTES + 4)],
  ['a length beyond all numbers', (bytes: Buffer) => bytes.writeBigUInt64LE(2n ** 60n, INDEX_HEADER_BYTES + 8)],
  ['a run that is no run', (bytes: Buffer) => bytes.write('latest', INDEX_HEADER_BYTES + 24)],
  ['a record of a pack that is not there', (bytes: Buffer) => bytes.writeUInt32LE(1, RECORD + 32)],
  ['a segment outside of any pack', (bytes: Buffer) => bytes.writeUInt32LE(2 ** 32 - 1, RECORD + 36)],
  ['a segment longer stored than raw', (bytes: Buffer) => bytes.writeUInt32LE(31, RECORD + 40)],
  ['a segment over the limit', (bytes: Buffer) => bytes.writeUInt32LE(SEGMENT_RAW_BYTES_MAX + 1, RECORD + 44)],
  ['a chunk outside of its segment', (bytes: Buffer) => bytes.writeUInt32LE(25, RECORD + 48)],
  ['information that is not JSON', (bytes: Buffer) => bytes.writeUInt8(0x7b, bytes.length - 33)],
  ['information of another shape', (bytes: Buffer) => bytes.write('mada', RECORD + 2 * INDEX_RECORD_BYTES + 2)],
])('an index segment with %s is damage, its checksums being right', (_, change) => {
  expect(
    outcomeOf(() =>
      decodeIndexSegment(
        resealed((bytes) => void change(bytes)),
        KEY,
      ),
    ),
  ).toBe('OBJECT_DAMAGED');
});

test('an undamaged segment of another version is unknown', () => {
  const bytes = resealed((changed) => changed.writeUInt32LE(2, 8));
  expect(outcomeOf(() => decodeIndexSegment(bytes, KEY))).toBe('FORMAT_UNKNOWN');
  expect(outcomeOf(() => decodeIndexHeader(bytes, KEY))).toBe('FORMAT_UNKNOWN');
});

test('a reader of ranges is not sent to an impossible place', () => {
  const records = Buffer.from(SMALL.subarray(RECORD, RECORD + 2 * INDEX_RECORD_BYTES));
  expect(findChunkPlaces(records, Buffer.alloc(32, 5)).length).toBe(2);
  records.writeUInt32LE(2 ** 32 - 1, 40);
  expect(findChunkPlaces(records, Buffer.alloc(32, 5)).length).toBe(1);
});

test('an ETag that does not fit is left out', () => {
  const { packs } = decodeIndexSegment(encodeIndexSegment(INFO, [{ pack: pack('e'.repeat(49)), segments: [] }]), KEY);
  expect(packs[0]?.etag).toBeUndefined();
});
