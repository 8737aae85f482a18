/** A run that is cut off at any of its writes: earlier snapshots stay whole, and the next run sends nothing twice. */
import { test } from 'vitest';
import { cutOffAtWrites } from '../kit/power-cuts.ts';

test.each([
  ['before it lands', false],
  ['after it landed, before the answer', true],
])('a run cut off at each of its writes, %s', (_, lands) => cutOffAtWrites({ lands, stride: 1 }));
