import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JSON_BYTES_MAX, SNAPSHOTS_MAX, parseRunId } from '../../../src/index.ts';
import type { NightResult } from '../../../src/index.ts';
import { decodeNightSummary, encodeNightSummary } from '../../../src/maintenance/report/night-summary.ts';
import type { DeviceRow, NightSummary } from '../../../src/maintenance/report/night-summary.ts';
import { daysBefore, deviceId, ENDED, nightBefore, result, summary, troubles } from './fleet.ts';
import type { ResultSketch } from './fleet.ts';
import { outcomeOf, withByte } from '../../kit/hostile-bytes.ts';

const one = (sketch: ResultSketch = {}): NightResult => result('laptop-1', sketch);
const rowOf = ({ rows }: NightSummary): DeviceRow => rows[0] as DeviceRow;

describe('a row', () => {
  const everBefore = nightBefore([one(troubles.never)]);
  const uploading = { ...troubles.never, uploadedBytes: 5 };
  const crowded = {
    ...troubles.refused,
    snapshots: { ...troubles.never.snapshots, total: SNAPSHOTS_MAX + 1 },
  };
  const heldFor = (days: number) => ({ hold: { ...troubles.held.hold, since: daysBefore(days).toISOString() } });
  test.each<[string, ResultSketch, NightSummary | undefined, string, string[]]>([
    ['without trouble', {}, undefined, 'good', []],
    ['stale', troubles.stale, undefined, 'stale', ['stale']],
    ['enrolled today', troubles.never, undefined, 'never', []],
    ['enrolled yesterday and still without a backup', troubles.never, everBefore, 'never', ['never']],
    ['whose first backup is under way', uploading, everBefore, 'never', []],
    ['with too many snapshots to read any', { ...troubles.never, ...crowded }, everBefore, 'refused', ['refused']],
    ['unusually changed', troubles.flagged, undefined, 'flagged', ['flagged']],
    ['damaged', troubles.damaged, undefined, 'damaged', ['damaged']],
    ['with a damaged snapshot', { snapshots: { damaged: ['x'] } }, undefined, 'damaged', ['damaged']],
    ['damaged and refused for it', { ...troubles.damaged, ...troubles.refused }, undefined, 'damaged', ['damaged']],
    ['refused', troubles.refused, undefined, 'refused', ['refused']],
    ['on hold', troubles.held, undefined, 'held', []],
    ['refused as held, without a hold', { ...troubles.held, hold: null }, undefined, 'refused', ['refused']],
    ['on hold for 8 days, 7 of them yesterday', heldFor(8), nightBefore([one(heldFor(8))]), 'held', []],
    ['on hold for 7 days and an hour', heldFor(7.05), nightBefore([one(heldFor(7.05))]), 'held', ['held']],
    ['with a failed run', troubles.failed, undefined, 'failed', []],
    ['stale and damaged', { ...troubles.stale, ...troubles.damaged }, undefined, 'damaged', ['damaged', 'stale']],
  ])('%s', (_, sketch, previous, state, problems) => {
    const row = rowOf(summary([one(sketch)], { previous }));
    expect([row.state, row.problems]).toEqual([state, problems]);
  });

  test('a run that failed before the newest backup is no trouble', () => {
    const [run] = troubles.failed.freshness.failedRuns;
    const failedRuns = [{ ...run, ended: '2026-11-19T12:00:00.000Z' }];
    expect(rowOf(summary([one({ freshness: { failedRunCount: 1, failedRuns } })])).state).toBe('good');
  });

  test('a first backup that takes longer than two weeks has to be helped', () => {
    const uploading = one({ ...troubles.never, uploadedBytes: 5 });
    const nights = Array.from({ length: 16 }, (_, i) => daysBefore(15 - i));
    const lateOn: number[] = [];
    let previous: NightSummary | undefined;
    for (const [i, ended] of nights.entries()) {
      previous = summary([uploading], { ended, previous });
      if (previous.totals.late > 0) lateOn.push(i);
    }
    expect(lateOn).toEqual([15]);
  });

  test('counts what is stored after the night, and its growth', () => {
    const packs = {
      data: { packs: 3, bytes: 700 },
      meta: { packs: 1, bytes: 100 },
      removed: { packs: 1, bytes: 50 },
    };
    const before = nightBefore([one({ packs: { ...packs, data: { packs: 2, bytes: 450 } } })]);
    expect(rowOf(summary([one({ packs })], { previous: before }))).toMatchObject({
      storedBytes: 750,
      growthBytes: 250,
      removedBytes: 50,
    });
    expect(rowOf(summary([one({ packs })])).growthBytes).toBeNull();
  });

  test('of a silent device shows what was known of it, older by now', () => {
    const previous = nightBefore([one()]);
    const row = rowOf(summary([], { expected: [deviceId('laptop-1')], previous }));
    expect(row).toMatchObject({ state: 'unheard', problems: ['unheard'], host: 'laptop-1.office', growthBytes: null });
    expect(row.storedBytes).toBe(rowOf(previous).storedBytes);
    expect(row.ageHours).toBeCloseTo(8.15);
    const after = summary([one()], { previous: summary([], { expected: [deviceId('laptop-1')], previous }) });
    expect(rowOf(after).growthBytes).toBeNull();
  });

  test('of a device that nothing is known of is there', () => {
    expect(rowOf(summary([], { expected: [deviceId('laptop-1')] }))).toMatchObject({
      state: 'unheard',
      host: null,
      lastGood: null,
    });
  });

  test('a result of another night is none', () => {
    const other = { ...one(), night: parseRunId('20261119T020000Z-00000009') };
    expect(rowOf(summary([other])).state).toBe('unheard');
  });
});

