import { describe, expect, test } from 'vitest';
import { freshnessOf, makeRunId } from '../../src/index.ts';
import type { FreshnessInput, LandedRunRecord, RunRecord } from '../../src/index.ts';
import { landedRecord } from './landed-record.ts';

const NOW = new Date('2026-03-10T02:00:00.000Z');
const hoursAgo = (hours: number): Date => new Date(+NOW - hours * 3_600_000);

const freshness = (input: Partial<FreshnessInput>) =>
  freshnessOf({
    newestFinished: undefined,
    now: NOW,
    staleAfterHours: 72,
    policy: { keepWithinDays: 30, keepLast: 3 },
    records: [],
    since: undefined,
    ...input,
  });

const run = (hours: number, change: Partial<RunRecord> = {}): LandedRunRecord =>
  landedRecord({ landed: hoursAgo(hours), record: { run: makeRunId(hoursAgo(hours), Buffer.alloc(4)), ...change } });
const failedRun = (hours: number, message = 'no room', host = 'desk-1'): LandedRunRecord =>
  run(hours, {
    outcome: 'failed',
    error: { code: 'DISK_FULL', message },
    machine: { id: 'a', host, user: 'ada', system: 'linux', agent: '1' },
  });

describe('a device is stale', () => {
  test.each([
    ['not with a finished snapshot of 72 hours', 72, undefined, false],
    ['with one that is older by a minute', 72 + 1 / 60, undefined, true],
    ['not if it was enrolled again since', 5000, 20, false],
    ['if it never came back after that', 5000, 73, true],
    ['not in its first days, before its first backup', undefined, 72, false],
    ['if its first backup does not end', undefined, 80, true],
    ['without a finished snapshot, if nobody knows since when', undefined, undefined, true],
    ['not with a snapshot that landed after the night began', -1, undefined, false],
  ])('%s', (_, age, since, stale) => {
    const result = freshness({
      newestFinished: age === undefined ? undefined : { landed: hoursAgo(age) },
      since: since === undefined ? undefined : hoursAgo(since),
    });
    expect(result.stale).toBe(stale);
    expect(result.ageHours).toBe(age === undefined ? null : Math.max(0, age));
  });
});

test.each([
  ['a snapshot younger than the policy keeps', 30 * 24, 30, false],
  ['an older one', 30 * 24 + 1, 30, true],
  ['an older one that the policy still keeps', 30 * 24 + 1, 31, false],
  ['no policy', 50_000, undefined, false],
])('with %s as the newest, it is at the floor of retention: %#', (_, age, days, atFloor) => {
  const policy = days === undefined ? undefined : { keepWithinDays: days, keepLast: 3 };
  expect(freshness({ newestFinished: { landed: hoursAgo(age) }, policy }).atRetentionFloor).toBe(atFloor);
});

test('failed runs of the last two days are told with their reasons, newest first', () => {
  const records = [failedRun(1, 'no room'), run(3), failedRun(40, 'none either'), failedRun(49)];
  const { failedRuns, failedRunCount } = freshness({ records });
  expect(failedRunCount).toBe(2);
  expect(failedRuns).toEqual([
    {
      run: records[0]?.record.run,
      ended: '2026-03-10T01:00:00.000Z',
      host: 'desk-1',
      code: 'DISK_FULL',
      message: 'no room',
    },
    {
      run: records[2]?.record.run,
      ended: '2026-03-08T10:00:00.000Z',
      host: 'desk-1',
      code: 'DISK_FULL',
      message: 'none either',
    },
  ]);
});

test('what a device says of its failures is cut, on one line, and turns nothing around', () => {
  const message = `line\r\nfrom: somebody\u2028\u202eelse\u0000${'x'.repeat(1_000_000)}`;
  const { failedRuns } = freshness({
    records: [failedRun(1, message, 'desk\n1'), failedRun(2, `${'x'.repeat(298)}\u{1f480}yyy`)],
  });
  expect(failedRuns[0]?.message).toMatch(/^line from: somebody else x+…$/);
  expect(failedRuns[0]?.message.length).toBeLessThanOrEqual(300);
  expect(failedRuns[0]?.host).toBe('desk 1');
  expect(failedRuns[1]?.message).toBe(`${'x'.repeat(298)}\ufffd…`);
});

test('hundreds of failures are counted, the newest hundred told', () => {
  const { failedRuns, failedRunCount } = freshness({
    records: Array.from({ length: 250 }, (_, i) => failedRun(i / 10)),
  });
  expect([failedRunCount, failedRuns.length]).toEqual([250, 100]);
});

test('unreadable files are those of the newest run that looked', () => {
  const counts = run(0).record.counts;
  const records = [failedRun(1), run(2, { outcome: 'incomplete', counts: { ...counts, filesUnreadable: 7 } }), run(26)];
  expect(freshness({ records }).unreadable).toBe(7);
  expect(freshness({ records: [] }).unreadable).toBe(0);
});
