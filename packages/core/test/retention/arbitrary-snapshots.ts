/** Snapshots of anything for property tests, and the definition of "contains" in the plainest words. */
import fc from 'fast-check';
import type { RetainedSnapshot, RetentionPolicy } from '../../src/index.ts';
import { DAY_MS, nameOf, utc } from './snapshot-rows.ts';

export const LISTED = utc('2026-11-20 12:00');
const YEAR_MS = 366 * DAY_MS;

const roots = fc.constantFrom('/', '/a', '/ab', '/a/b', '/a/b/c', '/b', '/b/a', 'C:/', 'C:/a', 'C:/ab', 'C:/a/b');
export const rootSets = fc.array(roots, { minLength: 1, maxLength: 4 });

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
export const contains = (outer: readonly string[], inner: readonly string[]): boolean =>
  inner.every((path) => outer.some((root) => isWithin(path, root)));

/** Most within days and hours of the listing, some of years ago, some at the same moment, some of the future. */
const ages = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }).map((days) => days * DAY_MS) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 * DAY_MS }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: DAY_MS / 8 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * YEAR_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: -YEAR_MS, max: 0 }) },
);

/** Many at a time, of few sets of roots, so that many are related. */
export const snapshotsOf = (
  landed: fc.Arbitrary<Date>,
  { namesFrom = 0, maxLength = 25 } = {},
): fc.Arbitrary<RetainedSnapshot[]> =>
  fc
    .array(
      fc.record({
        landed,
        finished: fc.boolean(),
        roots: fc.oneof({ weight: 3, arbitrary: fc.constant(['/a']) }, rootSets),
        tags: fc.subarray(['tax', 'other']),
      }),
      { maxLength, size: 'max' },
    )
    .map((snapshots) => snapshots.map((snapshot, number) => ({ ...snapshot, name: nameOf(namesFrom + number) })));

export const snapshots = snapshotsOf(ages.map((age) => new Date(+LISTED - age)));

export const timeZones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia');
const counts = fc.integer({ min: 0, max: 3 });
export const policies: fc.Arbitrary<RetentionPolicy> = fc.record(
  {
    keepWithinDays: fc.integer({ min: 1, max: 8 }),
    keepLast: fc.integer({ min: 1, max: 4 }),
    keepHourly: counts,
    keepDaily: counts,
    keepWeekly: counts,
    keepMonthly: counts,
    keepYearly: counts,
    timeZone: timeZones,
    keepTags: fc.subarray(['tax']),
  },
  { requiredKeys: ['keepWithinDays', 'keepLast'] },
);

/** Newer by store time, then by the larger name. */
export const isNewer = (a: RetainedSnapshot, b: RetainedSnapshot): boolean =>
  +a.landed > +b.landed || (+a.landed === +b.landed && a.name > b.name);
