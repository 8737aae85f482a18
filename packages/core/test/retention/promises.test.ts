/** What holds of all decisions, whatever devices write. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRetention } from '../../src/index.ts';
import type { RetainedSnapshot, RetentionInput, RetentionPolicy } from '../../src/index.ts';
import { calendarOf } from '../../src/retention/periods.ts';
import {
  LISTED,
  contains,
  isNewer,
  policies,
  rootSets,
  snapshots,
  snapshotsOf,
  timeZones,
} from './arbitrary-snapshots.ts';
import { DAY_MS, HOUR_MS, keptBy } from './snapshot-rows.ts';

const RUNS = { numRuns: 300 };

const inputs: fc.Arbitrary<RetentionInput> = fc.record({
  snapshots,
  policy: policies,
  pinned: snapshots.map((some) => new Set(some.slice(0, 2).map(({ name }) => name))),
  listed: fc.constant(LISTED),
  supersededMs: fc.constantFrom(HOUR_MS, 0),
});
const withPolicy = (input: RetentionInput): RetentionPolicy => input.policy as RetentionPolicy;

const gone = (input: RetentionInput): RetainedSnapshot[] => {
  const kept = keptBy(input);
  return input.snapshots.filter(({ name }) => !kept.has(name));
};

/** Those that are newer, have all its folders, and are finished if it is. */
const successorsOf = (snapshot: RetainedSnapshot, all: readonly RetainedSnapshot[]): RetainedSnapshot[] =>
  all.filter(
    (other) =>
      isNewer(other, snapshot) && (other.finished || !snapshot.finished) && contains(other.roots, snapshot.roots),
  );

test('something goes at all', () => {
  const counts = fc.sample(inputs, { seed: 1, numRuns: 100 }).map((input) => gone(input).length);
  expect(counts.filter((count) => count > 2).length).toBeGreaterThan(30);
});

test('the newest finished one and the newest of any kind of every set of folders stay', () => {
  fc.assert(
    fc.property(inputs, rootSets, (input, roots) => {
      const kept = keptBy(input);
      const holding = input.snapshots.filter((snapshot) => contains(snapshot.roots, roots));
      for (const some of [holding, holding.filter(({ finished }) => finished)]) {
        const newest = some.find((snapshot) => !some.some((other) => isNewer(other, snapshot)));
        if (newest !== undefined) expect(kept).toContain(newest.name);
      }
    }),
    RUNS,
  );
});

test('nothing goes before a newer one of its folders, finished if it is, has been there for an hour', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      for (const snapshot of gone(input)) {
        const landed = successorsOf(snapshot, input.snapshots).map((other) => +other.landed);
        expect(Math.min(...landed)).toBeLessThanOrEqual(+LISTED - input.supersededMs);
      }
    }),
    RUNS,
  );
});

test('what goes is not pinned, tagged or young, and names one that stays in its place', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const policy = withPolicy(input);
      const kept = keptBy(input);
      const reasons = new Map(decideRetention(input).map((decision) => [decision.name, decision.reasons]));
      for (const snapshot of gone(input)) {
        expect(input.pinned.has(snapshot.name)).toBe(false);
        expect(snapshot.tags.some((tag) => policy.keepTags?.includes(tag))).toBe(false);
        expect(+LISTED - +snapshot.landed).toBeGreaterThanOrEqual(policy.keepWithinDays * DAY_MS);
        const names = successorsOf(snapshot, input.snapshots).map(({ name }) => name);
        const stays = names.filter((name) => kept.has(name)).map((name) => `superseded by ${name}`);
        expect(stays).toContain(reasons.get(snapshot.name)?.[0]);
      }
    }),
    RUNS,
  );
});

test('a decision for each, none without a reason, in whatever order they come', () => {
  const shuffled = inputs.chain((input) =>
    fc.tuple(fc.constant(input), fc.shuffledSubarray([...input.snapshots], { minLength: input.snapshots.length })),
  );
  fc.assert(
    fc.property(shuffled, ([input, others]) => {
      const decisions = decideRetention(input);
      expect(decideRetention({ ...input, snapshots: others })).toEqual(decisions);
      expect(decisions.map(({ name }) => name).sort()).toEqual(input.snapshots.map(({ name }) => name).sort());
      expect(decisions.every(({ reasons }) => reasons.length > 0 && !reasons.join().includes('undefined'))).toBe(true);
    }),
    RUNS,
  );
});

