/** What lies under `v1/system/` in the golden repository: an administrator's words and the result of a night. */
import {
  deviceWordKey,
  encodeDeviceWord,
  encodeHold,
  encodeNightResult,
  encodePin,
  encodePolicy,
  holdKey,
  nightResultKey,
  parseRunId,
  pinKey,
  policyKey,
  snapshotName,
} from '../../src/index.ts';
import type { DeviceId, NightResult, ObjectKey, RunId } from '../../src/index.ts';

export const GOLDEN_NIGHT = parseRunId('20260106T230000Z-5eed5eed');
const POLICY_WORD = parseRunId('20260105T075500Z-00c0ffee');
const DEVICE_WORD = parseRunId('20260105T075800Z-0de11ce0');
const HOLD_WORD = parseRunId('20260106T090000Z-01d01d01');
const PIN_WORD = parseRunId('20260106T090500Z-0b1b1b10');

/** `runs`: the device's two runs, older first. */
export function goldenSystem(device: DeviceId, runs: readonly [RunId, RunId]): [ObjectKey, Buffer][] {
  const said = (written: string) => ({ version: 1, written, by: 'ada' }) as const;
  const policy = { keepWithinDays: 30, keepLast: 3, keepMonthly: 12, timeZone: 'Europe/Vienna' };
  const heldFor = 'letters missing since Monday: nothing may go before they are found';
  return [
    [policyKey(POLICY_WORD), encodePolicy({ ...said('2026-01-05T07:55:00.000Z'), policy })],
    [deviceWordKey(device, DEVICE_WORD), encodeDeviceWord({ ...said('2026-01-05T07:58:00.000Z'), state: 'enrolled' })],
    [holdKey(device, HOLD_WORD), encodeHold({ ...said('2026-01-06T09:00:00.000Z'), state: 'held', reason: heldFor })],
    [
      pinKey(device, snapshotName(runs[0], 0), PIN_WORD),
      encodePin({ ...said('2026-01-06T09:05:00.000Z'), state: 'pinned', reason: 'accounts of 2025' }),
    ],
    [nightResultKey(GOLDEN_NIGHT, device), encodeNightResult(goldenNight(device, runs[1], heldFor))],
  ];
}

/** A night that found the device under a hold, one pack damaged, and one run failed. */
function goldenNight(device: DeviceId, run: RunId, heldFor: string): NightResult {
  const host = 'desk-1.example';
  const newest = { name: snapshotName(run, 0), landed: '2026-01-06T08:00:10.000Z', host, files: 13, bytes: 140_191 };
  const none = { packs: 0, bytes: 0 };
  return {
    version: 1,
    night: GOLDEN_NIGHT,
    device,
    began: '2026-01-06T23:00:05.000Z',
    ended: '2026-01-06T23:00:07.000Z',
    refusals: [{ code: 'HELD', message: 'the device is under a hold: nothing was removed' }],
    snapshots: { total: 2, finished: 2, void: 0, damaged: [], newest, newestFinished: newest, removed: [] },
    packs: {
      data: { packs: 2, bytes: 42_000 },
      meta: { packs: 2, bytes: 4_000 },
      marked: none,
      newlyMarked: none,
      retiring: none,
      removed: none,
      removedPacks: { data: {}, meta: {} },
      deferred: none,
    },
    index: { segments: 2, compacted: null, removed: [] },
    verification: {
      packsCompared: 4,
      missingPacks: 0,
      findingCount: 1,
      findings: [
        { key: `v1/devices/${device}/data/${run}/00000`, what: 'its length differs', snapshots: [newest.name] },
      ],
    },
    freshness: {
      ageHours: 14.99,
      stale: false,
      atRetentionFloor: false,
      failedRunCount: 1,
      failedRuns: [{ run, ended: '2026-01-06T08:10:00.000Z', host, code: 'STORE_UNREACHABLE', message: 'no answer' }],
      unreadable: 1,
    },
    massChange: { reasons: ['9 of 13 files changed'], run },
    hold: { since: '2026-01-06T09:00:00.000Z', by: 'ada', reason: heldFor },
    uploadedBytes: 46_000,
    unknownKeys: { count: 1, examples: ['v1/devices/desk-1/notes.txt'] },
  };
}