test('a retired device is never waited for, and its damage is still told', () => {
  const retired = [deviceId('laptop-1'), deviceId('laptop-2'), deviceId('laptop-3')];
  const results = [
    one(troubles.stale),
    result('laptop-2', { ...troubles.stale, ...troubles.damaged }),
    result('desk-1'),
  ];
  const { rows, totals, actions } = summary(results, { expected: retired, retired });
  expect(rows.map(({ device, state }) => `${device} ${state}`)).toEqual([
    'laptop-2 damaged',
    'laptop-1 retired',
    'desk-1 good',
  ]);
  expect(totals).toMatchObject({ devices: 1, good: 1, late: 0, unheard: 0 });
  expect(actions.map(({ kind }) => kind)).toEqual(['damaged']);
});

describe('actions', () => {
  const all = (): NightSummary =>
    summary(
      [...Object.entries(troubles).map(([name, trouble]) => result(`laptop-${name}`, trouble)), result('desk-1')],
      {
        expected: [deviceId('laptop-gone')],
      },
    );

  test('are none when all is well', () => {
    expect(summary([one(), result('laptop-2', troubles.failed), result('laptop-3', troubles.held)]).actions).toEqual(
      [],
    );
  });

  test('come with the most urgent first, each with its device and command', () => {
    expect(all().actions.map(({ devices }) => devices[0]?.command)).toEqual([
      'backup-agent hold clear laptop-flagged',
      'backup-agent verify --device laptop-damaged',
      'backup-agent run --device laptop-stale',
      'backup-agent maintain --dry-run --device laptop-gone',
      'backup-agent maintain --dry-run --device laptop-refused',
    ]);
    expect(all().rows.map(({ state }) => state)).toEqual([
      'flagged',
      'damaged',
      'never',
      'stale',
      'unheard',
      'refused',
      'held',
      'failed',
      'good',
    ]);
  });

  test.each<[string, ResultSketch, string, string]>([
    ['stale', troubles.stale, 'No recent backup of laptop-1', 'Last good backup: 2026-11-19 18:05 UTC, 5 days ago.'],
    ['flagged', troubles.flagged, 'Unusual changes on laptop-1: ransomware?', '9,120 of 10,000 files changed'],
    ['damaged', troubles.damaged, 'Backups of laptop-1 are damaged', '2 findings, the first: the pack is missing: v1/'],
    ['refused', troubles.refused, 'Nothing old was removed of laptop-1', 'No policy is stored'],
  ])('%s: a title and what was seen', (kind, sketch, title, detail) => {
    const [action] = summary([one(sketch)]).actions;
    expect([action?.kind, action?.title]).toEqual([kind, title]);
    expect(action?.devices[0]?.detail).toContain(detail);
  });

  test('a stale device whose last run failed says why', () => {
    const [action] = summary([
      one({ freshness: { ...troubles.failed.freshness, ...troubles.stale.freshness } }),
    ]).actions;
    expect(action?.devices[0]?.detail).toMatch(/Its last run failed \(ACCESS_DENIED\): cannot write\.$/);
  });

  test('unusual changes without a hold ask for one', () => {
    const [action] = summary([one({ ...troubles.flagged, hold: null })]).actions;
    expect(action?.devices[0]?.command).toBe('backup-agent hold set laptop-1');
  });

  test('say of a silent device whether its night was begun twice', () => {
    const [gone, lost] = [deviceId('laptop-gone'), deviceId('laptop-lost')];
    const { actions, reposted } = summary([], { expected: [gone, lost], reposted: [lost] });
    expect(reposted).toEqual([lost]);
    expect(actions[0]?.devices.map(({ detail }) => detail)).toEqual([
      'Last known good backup: none.',
      'Begun twice, without a result. Last known good backup: none.',
    ]);
  });

  test('tell what is new since the night before', () => {
    const previous = nightBefore([one(troubles.stale), result('laptop-2', troubles.refused)]);
    const { actions } = summary([one(troubles.stale), result('laptop-2', troubles.stale)], { previous });
    expect(actions).toHaveLength(1);
    expect(actions[0]).toMatchObject({ deviceCount: 2, newCount: 1, title: 'No recent backup of 2 devices' });
    expect(actions[0]?.devices.map(({ device, isNew }) => [device, isNew])).toEqual([
      ['laptop-1', false],
      ['laptop-2', true],
    ]);
  });
});

