/** What stays and why, by example. */
import { expect, test } from 'vitest';
import type { RetentionPolicy } from '../../src/index.ts';
import { HOUR_MS, explain } from './snapshot-rows.ts';
import type { Circumstances } from './snapshot-rows.ts';

type Row = readonly [
  what: string,
  policy: RetentionPolicy | undefined,
  circumstances: Circumstances,
  /** From snapshot to reasons; `- ` before those of one that goes. */
  expected: Readonly<Record<string, string>>,
];

/** So little that nearly all goes. */
const LITTLE: RetentionPolicy = { keepWithinDays: 1, keepLast: 1 };
const NOON = { listed: '2026-11-20 12:00' };
const gone = (by: string, rules = 'not the newest of the last day with backups'): string =>
  `- superseded by ${by}; older than 1 day; ${rules}`;
const UNFINISHED = 'unfinished, so only its age counts';

const AGES: readonly Row[] = [
  [
    'without a policy all stay',
    undefined,
    NOON,
    { '2026-11-20 08:00': 'no policy is stored', '2001-01-01 08:00': 'no policy is stored' },
  ],
  [
    'what is younger than the days of the policy stays, and what is as old goes',
    { keepWithinDays: 30, keepLast: 1 },
    NOON,
    {
      '2026-11-20 08:00': 'within 30 days; newest of the last day with backups; newest finished of its folders',
      '2026-10-21 12:01': 'within 30 days',
      '2026-10-21 12:00':
        '- superseded by 2026-11-20 08:00; older than 30 days; not the newest of the last day with backups',
    },
  ],
  [
    'a device that was off for long loses nothing of its last days',
    { keepWithinDays: 30, keepLast: 3 },
    NOON,
    {
      '2020-03-05 08:00': 'newest of the last 3 days with backups; newest finished of its folders',
      '2020-03-03 08:00': 'newest of the last 3 days with backups',
      '2020-02-28 08:00': 'newest of the last 3 days with backups',
      '2020-02-27 08:00':
        '- superseded by 2020-03-05 08:00; older than 30 days; not the newest of the last 3 days with backups',
    },
  ],
  [
    'of several on one day only the newest is counted, so that many of one day push out nothing',
    { keepWithinDays: 1, keepLast: 3 },
    NOON,
    {
      '2026-11-10 20:02': 'newest of the last 3 days with backups; newest finished of its folders',
      '2026-11-10 20:01':
        '- superseded by 2026-11-10 20:02; older than 1 day; not the newest of the last 3 days with backups',
      '2026-11-10 20:00':
        '- superseded by 2026-11-10 20:02; older than 1 day; not the newest of the last 3 days with backups',
      '2026-11-09 08:00': 'newest of the last 3 days with backups',
      '2026-11-08 08:00': 'newest of the last 3 days with backups',
    },
  ],
  [
    'days are those of the time zone',
    { keepWithinDays: 1, keepLast: 2, timeZone: 'Pacific/Auckland' },
    NOON,
    {
      '2026-11-10 11:30': 'newest of the last 2 days with backups; newest finished of its folders',
      '2026-11-10 10:30': 'newest of the last 2 days with backups',
      '2026-11-09 12:30': gone('2026-11-10 11:30', 'not the newest of the last 2 days with backups'),
    },
  ],
  [
    'what is dated in the future is as young as can be and supersedes nothing',
    LITTLE,
    NOON,
    {
      '2027-03-01 08:00': 'within 1 day; newest of the last day with backups; newest finished of its folders',
      '2026-11-10 08:00': 'newest finished of its folders but for those dated in the future',
      '2026-11-09 08:00': gone('2026-11-10 08:00'),
    },
  ],
  [
    'and it counts as of today',
    { keepWithinDays: 1, keepLast: 2 },
    NOON,
    {
      '2027-03-01 08:00': 'within 1 day; newest of the last 2 days with backups; newest finished of its folders',
      '2026-11-20 09:00': 'within 1 day; newest finished of its folders but for those dated in the future',
      '2026-11-10 08:00': 'newest of the last 2 days with backups',
    },
  ],
];

