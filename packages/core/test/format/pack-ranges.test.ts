import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePackRanges, encodePackRanges, packRangesSchema, parseRunId } from '../../src/index.ts';
import type { PackRanges, RunId } from '../../src/index.ts';
import { outcomeOf } from '../kit/hostile-bytes.ts';

const RUN = parseRunId('20260105T080000Z-0a1b2c3d');
const runs = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map((n) => parseRunId(`20260105T080000Z-${n.toString(16).padStart(8, '0')}`));
const numbers = fc.uniqueArray(fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 99_999 })), { minLength: 1, maxLength: 30 });
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

test('a set of packs comes back, and one set has one text', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(runs, numbers), { maxLength: 5 }), (sets) => {
      const packs = new Map<RunId, number[]>(sets);
      const ranges = encodePackRanges(packs);
      expect(decodePackRanges(ranges)).toEqual(new Map([...packs].map(([run, set]) => [run, sorted(set)])));
      const shuffled = new Map([...packs].reverse().map(([run, set]) => [run, [...set, ...set].reverse()]));
      expect(JSON.stringify(encodePackRanges(shuffled))).toBe(JSON.stringify(ranges));
      expect(packRangesSchema.safeParse(ranges).success).toBe(true);
    }),
  );
});

test('a run without packs is left out', () => {
  expect(encodePackRanges(new Map([[RUN, []]]))).toEqual({});
});

const REFUSED = [
  '',
  ',',
  '1,',
  '-',
  '1-',
  '-1',
  '1-1',
  '2-1',
  '1,2',
  '1-2,3',
  '3,1',
  '01',
  '0-',
  '1-02',
  '100000',
  '0-100000',
  ' 1',
  '1 ',
  '1.5',
  '1e3',
];

test.each(REFUSED)('%j is no set of ranges', (text) => {
  const ranges = { [RUN]: text } as PackRanges;
  expect(outcomeOf(() => decodePackRanges(ranges))).toBe('OBJECT_DAMAGED');
  expect(packRangesSchema.safeParse(ranges).success).toBe(false);
});

test('any text is decoded to what encodes to it, or refused', () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9,-]{0,12}$/));
  fc.assert(
    fc.property(texts, (text) => {
      const ranges = { [RUN]: text } as PackRanges;
      if (outcomeOf(() => decodePackRanges(ranges)) === 'decoded')
        expect(encodePackRanges(decodePackRanges(ranges))).toEqual(ranges);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a text of megabytes', { [RUN]: Array.from({ length: 1_000_000 }, () => '1').join(',') }],
  ['a run that is no run', { latest: '0' }],
  [
    'more packs than a snapshot may name',
    Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`20260105T0800${10 + i}Z-0a1b2c3d`, '0-99999'])),
  ],
  ['a list', ['0']],
  ['nothing', null],
])('%s is refused', (_, ranges) => {
  expect(packRangesSchema.safeParse(ranges).success).toBe(false);
});
