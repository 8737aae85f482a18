/** Every byte of every object of small repositories, flipped in turn: none is harmless. */
import { expect, test } from 'vitest';
import { flipBytes, listedRepository, smallRepository } from '../kit/verify-bench.ts';

const MINUTES = 60_000;

test.each([
  ['a repository of two backups', smallRepository],
  ['a repository with page lists and lists of chunks', listedRepository],
])(
  'every flipped byte of %s is damage of its object',
  async (_, make) => {
    const { flips, missed, besides } = await flipBytes(await make(), 1);
    expect(flips).toBeGreaterThan(3_000);
    expect(missed).toEqual([]);
    expect([...besides]).toEqual([]);
  },
  10 * MINUTES,
);
