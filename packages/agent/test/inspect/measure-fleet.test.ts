import { describe, expect, test } from 'vitest';
import type { RunId, SnapshotName } from '@backup-agent/core';
import { measureFleet } from '../../src/inspect/measure-fleet.ts';
import type { RepositoryStats } from '../../src/inspect/repository-stats.ts';

const GB = 1024 ** 3;
const none = { objects: 0, bytes: 0 };

/** 10 GB of documents in 7 GB of packs; runs by the day on which they landed and the GB that they added. */
const stats = (runs: readonly (readonly [day: number, gb: number])[], more: Partial<RepositoryStats> = {}) => ({
  snapshots: runs.length,
  newest: { name: 's' as SnapshotName, files: 5000, folders: 10, bytes: 10 * GB },
  bytesInSnapshots: 10 * GB,
  chunks: 1,
  bytesUnique: 9 * GB,
  bytesStored: 7 * GB,
  objects: 300,
  byKind: {
    data: { objects: 224, bytes: 7 * GB },
    meta: none,
    index: none,
    snapshots: none,
    runs: none,
    marks: none,
    other: none,
  },
  deduplication: undefined,
  compression: undefined,
  growth: runs.map(([day, gb]) => ({ run: 'r' as RunId, landed: new Date(day * 86_400_000), bytes: gb * GB })),
  ...more,
});

test('documents, files, what is left of them, and packs', () => {
  expect(measureFleet(stats([[0, 7]]))).toEqual({
    figures: { gbPerUser: 10, filesPerUser: 5000, reduction: 0.7, packMib: 32 },
    growthDays: undefined,
  });
});

test('with older versions stored as well, what compression leaves', () => {
  expect(measureFleet(stats([[0, 7]], { bytesUnique: 14 * GB })).figures.reduction).toBe(0.5);
});

describe('change in a day', () => {
  test.each<[string, readonly (readonly [number, number])[], number | undefined, number | undefined]>([
    [
      'the first backup is no change',
      [
        [0, 7],
        [2, 0.14],
      ],
      0.01,
      2,
    ],
    [
      'several runs',
      [
        [0, 7],
        [1, 0.07],
        [3, 0.07],
        [4, 0.14],
      ],
      0.01,
      4,
    ],
    [
      'runs on one day do not tell',
      [
        [0, 7],
        [0.9, 1],
      ],
      undefined,
      undefined,
    ],
    ['one run does not tell', [[0, 7]], undefined, undefined],
    ['no run does not tell', [], undefined, undefined],
    [
      'what is older than 30 days is not looked at',
      [
        [0, 7],
        [1, 5],
        [70, 0.7],
        [100, 2.1],
      ],
      0.01,
      30,
    ],
    [
      'all of it at the most',
      [
        [0, 1],
        [1, 50],
      ],
      1,
      1,
    ],
  ])('%s', (_, runs, change, days) => {
    const { figures, growthDays } = measureFleet(stats(runs));
    expect([
      figures.dailyChange === undefined ? undefined : Number(figures.dailyChange.toFixed(9)),
      growthDays,
    ]).toEqual([change, days]);
  });
});

test.each<[string, Partial<RepositoryStats>]>([
  ['no snapshot', { newest: undefined }],
  ['no document', { newest: { name: 's' as SnapshotName, files: 0, folders: 1, bytes: 0 } }],
  ['no pack', { byKind: { ...stats([]).byKind, data: { objects: 0, bytes: 0 } } }],
])('%s: there is nothing to measure', (_, more) => {
  expect(() => measureFleet(stats([[0, 7]], more))).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: '--from-repo: the device has no backup of any document yet',
    }),
  );
});
