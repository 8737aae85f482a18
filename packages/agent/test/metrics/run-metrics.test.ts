import { expect, test } from 'vitest';
import type { RunRecord } from '@backup-agent/core';
import { runMetrics } from '../../src/metrics/run-metrics.ts';

const valuesOf = (record: RunRecord | undefined): object =>
  Object.fromEntries(runMetrics(record).map(({ name, value }) => [name, value]));

const record = (started: string, ended: string): RunRecord =>
  ({ started, ended, counts: { filesUnreadable: 3 }, bytes: { uploaded: 4096 } }) as RunRecord;

test('a run that is done tells what it came to', () => {
  expect(valuesOf(record('2026-11-20T10:00:00.000Z', '2026-11-20T10:01:30.500Z'))).toEqual({
    RunsDone: 1,
    RunsFailed: 0,
    UnreadableFiles: 3,
    UploadedBytes: 4096,
    RunSeconds: 90.5,
  });
});

test('a clock that was set back makes no negative duration', () => {
  expect(valuesOf(record('2026-11-20T10:00:00.000Z', '2026-11-20T09:00:00.000Z'))).toMatchObject({ RunSeconds: 0 });
});

test('of a run that failed nothing else is known', () => {
  expect(valuesOf(undefined)).toEqual({ RunsDone: 0, RunsFailed: 1 });
});
