/** Nights of made-up devices: what is not told is a device without any trouble. */
import fc from 'fast-check';
import { parseDeviceId, parseRunId, snapshotName } from '../../../src/index.ts';
import type { DeviceId, NightResult } from '../../../src/index.ts';
import { summariseNight } from '../../../src/maintenance/report/summarise-night.ts';
import type { NightFacts } from '../../../src/maintenance/report/summarise-night.ts';
import type { NightSummary } from '../../../src/maintenance/report/night-summary.ts';

const NIGHT = parseRunId('20261120T020000Z-00000001');
export const ENDED = new Date('2026-11-20T02:14:00.000Z');
const BEGAN = new Date('2026-11-20T02:00:00.000Z');
const RUN = parseRunId('20261119T180000Z-0a1b2c3d');
const LANDED = '2026-11-19T18:05:00.000Z';
const GiB = 1024 ** 3;

/** Any 16-bit units, also halves of pairs. (fast-check's own `binary` takes seconds to begin.) */
export const anyText = (maxLength = 40): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.nat({ max: 0xff }), fc.nat({ max: 0xffff })), { maxLength })
    .map((units) => String.fromCharCode(...units));

export const deviceId = (name: string): DeviceId => parseDeviceId(name);
export const daysBefore = (days: number, time: Date = ENDED): Date => new Date(time.getTime() - days * 86_400_000);

/** Of each part only what is unusual. */
export type ResultSketch = { readonly [Part in keyof NightResult]?: Partial<NightResult[Part]> | null };

export function result(device: string, sketch: ResultSketch = {}): NightResult {
  const snapshot = {
    name: snapshotName(RUN, 0),
    landed: LANDED,
    host: `${device}.office`,
    files: 1000,
    bytes: 10 * GiB,
  };
  const none = { packs: 0, bytes: 0 };
  const usual: NightResult = {
    version: 1,
    night: NIGHT,
    device: deviceId(device),
    began: BEGAN.toISOString(),
    ended: ENDED.toISOString(),
    refusals: [],
    snapshots: {
      total: 30,
      finished: 30,
      void: 0,
      damaged: [],
      newest: snapshot,
      newestFinished: snapshot,
      removed: [],
    },
    packs: {
      data: { packs: 300, bytes: 9 * GiB },
      meta: { packs: 30, bytes: GiB },
      marked: none,
      newlyMarked: none,
      retiring: none,
      removed: none,
      removedPacks: { data: {}, meta: {} },
      deferred: none,
    },
    index: { segments: 8, compacted: null, removed: [] },
    verification: { packsCompared: 330, findingCount: 0, missingPacks: 0, findings: [] },
    freshness: {
      ageHours: 8,
      stale: false,
      atRetentionFloor: false,
      failedRunCount: 0,
      failedRuns: [],
      unreadable: 0,
    },
    massChange: { reasons: [], run: null },
    hold: null,
    uploadedBytes: 1_000_000,
    unknownKeys: { count: 0, examples: [] },
  };
  const parts = Object.entries(sketch).map(([part, change]) => [part, mixed(usual[part as keyof NightResult], change)]);
  return { ...usual, ...(Object.fromEntries(parts) as Partial<NightResult>) };
}

function mixed(usual: unknown, change: unknown): unknown {
  const isPlain = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return isPlain(usual) && isPlain(change) ? Object.assign({}, usual, change) : change;
}

const names = (first: string): NightResult['verification']['findings'][number] => ({
  key: `v1/devices/${first}/data/${RUN}/00007`,
  what: 'the pack is missing',
  snapshots: [snapshotName(RUN, 0)],
});

/** Ways in which a device is not well. */
export const troubles = {
  stale: { freshness: { ageHours: 124, stale: true } },
  never: {
    snapshots: { total: 0, finished: 0, newest: null, newestFinished: null },
    freshness: { ageHours: null, stale: true },
    uploadedBytes: 0,
  },
  flagged: {
    massChange: { reasons: ['9,120 of 10,000 files changed within an hour, 97 % do not compress.'], run: RUN },
    hold: { since: ENDED.toISOString(), by: 'the nightly job', reason: 'unusual changes' },
    refusals: [{ code: 'HELD', message: 'a hold is on this device' }],
  },
  damaged: { verification: { findingCount: 2, missingPacks: 1, findings: [names('laptop-1')] } },
  refused: { refusals: [{ code: 'POLICY_MISSING', message: 'No policy is stored, so nothing expires.' }] },
  held: {
    hold: { since: daysBefore(3).toISOString(), by: 'admin', reason: 'court order' },
    refusals: [{ code: 'HELD', message: 'a hold is on this device' }],
  },
  failed: {
    freshness: {
      failedRunCount: 1,
      failedRuns: [
        { run: RUN, ended: '2026-11-19T20:00:00.000Z', host: 'x', code: 'ACCESS_DENIED', message: 'cannot write.' },
      ],
    },
  },
} as const satisfies Record<string, ResultSketch>;

export const facts = (results: readonly NightResult[], more: Partial<NightFacts> = {}): NightFacts => ({
  night: NIGHT,
  began: BEGAN,
  ended: ENDED,
  expected: results.map((result) => result.device),
  retired: [],
  results,
  reposted: [],
  previous: undefined,
  ...more,
});

export const summary = (results: readonly NightResult[], more: Partial<NightFacts> = {}): NightSummary =>
  summariseNight(facts(results, more));

/** The summary of the night before, of these devices in this condition. */
export const nightBefore = (results: readonly NightResult[], more: Partial<NightFacts> = {}): NightSummary => {
  const night = parseRunId('20261119T020000Z-00000001');
  return summary(
    results.map((result) => ({ ...result, night })),
    { night, began: daysBefore(1, BEGAN), ended: daysBefore(1), ...more },
  );
};
