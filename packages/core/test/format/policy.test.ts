/** The retention policy: members that came later, and what it refuses. */
import { expect, test } from 'vitest';
import { DEFAULT_POLICY, decodePolicy, encodePolicy } from '../../src/index.ts';
import type { PolicyWord, RetentionPolicy } from '../../src/index.ts';
import { outcomeOf, sealedJson } from '../kit/hostile-bytes.ts';

const word = (policy: object): PolicyWord => ({
  version: 1,
  written: '2026-01-05T08:00:00.000Z',
  by: 'ada',
  policy: { ...DEFAULT_POLICY, ...policy },
});
const decode = (value: PolicyWord): RetentionPolicy => decodePolicy(sealedJson(JSON.stringify(value)), 'key').policy;

test('every member comes back', () => {
  const full = word({
    keepWithinDays: 7,
    keepLast: 5,
    keepHourly: 1,
    keepDaily: 2,
    keepWeekly: 3,
    keepMonthly: 4,
    keepYearly: 0,
    timeZone: 'America/St_Johns',
    keepTags: ['tax', 'year’s end'],
  });
  expect(decodePolicy(encodePolicy(full), 'key')).toEqual(full);
});

test('one from before there were tags has none', () => {
  expect(decode(word({ timeZone: 'Europe/Vienna' }))).toEqual({ ...DEFAULT_POLICY, timeZone: 'Europe/Vienna' });
});

test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Etc/GMT+5', '+02:00'])('%s is a time zone', (timeZone) => {
  expect(decode(word({ timeZone })).timeZone).toBe(timeZone);
});

test.each([
  ['no time zone', { timeZone: '' }],
  ['a city that is none', { timeZone: 'Europe/Atlantis' }],
  ['a time zone too long', { timeZone: 'A/'.repeat(100_000) }],
  ['an empty tag', { keepTags: [''] }],
  ['a tag too long', { keepTags: ['a'.repeat(201)] }],
  ['too many tags', { keepTags: Array.from({ length: 101 }, String) }],
  ['a tag that is no text', { keepTags: [1] }],
  ['one tag without a list', { keepTags: 'tax' }],
  ['no days', { keepWithinDays: 0 }],
  ['none of the newest', { keepLast: 0 }],
])('%s is damage', (_, change) => {
  expect(outcomeOf(() => decode(word({})))).toBe('decoded');
  expect(outcomeOf(() => decode(word(change)))).toBe('OBJECT_DAMAGED');
});
