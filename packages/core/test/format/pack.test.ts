import { createHash } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  PACK_BYTES_MAX,
  PACK_FOOTER_BYTES,
  SEGMENT_RAW_BYTES_MAX,
  decodePackEnd,
  encodePackEnd,
  openSegment,
  packEndBytes,
  sealSegment,
} from '../../src/index.ts';
import { expectDamageEverywhere, outcomeOf, withByte } from '../kit/hostile-bytes.ts';

const KEY = 'v1/devices/desk-1/data/20260105T080000Z-0a1b2c3d/00000';
const idOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

interface Written {
  readonly bytes: Buffer;
  readonly end: Buffer;
  readonly raw: readonly Buffer[];
}

/** A pack of these segments, each given as its chunks. */
function packOf(segments: readonly (readonly Uint8Array[])[], level: number | undefined = 3): Written {
  const raw = segments.map((chunks) => Buffer.concat(chunks));
  const sealed = segments.map((chunks, i) => {
    const ids = Buffer.concat(chunks.map(idOf));
    return sealSegment(raw[i] as Buffer, { ids, lengths: Uint32Array.from(chunks, (chunk) => chunk.length) }, level);
  });
  const end = encodePackEnd(sealed.map(({ segment }) => segment));
  return { bytes: Buffer.concat([...sealed.map(({ stored }) => stored), end]), end, raw };
}

/** Everything in a pack, verified: what a reader does with it. */
function readPack(bytes: Buffer): Buffer[] {
  return decodePackEnd(bytes, bytes.length, KEY).map((segment) => {
    const stored = bytes.subarray(segment.offset, segment.offset + segment.storedBytes);
    return Buffer.from(openSegment(stored, segment, KEY));
  });
}

const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 });

test('a pack comes back', () => {
  const levels = fc.constantFrom(undefined, 1, 3, 19);
  fc.assert(
    fc.property(fc.array(chunks, { maxLength: 5 }), levels, (segments, level) => {
      const { bytes, end, raw } = packOf(segments, level);
      expect(readPack(bytes)).toEqual(raw);
      const placed = decodePackEnd(end, bytes.length, KEY);
      expect(placed.map((segment) => [...segment.lengths])).toEqual(
        segments.map((all) => all.map((one) => one.length)),
      );
      expect(Buffer.concat(placed.map((segment) => segment.ids))).toEqual(Buffer.concat(segments.flat().map(idOf)));
      expect(packEndBytes(bytes.subarray(-PACK_FOOTER_BYTES), KEY)).toBe(end.length);
    }),
  );
});

test('stored length equals raw length exactly if the bytes are stored as they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.nat({ max: 3 }), (bytes, repeats) => {
      const raw = Buffer.concat(Array.from({ length: repeats + 1 }, () => bytes));
      const { segment, stored } = sealSegment(raw, { ids: idOf(raw), lengths: Uint32Array.of(raw.length) }, 3);
      expect(segment.storedBytes).toBe(stored.length);
      expect(segment.storedBytes === segment.rawBytes).toBe(Buffer.from(stored).equals(raw));
      expect(segment.storedBytes).toBeLessThanOrEqual(segment.rawBytes);
    }),
  );
});

const SMALL = packOf([
  [Buffer.from('to be or not to be or not to be or not to be'), Buffer.from('x')],
  [Buffer.from('ab')],
]);

test('no byte of a pack can change or be missing unseen', () => {
  expectDamageEverywhere(SMALL.bytes, readPack);
});

test('any bytes as a pack are damage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(outcomeOf(() => decodePackEnd(bytes, bytes.length, KEY))).toBe('OBJECT_DAMAGED');
      expect(outcomeOf(() => packEndBytes(bytes.subarray(-PACK_FOOTER_BYTES), KEY))).toBe('OBJECT_DAMAGED');
    }),
  );
});

/** A pack's end around any directory, its checksum right. */
function sealedEnd(directory: Buffer, version = 1): Buffer {
  const tail = Buffer.alloc(16);
  tail.writeUInt32LE(directory.length, 0);
  tail.writeUInt32LE(version, 4);
  tail.write('bak-pack', 8, 'latin1');
  return Buffer.concat([directory, createHash('sha256').update(directory).update(tail).digest(), tail]);
}

test('any directory with a right checksum is understood or damage', () => {
  const words = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 2 ** 32 - 1 }), fc.constant(2 ** 32 - 1));
  const directories = fc.oneof(
    fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
    fc.array(words, { maxLength: 40 }).map((numbers) => {
      const bytes = Buffer.alloc(numbers.length * 4);
      numbers.forEach((number, i) => bytes.writeUInt32LE(number, i * 4));
      return bytes;
    }),
  );
  fc.assert(
    fc.property(directories, fc.nat({ max: 100 }), (directory, segmentBytes) => {
      const end = sealedEnd(directory);
      expect(['decoded', 'OBJECT_DAMAGED']).toContain(
        outcomeOf(() => decodePackEnd(end, end.length + segmentBytes, KEY)),
      );
    }),
    { numRuns: 2000 },
  );
});

