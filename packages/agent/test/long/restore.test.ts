/** Every byte of every object of a small repository, flipped in turn, and what a restore makes of it. */
import { expect, test } from 'vitest';
import { flips, keepSmallTree, restoreDamaged } from '../kit/damaged-restores.ts';

const MINUTES = 60_000;

test(
  'no flipped byte gives wrong content or leaves anything out in silence',
  async () => {
    const { count, wrong } = await restoreDamaged(await keepSmallTree(), flips(1));
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(3_000);
  },
  10 * MINUTES,
);