const PERIODS: readonly Row[] = [
  [
    'the newest of each period stays, for so many periods that have one',
    { ...LITTLE, keepHourly: 2, keepDaily: 2, keepWeekly: 3, keepMonthly: 2, keepYearly: 2 },
    { listed: '2026-11-30 00:00' },
    {
      '2026-11-20 08:40':
        'newest of the last day with backups; hourly: 2026-11-20 08:00+00:00; daily: 2026-11-20; weekly: 2026-W47; monthly: 2026-11; yearly: 2026; newest finished of its folders',
      '2026-11-20 08:20': gone(
        '2026-11-20 08:40',
        'not the newest of the last day with backups; not one of the newest 2 hourly; not one of the newest 2 daily; not one of the newest 3 weekly; not one of the newest 2 monthly; not one of the newest 2 yearly',
      ),
      '2026-11-20 07:59': 'hourly: 2026-11-20 07:00+00:00',
      '2026-11-16 00:00': 'daily: 2026-11-16',
      '2026-11-15 23:59': 'weekly: 2026-W46',
      '2026-10-31 08:00': 'weekly: 2026-W44; monthly: 2026-10',
      '2025-12-31 08:00': 'yearly: 2025',
      '2025-12-30 08:00': gone(
        '2026-11-20 08:40',
        'not the newest of the last day with backups; not one of the newest 2 hourly; not one of the newest 2 daily; not one of the newest 3 weekly; not one of the newest 2 monthly; not one of the newest 2 yearly',
      ),
    },
  ],
  [
    'a count of 0 is none',
    { ...LITTLE, keepDaily: 0 },
    NOON,
    {
      '2026-11-10 08:00': 'newest of the last day with backups; newest finished of its folders',
      '2026-11-09 08:00': gone('2026-11-10 08:00'),
    },
  ],
  [
    'unfinished ones count for no period',
    { ...LITTLE, keepDaily: 2 },
    NOON,
    {
      '2026-11-10 09:00 unfinished': 'newest of its folders',
      '2026-11-10 08:00': 'newest of the last day with backups; daily: 2026-11-10; newest finished of its folders',
      '2026-11-09 09:00 unfinished': gone('2026-11-10 09:00 unfinished', UNFINISHED),
      '2026-11-09 08:00': 'daily: 2026-11-09',
    },
  ],
];