describe('the object', () => {
  const whole = summary(Object.entries(troubles).map(([name, trouble]) => result(`laptop-${name}`, trouble)));

  test('comes back as it was', () => {
    expect(decodeNightSummary(encodeNightSummary(whole), 'a report')).toEqual(whole);
  });

  test('does not change unseen', () => {
    const bytes = encodeNightSummary(whole);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        expect(outcomeOf(() => decodeNightSummary(withByte(bytes, at, flip), 'a report'))).toBe('OBJECT_DAMAGED');
      }),
    );
  });

  test('of 2,000 devices that write as much as they can is small enough, and tells the worst of the worst', () => {
    const text = '\u0000"<'.repeat(20_000);
    const list = <T>(value: T): T[] => Array.from({ length: 100 }, () => value);
    const [failed] = troubles.failed.freshness.failedRuns;
    const [finding] = troubles.damaged.verification.findings;
    const snapshot = result('laptop-1').snapshots.newest;
    const results = Array.from({ length: 2000 }, (_, i) =>
      result(`laptop-${i}`, {
        snapshots: { damaged: list(text), newest: snapshot && { ...snapshot, host: text } },
        freshness: { stale: true, failedRunCount: 100, failedRuns: list({ ...failed, code: text, message: text }) },
        verification: { findingCount: 100, findings: list({ ...finding, key: text, what: text }) },
        refusals: list({ code: text, message: text }),
        massChange: { reasons: list(text) },
        hold: { since: ENDED.toISOString(), by: text, reason: text },
      }),
    );
    const { rows } = decodeNightSummary(encodeNightSummary(summary(results)), 'a report');
    expect(encodeNightSummary(summary(results)).length).toBeLessThan(JSON_BYTES_MAX);
    expect(rows[0]?.details.findings).toHaveLength(5);
    expect(rows.at(-1)?.details.findings).toEqual([]);
    expect(rows.at(-1)?.findingCount).toBe(200);
  });
});