test('what goes may go: without it nothing else is decided differently about what stays', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const kept = keptBy(input);
      const left = input.snapshots.filter(({ name }) => kept.has(name));
      expect(keptBy({ ...input, snapshots: left })).toEqual(kept);
    }),
    RUNS,
  );
});

const COUNTED = [
  ['keepLast', 'day', 'newest of the last '],
  ['keepHourly', 'hour', 'hourly: '],
  ['keepDaily', 'day', 'daily: '],
  ['keepWeekly', 'week', 'weekly: '],
  ['keepMonthly', 'month', 'monthly: '],
  ['keepYearly', 'year', 'yearly: '],
] as const;

/**
 * Whoever has a device can land as many snapshots of any roots in a day as they like. Each rule then counts one period
 * more, so what it keeps with a count of one less, of other periods, it keeps all the same.
 */
test('any number of snapshots faked on one day, or in one hour, take one place of each rule', () => {
  const faked = snapshotsOf(
    fc.integer({ min: 0, max: 21 * DAY_MS }).map((age) => new Date(+LISTED - age)),
    { namesFrom: 1000, maxLength: 40 },
  );
  const at = { pinned: new Set<never>(), listed: LISTED, supersededMs: HOUR_MS };
  let compared = 0;
  fc.assert(
    fc.property(
      snapshots,
      faked,
      timeZones,
      fc.constantFrom(...COUNTED),
      fc.integer({ min: 2, max: 4 }),
      fc.nat({ max: 20 }),
      (honest, somewhen, timeZone, [rule, period, words], count, daysAgo) => {
        const policy = (last: number) => ({ keepWithinDays: 1, keepLast: 1, timeZone, [rule]: last });
        const calendar = calendarOf(timeZone);
        const periodsOf = ({ landed }: Pick<RetainedSnapshot, 'landed'>) =>
          calendar(new Date(Math.min(+landed, +LISTED)));
        const start = new Date(+LISTED - daysAgo * DAY_MS);
        const span = rule === 'keepHourly' ? HOUR_MS : DAY_MS;
        const burst = somewhen
          .map((snapshot) => ({ ...snapshot, landed: new Date(+start - (+snapshot.landed % span)) }))
          .filter((snapshot) => {
            const [its, first] = [periodsOf(snapshot), periodsOf({ landed: start })];
            return rule === 'keepHourly' ? its.hour === first.hour : its.day === first.day;
          });
        const before = decideRetention({ ...at, snapshots: honest, policy: policy(count - 1) })
          .filter(({ reasons }) => reasons.some((reason) => reason.startsWith(words)))
          .map(({ name }) => name);
        const spared = honest.filter(
          (snapshot) =>
            before.includes(snapshot.name) && periodsOf(snapshot)[period] !== periodsOf({ landed: start })[period],
        );
        const kept = keptBy({ ...at, snapshots: [...honest, ...burst], policy: policy(count) });
        for (const { name } of spared) expect(kept).toContain(name);
        if (burst.length > 5) compared += spared.length;
      },
    ),
    RUNS,
  );
  expect(compared).toBeGreaterThan(50);
});

test('that place is taken: with one day to count, snapshots of a day later push out older ones', () => {
  const honest = { name: 'a', landed: new Date(+LISTED - 9 * DAY_MS), finished: true, roots: ['/a'], tags: [] };
  const faked = { ...honest, name: 'b', landed: new Date(+LISTED - 2 * DAY_MS) };
  const input = (keepLast: number) =>
    ({
      snapshots: [honest, faked],
      policy: { keepWithinDays: 1, keepLast },
      pinned: new Set(),
      listed: LISTED,
      supersededMs: HOUR_MS,
    }) as unknown as RetentionInput;
  expect([...keptBy(input(1))]).toEqual(['b']);
  expect([...keptBy(input(2))]).toEqual(['b', 'a']);
});
