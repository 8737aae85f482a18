import { expect, test } from 'vitest';
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  METRIC_UNITS,
  metricsOf,
} from '../../../src/maintenance/report/metrics.ts';
import type { NightResult } from '../../../src/index.ts';
import { deviceId, facts, nightBefore, result, summary, troubles } from './fleet.ts';
import { summariseNight } from '../../../src/maintenance/report/summarise-night.ts';

const valuesOf = (results: readonly NightResult[], more = {}): Record<string, number> =>
  Object.fromEntries(metricsOf(summary(results, more)).map(({ name, value }) => [name, value]));

test('the names are public: alarms are made from them', () => {
  expect([METRIC_NAMESPACE, METRIC_DIMENSION]).toEqual(['BackupAgent', 'Environment']);
  expect(METRIC_UNITS).toEqual({
    MaintenanceCompleted: 'Count',
    StaleDevices: 'Count',
    StalePercent: 'Percent',
    DevicesAtRetentionFloor: 'Count',
    VerificationFailures: 'Count',
    MissingPacks: 'Count',
    GcDeletedPercent: 'Percent',
    UploadedBytes: 'Bytes',
    MassChangeDevices: 'Count',
  });
});

test.each([
  ['a night without devices', []],
  ['a quiet night', [result('laptop-1')]],
  ['a bad night', Object.entries(troubles).map(([name, trouble]) => result(`laptop-${name}`, trouble))],
])('%s sends every metric, with its unit', (_, results) => {
  const metrics = metricsOf(summary(results));
  expect(Object.fromEntries(metrics.map(({ name, unit }) => [name, unit]))).toEqual(METRIC_UNITS);
  for (const { value } of metrics) expect(Number.isFinite(value)).toBe(true);
});

const removing = (packs: number, bytes: number): NightResult =>
  result('laptop-9', {
    packs: { data: { packs: 10, bytes: 900 }, meta: { packs: 5, bytes: 100 }, removed: { packs, bytes } },
  });

test.each([
  ['nothing is wrong', [result('laptop-1')], { StaleDevices: 0, StalePercent: 0, MaintenanceCompleted: 1 }],
  ['one of four is stale', stale(1, 4), { StaleDevices: 1, StalePercent: 25 }],
  [
    'a last copy is old',
    [result('laptop-1', { freshness: { atRetentionFloor: true } })],
    { DevicesAtRetentionFloor: 1 },
  ],
  ['findings', [result('laptop-1', troubles.damaged)], { VerificationFailures: 2, MissingPacks: 1 }],
  ['damaged snapshots', [result('laptop-1', { snapshots: { damaged: ['a', 'b'] } })], { VerificationFailures: 2 }],
  [
    'the most that any device lost',
    [result('laptop-1'), removing(3, 250), result('laptop-2')],
    { GcDeletedPercent: 25 },
  ],
  ['a single pack may always go', [removing(1, 250)], { GcDeletedPercent: 0 }],
  ['uploads', [result('laptop-1'), result('laptop-2')], { UploadedBytes: 2_000_000 }],
  ['mass change', [result('laptop-1', troubles.flagged)], { MassChangeDevices: 1 }],
])('%s', (_, results, expected) => {
  expect(valuesOf(results)).toMatchObject(expected);
});

function stale(count: number, of: number): NightResult[] {
  return Array.from({ length: of }, (_, i) => result(`laptop-${i}`, i < count ? troubles.stale : {}));
}

test('a device that never had a backup is stale once it had its time', () => {
  const never = [result('laptop-1', troubles.never)];
  expect(valuesOf(never)).toMatchObject({ StaleDevices: 0 });
  expect(valuesOf(never, { previous: nightBefore(never) })).toMatchObject({ StaleDevices: 1, StalePercent: 100 });
});

test('retired devices are neither stale nor at the floor, and cannot be', () => {
  const old = result('laptop-1', { freshness: { ageHours: 9999, stale: true, atRetentionFloor: true } });
  const retired = { expected: [], retired: [deviceId('laptop-1')] };
  expect(valuesOf([old])).toMatchObject({ StaleDevices: 1, DevicesAtRetentionFloor: 1 });
  expect(valuesOf([old], retired)).toMatchObject({ StaleDevices: 0, StalePercent: 0, DevicesAtRetentionFloor: 0 });
});

test('a night in which nobody was heard of is not completed', () => {
  const expected = [deviceId('laptop-1'), deviceId('laptop-2')];
  const completed = (results: readonly NightResult[]): number | undefined =>
    metricsOf(summariseNight(facts(results, { expected }))).find(({ name }) => name === 'MaintenanceCompleted')?.value;
  expect(completed([])).toBe(0);
  expect(completed([result('laptop-1')])).toBe(1);
});
