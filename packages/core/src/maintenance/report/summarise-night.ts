/** The results of a night's devices become one summary of the fleet: numbers, a row each, and what people should do. */
import type { DeviceId, RunId } from '../../ids.ts';
import type { NightResult } from '../../format/night-result.ts';
import { decideActions } from './decide-actions.ts';
import { heardRow, isLate, unheardRow } from './device-row.ts';
import { DEVICE_STATES } from './night-summary.ts';
import type { DeviceRow, NightSummary, NightTotals } from './night-summary.ts';

export interface NightFacts {
  readonly night: RunId;
  /** Store times. */
  readonly began: Date;
  readonly ended: Date;
  /** Enrolled or seen, and not retired. */
  readonly expected: readonly DeviceId[];
  readonly retired: readonly DeviceId[];
  /** Of another night: not counted, so its device is unheard. */
  readonly results: readonly NightResult[];
  /** Devices whose night was begun a second time, as no result came. */
  readonly reposted: readonly DeviceId[];
  /** Of the night before: growth and newness are counted from it. */
  readonly previous: NightSummary | undefined;
}

/** Beyond this many bytes rows lose what devices wrote, the least urgent ones: a summary must fit a JSON object. */
const ROW_BYTES_MAX = 4_000_000;

export function summariseNight(facts: NightFacts): NightSummary {
  const { night, began, ended, previous } = facts;
  const results = new Map(facts.results.filter((result) => result.night === night).map((r) => [r.device, r]));
  const rows = withinRowBytes(rowsOf(facts, results).sort(byUrgency));
  return {
    version: 1,
    night,
    previousNight: previous?.night ?? null,
    began: began.toISOString(),
    ended: ended.toISOString(),
    totals: totalsOf(rows, [...results.values()], new Set(facts.retired)),
    reposted: [...facts.reposted].sort(),
    rows,
    actions: decideActions(rows, facts),
  };
}

function rowsOf(facts: NightFacts, results: ReadonlyMap<DeviceId, NightResult>): DeviceRow[] {
  const retired = new Set(facts.retired);
  const previousRows = new Map(facts.previous?.rows.map((row) => [row.device, row]));
  const silent = facts.expected.filter((device) => !results.has(device) && !retired.has(device));
  const known = { ended: facts.ended, previousEnded: facts.previous && new Date(facts.previous.ended) };
  return [
    ...[...results.values()].map((result) =>
      heardRow(result, {
        ...known,
        isRetired: retired.has(result.device),
        previousRow: previousRows.get(result.device),
      }),
    ),
    ...[...new Set(silent)].map((device) => unheardRow(device, { ...known, previousRow: previousRows.get(device) })),
  ];
}

/** By state, then the longest without a good backup, then by name. */
function byUrgency(a: DeviceRow, b: DeviceRow): number {
  const ageOf = (row: DeviceRow): number => row.ageHours ?? Number.MAX_VALUE;
  return (
    DEVICE_STATES.indexOf(a.state) - DEVICE_STATES.indexOf(b.state) ||
    ageOf(b) - ageOf(a) ||
    (a.device < b.device ? -1 : 1)
  );
}

function withinRowBytes(rows: readonly DeviceRow[]): DeviceRow[] {
  let bytesLeft = ROW_BYTES_MAX;
  return rows.map((row) => {
    bytesLeft -= Buffer.byteLength(JSON.stringify(row));
    return bytesLeft < 0 ? withoutWords(row) : row;
  });
}

const withoutWords = (row: DeviceRow): DeviceRow => ({
  ...row,
  host: null,
  hold: row.hold && { since: row.hold.since, by: '', reason: '' },
  details: { findings: [], failedRuns: [], refusals: [], massChange: [] },
});

function totalsOf(
  rows: readonly DeviceRow[],
  results: readonly NightResult[],
  retired: ReadonlySet<DeviceId>,
): NightTotals {
  const active = rows.filter((row) => !retired.has(row.device));
  const sumOf = (value: (row: DeviceRow) => number): number => rows.reduce((sum, row) => sum + value(row), 0);
  return {
    devices: active.length,
    good: active.filter((row) => row.state === 'good').length,
    late: active.filter(isLate).length,
    atRetentionFloor: results.filter((r) => r.freshness.atRetentionFloor && !retired.has(r.device)).length,
    unheard: active.filter((row) => row.state === 'unheard').length,
    massChange: results.filter((r) => r.massChange.reasons.length > 0).length,
    files: sumOf((row) => row.files),
    bytes: sumOf((row) => row.bytes),
    storedBytes: sumOf((row) => row.storedBytes),
    uploadedBytes: sumOf((row) => row.uploadedBytes),
    removedBytes: sumOf((row) => row.removedBytes),
    verificationFailures: sumOf((row) => row.findingCount),
    missingPacks: results.reduce((sum, r) => sum + r.verification.missingPacks, 0),
    removedPercentMax: Math.max(0, ...results.map(removedPercentOf)),
  };
}

/**
 * The share of its bytes that a device lost this night. A single pack counts as nothing: one may always go, and of a
 * small device it is a large share that says nothing.
 */
function removedPercentOf({ packs }: NightResult): number {
  const found = packs.data.bytes + packs.meta.bytes;
  return packs.removed.packs <= 1 || found === 0 ? 0 : (packs.removed.bytes / found) * 100;
}
