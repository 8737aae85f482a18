import { expect, test } from 'vitest';
import { parseStorageOptions } from '../src/storage-options.ts';

const GOOD = { companyName: 'smallbiz', environment: 'prod', softDeleteDays: '14' };

test.each([
  ['days as a string, as the command line gives them', {}, {}],
  ['days as a number', { softDeleteDays: 7 }, { softDeleteDays: 7 }],
  ['the longest time', { softDeleteDays: '90' }, { softDeleteDays: 90 }],
  ['every environment', { environment: 'dev' }, { environment: 'dev' }],
])('takes %s', (_, change, expected) => {
  expect(parseStorageOptions({ ...GOOD, ...change })).toEqual({ ...GOOD, softDeleteDays: 14, ...expected });
});

test.each([
  ['a company name with capitals', { companyName: 'SmallBiz' }, /^- companyName: /m],
  ['no company name', { companyName: undefined }, /^- companyName: /m],
  ['an unknown environment', { environment: 'production' }, /^- environment: use one of prod, staging, dev$/m],
  ['less than a week to undo a removal', { softDeleteDays: 6 }, /^- softDeleteDays: /m],
  ['days beyond the limit', { softDeleteDays: 91 }, /^- softDeleteDays: /m],
  ['half days', { softDeleteDays: 7.5 }, /^- softDeleteDays: /m],
  ['days that are no number', { softDeleteDays: '14 days' }, /^- softDeleteDays: /m],
])('refuses %s', (_, change, problem) => {
  expect(() => parseStorageOptions({ ...GOOD, ...change })).toThrow(problem);
});

test('lists all problems in one message', () => {
  const all = { companyName: '-', environment: 'moon', softDeleteDays: 0 };
  expect(() => parseStorageOptions(all)).toThrow(/companyName[^]*environment[^]*softDeleteDays/);
});
