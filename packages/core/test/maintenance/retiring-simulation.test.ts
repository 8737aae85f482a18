import { expect, test } from 'vitest';
import { chooseRetiring } from '../../src/maintenance/choose-retiring.ts';
import { simulateRetiring } from './retiring-simulation.ts';

test.each([
  { name: 'where nothing is rewritten', choose: () => [], storedByNeeded: 2.6, sentByChanged: 1 },
  { name: 'as nights choose', choose: chooseRetiring, storedByNeeded: 1.5, sentByChanged: 1.8 },
])('$name, a device of which 1 % changes daily costs what docs/collection.md says', ({ choose, ...told }) => {
  const { storedByNeeded, sentByChanged } = simulateRetiring(choose);
  expect(storedByNeeded).toBeCloseTo(told.storedByNeeded, 1);
  expect(sentByChanged).toBeCloseTo(told.sentByChanged, 1);
});
