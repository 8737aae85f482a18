import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CHUNK_BYTES_AVERAGE,
  CHUNK_BYTES_MAX,
  CHUNK_BYTES_MIN,
  KiB,
  MiB,
  chunkLength,
  chunkLengths,
  gearTableHash,
} from '../../src/index.ts';
import { pseudoRandomBytes } from '../kit/pseudo-random.ts';

const seeds = fc.integer({ min: 1, max: 2 ** 32 - 1 });

test('the gear table is the one that the format names', () => {
  expect(gearTableHash()).toBe('8ccf52e419ab5554a0c6ff810ec8c5cc0b8def6cdd3406d45f4ed2cd4ed386ef');
});

test('chunks are the whole file, none too short or too long', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 12 * MiB }), (seed, length) => {
      const lengths = chunkLengths(pseudoRandomBytes(seed, length));
      expect(lengths.reduce((sum, chunk) => sum + chunk, 0)).toBe(length);
      expect(lengths.every((chunk) => chunk > 0 && chunk <= CHUNK_BYTES_MAX)).toBe(true);
      expect(lengths.slice(0, -1).every((chunk) => chunk > CHUNK_BYTES_MIN)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('chunking restarts at each cut: what follows a cut is chunked as if the file began there', () => {
  fc.assert(
    fc.property(seeds, fc.nat({ max: 5 }), (seed, skipped) => {
      const bytes = pseudoRandomBytes(seed, 9 * MiB);
      const lengths = chunkLengths(bytes);
      const start = lengths.slice(0, skipped).reduce((sum, chunk) => sum + chunk, 0);
      expect(chunkLengths(bytes.subarray(start))).toEqual(lengths.slice(skipped));
    }),
    { numRuns: 10 },
  );
});

test('a chunk is the same whatever follows the most that a chunk can be', () => {
  const bytes = pseudoRandomBytes(5, 12 * MiB);
  for (const start of [0, 1, 700_000]) {
    const alone = chunkLength(bytes, start, start + CHUNK_BYTES_MAX);
    expect(chunkLength(bytes, start, bytes.length)).toBe(alone);
  }
});

test('an insertion changes the chunks around it only', () => {
  const before = pseudoRandomBytes(11, 24 * MiB);
  const after = Buffer.concat([before.subarray(0, 12 * MiB), Buffer.from('inserted'), before.subarray(12 * MiB)]);
  const cut = (bytes: Buffer): Set<string> => {
    let at = 0;
    return new Set(chunkLengths(bytes).map((length) => bytes.subarray(at, (at += length)).toString('base64')));
  };
  const known = cut(before);
  expect([...cut(after)].filter((chunk) => !known.has(chunk)).length).toBeLessThanOrEqual(3);
});

test('chunks of random bytes have about the average size', () => {
  const count = chunkLengths(pseudoRandomBytes(9, 48 * MiB)).length;
  expect((48 * MiB) / count).toBeGreaterThan(CHUNK_BYTES_AVERAGE * 0.8);
  expect((48 * MiB) / count).toBeLessThan(CHUNK_BYTES_AVERAGE * 1.4);
});

test.each([0, 1, 256 * KiB - 1, 256 * KiB])('a file of %i bytes is one chunk at most', (length) => {
  expect(chunkLengths(pseudoRandomBytes(3, length))).toEqual(length === 0 ? [] : [length]);
});
