import { expect, test } from 'vitest';
import { median, ratio, summarise } from '../../src/report/statistics.ts';

test.each([
  ['an odd number', [3, 1, 20], 3],
  ['an even number', [4, 1, 3, 20], 3.5],
  ['one', [7], 7],
  ['none', [], undefined],
])('the median of %s of values', (_, values, expected) => expect(median(values)).toBe(expected));

test.each([
  ['values', [5, 1, 3], { median: 3, min: 1, max: 5 }],
  ['nothing', [], undefined],
  ['values of which one was not measured', [5, undefined, 3], undefined],
])('the summary of %s', (_, values, expected) => expect(summarise(values)).toEqual(expected));

const figure = (value: number) => ({ median: value, min: 0, max: 99 });
test.each([
  ['half', figure(2), figure(4), 0.5],
  ['nothing without the own figure', undefined, figure(4), undefined],
  ['nothing without the other figure', figure(2), undefined, undefined],
  ['nothing when the other figure is 0', figure(2), figure(0), undefined],
])('the ratio is %s', (_, own, other, expected) => expect(ratio(own, other)).toBe(expected));
