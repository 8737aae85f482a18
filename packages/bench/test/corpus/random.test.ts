import { expect, test } from 'vitest';
import { createRandom } from '../../src/corpus/random.ts';

test('the same seed gives the same numbers and bytes, on every machine', () => {
  const random = createRandom('a seed');
  expect([random.integer(1000), random.integer(1000), random.integer(1000)]).toMatchInlineSnapshot(`
    [
      716,
      588,
      334,
    ]
  `);
  expect(random.bytes(4).toString('hex')).toMatchInlineSnapshot(`"ee00c472"`);
});

test('another seed gives others', () => {
  expect(createRandom('one').bytes(8)).not.toEqual(createRandom('other').bytes(8));
});

test('bytes go on where they left off', () => {
  const [whole, parts] = [createRandom('seed'), createRandom('seed')];
  expect(Buffer.concat([parts.bytes(3), parts.bytes(30)])).toEqual(whole.bytes(33));
});

test('numbers are spread evenly, and normal ones about their mean', () => {
  const random = createRandom('spread');
  const mean = (draw: () => number) =>
    Array.from({ length: 20_000 }, draw).reduce((sum, value) => sum + value, 0) / 20_000;
  expect(mean(random.unit)).toBeCloseTo(0.5, 1);
  expect(mean(() => random.normal(7, 2))).toBeCloseTo(7, 1);
  expect(mean(() => (random.normal(7, 2) - 7) ** 2)).toBeCloseTo(4, 0);
});

test.each([
  ['takes different items', 5, 3, 3],
  ['takes all where there are fewer', 2, 3, 2],
  ['takes none of nothing', 0, 3, 0],
])('a sample %s', (_, items, wanted, taken) => {
  const sample = createRandom('sample').sample(
    Array.from({ length: items }, (_, index) => index),
    wanted,
  );
  expect(new Set(sample).size).toBe(taken);
});
