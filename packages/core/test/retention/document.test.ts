/** docs/retention.md has every reason, and none that is never given. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RetentionPolicy } from '../../src/index.ts';
import { COMPARED_FOLDERS_MAX } from '../../src/retention/compare-roots.ts';
import { explain } from './snapshot-rows.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../../docs/retention.md'), 'utf8');
const [, TABLE = ''] = DOCUMENT.split('\n## Reasons\n');
const ROWS = [...TABLE.matchAll(/^\| `([^`]+)` \| (stays|goes|an unfinished one stays|the same)/gm)];

const patternOf = (reason: string): RegExp =>
  new RegExp(`^${reason.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/<[^>]+>/g, '.+')}$`);
const PATTERNS = ROWS.map(([, reason = '']) => patternOf(reason));

const ALL: RetentionPolicy = {
  keepWithinDays: 1,
  keepLast: 1,
  keepHourly: 1,
  keepDaily: 1,
  keepWeekly: 1,
  keepMonthly: 1,
  keepYearly: 1,
  keepTags: ['tax'],
};
const AT = { listed: '2026-11-20 12:00' };
const deep = '/a'.repeat(COMPARED_FOLDERS_MAX);

const GIVEN = [
  explain(['2026-11-01 08:00'], undefined, AT),
  explain(
    [
      '2026-11-20 11:30',
      '2026-11-10 08:00',
      '2026-11-09 08:00',
      '2026-11-08 08:00 #tax',
      '2026-11-07 08:00 unfinished',
    ],
    ALL,
    { ...AT, pinned: ['2026-11-09 08:00'] },
  ),
  explain(['2026-11-20 10:00', '2026-11-09 08:00', '2026-11-07 08:00 unfinished'], ALL, AT),
  explain(['2026-11-20 10:00 unfinished'], ALL, AT),
  explain(['2027-11-20 10:00', '2026-11-09 08:00', '2026-11-07 08:00 unfinished', '2026-11-06 08:00'], ALL, AT),
  explain(['2027-11-20 10:00 unfinished', '2026-11-07 08:00 unfinished'], ALL, AT),
  explain([`2026-11-01 08:00 ${deep}`], ALL, AT),
]
  .flatMap((decisions) => Object.values(decisions))
  .flatMap((text) => text.replace(/^- /, '').split('; '));

test('every reason is in the table', () => {
  expect(GIVEN.filter((reason) => !PATTERNS.some((pattern) => pattern.test(reason)))).toEqual([]);
});

test('every row of the table is a reason that is given', () => {
  expect(ROWS.length).toBeGreaterThan(15);
  expect(
    ROWS.map(([, reason]) => reason).filter((_, row) => !GIVEN.some((reason) => PATTERNS[row]?.test(reason))),
  ).toEqual([]);
});