const SUPERSEDED: readonly Row[] = [
  [
    'daily backups of one folder do not let the only one of another go',
    LITTLE,
    NOON,
    {
      '2026-11-20 08:00 /home/b': 'within 1 day; newest of the last day with backups; newest finished of its folders',
      '2026-11-18 08:00 /home/b': gone('2026-11-20 08:00 /home/b'),
      '2020-01-01 08:00 /home/a': 'newest of the last day with backups; newest finished of its folders',
    },
  ],
  [
    'one of more folders, or of folders above, takes the place of an older one, and not the other way',
    LITTLE,
    NOON,
    {
      '2026-11-20 08:00 /home/a': 'within 1 day; newest of the last day with backups; newest finished of its folders',
      '2026-11-15 08:00 /home /etc': 'newest of the last day with backups; newest finished of its folders',
      '2026-11-14 08:00 /home/a /home/b /etc/ssh': gone('2026-11-15 08:00 /home /etc'),
      '2026-11-14 07:00 /home/a /usr': 'newest of the last day with backups; newest finished of its folders',
      '2026-11-13 08:00 /home/a': gone('2026-11-20 08:00 /home/a'),
    },
  ],
  [
    'a finished one is superseded by finished ones only, and unfinished ones by any',
    LITTLE,
    NOON,
    {
      '2026-11-15 08:00 unfinished': 'newest of its folders',
      '2026-11-14 08:00 unfinished': gone('2026-11-15 08:00 unfinished', UNFINISHED),
      '2026-11-13 08:00': 'newest of the last day with backups; newest finished of its folders',
      '2026-11-12 08:00 unfinished': gone('2026-11-15 08:00 unfinished', UNFINISHED),
      '2026-11-11 08:00': gone('2026-11-13 08:00'),
    },
  ],
  [
    'a device whose disk is gone for good does not collect unfinished ones',
    { keepWithinDays: 2, keepLast: 3 },
    NOON,
    {
      '2026-11-20 08:00 unfinished': 'within 2 days; newest of its folders',
      '2026-11-19 08:00 unfinished': 'within 2 days',
      '2026-11-18 08:00 unfinished': `- superseded by 2026-11-20 08:00 unfinished; older than 2 days; ${UNFINISHED}`,
      '2020-01-01 08:00': 'newest of the last 3 days with backups; newest finished of its folders',
    },
  ],
  [
    'nothing goes within an hour of being superseded',
    LITTLE,
    NOON,
    {
      '2026-11-20 11:01': 'within 1 day; newest of the last day with backups; newest finished of its folders',
      '2026-11-01 08:00': 'superseded less than an hour ago',
      '2026-11-01 07:00': gone('2026-11-20 11:01'),
    },
  ],
  [
    'after exactly an hour it goes',
    LITTLE,
    NOON,
    {
      '2026-11-20 11:00': 'within 1 day; newest of the last day with backups; newest finished of its folders',
      '2026-11-01 08:00': gone('2026-11-20 11:00'),
    },
  ],
  [
    'the first that superseded it counts, and a newer one does not begin the hour anew',
    LITTLE,
    NOON,
    {
      '2026-11-20 11:59': 'within 1 day; newest of the last day with backups; newest finished of its folders',
      '2026-11-20 10:59': 'within 1 day; superseded less than an hour ago',
      '2026-11-01 08:00': gone('2026-11-20 11:59'),
    },
  ],
  [
    'a shorter time is said',
    LITTLE,
    { ...NOON, supersededMs: HOUR_MS / 4 },
    {
      '2026-11-20 11:50': 'within 1 day; newest of the last day with backups; newest finished of its folders',
      '2026-11-01 08:00': 'superseded less than 15 minutes ago',
    },
  ],
];

const WORDS: readonly Row[] = [
  [
    'pins and tags keep, finished or not, and other tags do not',
    { ...LITTLE, keepTags: ['tax', 'audit'] },
    { ...NOON, pinned: ['2026-11-04 08:00', '2026-11-03 08:00 unfinished'] },
    {
      '2026-11-10 08:00': 'newest of the last day with backups; newest finished of its folders',
      '2026-11-09 08:00 #tax #tax #audit': 'tag "tax"; tag "audit"',
      '2026-11-08 08:00 unfinished #tax': 'tag "tax"',
      '2026-11-07 08:00 #taxes #TAX': gone('2026-11-10 08:00'),
      '2026-11-04 08:00': 'pinned',
      '2026-11-03 08:00 unfinished': 'pinned',
    },
  ],
  [
    'what a pin keeps supersedes like any other',
    LITTLE,
    { ...NOON, pinned: ['2026-11-09 08:00'] },
    {
      '2026-11-09 08:00': 'pinned; newest of the last day with backups; newest finished of its folders',
      '2026-11-08 08:00': gone('2026-11-09 08:00'),
    },
  ],
];

test.each([...AGES, ...PERIODS, ...SUPERSEDED, ...WORDS])('%s', (_, policy, circumstances, expected) => {
  expect(explain(Object.keys(expected), policy, circumstances)).toEqual(expected);
});

test.each([...AGES, ...PERIODS, ...SUPERSEDED, ...WORDS])(
  '%s: newest first, however they come',
  (_, policy, at, rows) => {
    const reversed = Object.keys(rows).reverse();
    expect(Object.keys(explain(reversed, policy, at))).toEqual(Object.keys(rows));
  },
);

test('of two that landed at one time the larger name is newer', () => {
  const [first, second] = ['2026-11-10 08:00', '2026-11-10 08:00 /home'];
  expect(explain([first, second], LITTLE, NOON)).toEqual({
    [second]: 'newest of the last day with backups; newest finished of its folders',
    [first]: gone(second),
  });
});

test('a device without snapshots has nothing to decide', () => {
  expect(explain([], LITTLE, NOON)).toEqual({});
});