const segmentRow = (storedBytes: number, rawBytes: number, lengths: readonly number[]): Buffer => {
  const row = Buffer.alloc(16 + lengths.length * 36);
  row.writeUInt32LE(storedBytes, 0);
  row.writeUInt32LE(rawBytes, 4);
  row.writeUInt32LE(lengths.length, 12);
  lengths.forEach((length, i) => row.writeUInt32LE(length, 16 + i * 36 + 32));
  return row;
};

test.each([
  ['chunks that do not fill their segment', segmentRow(3, 4, [3]), 3],
  ['a segment longer stored than raw', segmentRow(5, 4, [4]), 5],
  ['a segment longer than the limit', segmentRow(9, SEGMENT_RAW_BYTES_MAX + 1, [SEGMENT_RAW_BYTES_MAX + 1]), 9],
  ['a segment without chunks', segmentRow(0, 0, []), 0],
  ['an empty chunk', segmentRow(4, 4, [4, 0]), 4],
  ['segments that do not fill the pack', segmentRow(4, 4, [4]), 5],
  ['a directory that is cut off', segmentRow(4, 4, [4]).subarray(0, -1), 4],
])('a directory of %s is damage', (_, directory, segmentBytes) => {
  const end = sealedEnd(directory);
  expect(outcomeOf(() => decodePackEnd(end, end.length + segmentBytes, KEY))).toBe('OBJECT_DAMAGED');
});

test('an undamaged pack of another version is unknown, a damaged one is damaged', () => {
  const end = sealedEnd(Buffer.alloc(0), 2);
  expect(outcomeOf(() => decodePackEnd(end, end.length, KEY))).toBe('FORMAT_UNKNOWN');
  expect(outcomeOf(() => decodePackEnd(withByte(end, 0, 1), end.length, KEY))).toBe('OBJECT_DAMAGED');
});

test('a directory that no pack can hold is refused before it is read', () => {
  const footer = sealedEnd(Buffer.alloc(0));
  footer.writeUInt32LE(PACK_BYTES_MAX, 32);
  expect(outcomeOf(() => packEndBytes(footer, KEY))).toBe('OBJECT_DAMAGED');
  expect(outcomeOf(() => decodePackEnd(sealedEnd(Buffer.alloc(0)), PACK_BYTES_MAX + 1, KEY))).toBe('OBJECT_DAMAGED');
});

const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024), { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
const patched = (frame: Buffer, change: (frame: Buffer) => void): Buffer => {
  const copy = Buffer.from(frame);
  change(copy);
  return copy;
};

test.each([
  ['a frame that says it is longer', bomb, 1000],
  // The content size is a lie that fits the directory: decompression stops at the stated length.
  [
    'a frame that is longer than it says',
    patched(bomb, (frame) => frame.writeUInt32LE(1000, frame[4] === 0xa0 ? 5 : 6)),
    1000,
  ],
  ['a raw length over the limit', bomb, 64 * 1024 * 1024],
  ['a frame of unknown length', Buffer.from('28b52ffd0058010000', 'hex'), 10],
  ['a frame with a dictionary', Buffer.from('28b52ffd21010a51000000000000000000000000', 'hex'), 10],
  ['a skippable frame', Buffer.from('502a4d1803000000616161', 'hex'), 12],
  ['nothing', Buffer.alloc(0), 5],
  ['noise', Buffer.from('0123456789'), 500],
])('a segment of %s is damage', (_, stored, rawBytes) => {
  expect(outcomeOf(() => openSegment(stored, { rawBytes }, KEY))).toBe('OBJECT_DAMAGED');
});

test('a page without CRC is damage or what it was when a byte of it changes', () => {
  const raw = Buffer.from('one line of the catalog, one line of the catalog, one line of the catalog\n');
  const { stored } = sealSegment(raw, { ids: idOf(raw), lengths: Uint32Array.of(raw.length) }, 3);
  for (let at = 0; at < stored.length; at++) {
    const outcome = outcomeOf(() => openSegment(withByte(stored, at, 0xff), { rawBytes: raw.length }, KEY));
    expect(['decoded', 'OBJECT_DAMAGED']).toContain(outcome);
  }
});

test.each([
  ['is empty', [], 0],
  ['has an empty chunk', [2, 0], 2],
  ['is longer than its chunks', [2], 3],
])('a segment that %s is not written', (_, lengths, rawBytes) => {
  const segment = {
    storedBytes: rawBytes,
    rawBytes,
    crc32: 0,
    ids: Buffer.alloc(32 * lengths.length),
    lengths: Uint32Array.from(lengths),
  };
  expect(() => encodePackEnd([segment])).toThrow('made of its chunks');
});
