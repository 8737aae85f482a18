import { expect, test } from 'vitest';
import { flipBytes, listedRepository, smallRepository } from '../kit/verify-bench.ts';

/** One byte in so many; test/long/verify.test.ts takes every one. */
const STRIDE = 23;

test.each([
  ['a repository of two backups', smallRepository],
  ['a repository with page lists and lists of chunks', listedRepository],
])('a flipped byte in %s is damage of its object', async (_, make) => {
  const { flips, missed } = await flipBytes(await make(), STRIDE);
  expect(flips).toBeGreaterThan(100);
  expect(missed).toEqual([]);
});
