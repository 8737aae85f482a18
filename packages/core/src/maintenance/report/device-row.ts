/** What a night's summary says of one device. */
import type { DeviceId } from '../../ids.ts';
import { SNAPSHOTS_MAX } from '../../limits.ts';
import { HELD_REFUSAL } from '../../format/night-result.ts';
import type { NightResult } from '../../format/night-result.ts';
import { ROW_LIST_MAX, ROW_TEXT_CHARS_MAX } from './night-summary.ts';
import type { ActionKind, DeviceRow, DeviceState, RowDetails } from './night-summary.ts';
import { cutText } from './visible-text.ts';

export interface Known {
  /** Store times at which this night and the one before it ended. */
  readonly ended: Date;
  readonly previousEnded: Date | undefined;
  readonly previousRow: DeviceRow | undefined;
}

const HOUR_MS = 3_600_000;
/** People are reminded of a hold when it is as old as this, and again each time: it may be wanted, or forgotten. */
const HOLD_REMINDER_MS = 7 * 24 * HOUR_MS;

/** A first backup may take weeks of short evenings; one that takes longer has to be helped. */
const FIRST_BACKUP_MS = 14 * 24 * HOUR_MS;

export function heardRow(result: NightResult, known: Known & { readonly isRetired: boolean }): DeviceRow {
  const { snapshots, packs, freshness, hold } = result;
  const { newest, newestFinished } = snapshots;
  const storedBytes = Math.max(0, packs.data.bytes + packs.meta.bytes - packs.removed.bytes);
  const previousBytes = known.previousRow?.state === 'unheard' ? undefined : known.previousRow?.storedBytes;
  const problems = problemsOf(result, known);
  return {
    device: result.device,
    host: newest === null ? null : short(newest.host),
    state: problems[0] ?? quietStateOf(result, known.isRetired),
    problems,
    lastGood: newestFinished && { snapshot: newestFinished.name, landed: newestFinished.landed },
    waitingSince: waitingSince(newestFinished !== null, known),
    ageHours: freshness.ageHours,
    files: newestFinished?.files ?? 0,
    bytes: newestFinished?.bytes ?? 0,
    storedBytes,
    growthBytes: previousBytes === undefined ? null : storedBytes - previousBytes,
    uploadedBytes: result.uploadedBytes,
    removedBytes: packs.removed.bytes,
    unreadable: freshness.unreadable,
    findingCount: result.verification.findingCount + snapshots.damaged.length,
    failedRunCount: freshness.failedRunCount,
    hold: hold && { since: hold.since, by: short(hold.by), reason: short(hold.reason) },
    details: detailsOf(result),
  };
}

/** A device that no result came from: what the night before knew of it, and how old that is by now. */
export function unheardRow(device: DeviceId, known: Known): DeviceRow {
  const { ended, previousRow } = known;
  const lastGood = previousRow?.lastGood ?? null;
  return {
    device,
    host: previousRow?.host ?? null,
    state: 'unheard',
    problems: ['unheard'],
    lastGood,
    waitingSince: waitingSince(lastGood !== null, known),
    ageHours: lastGood && Math.max(0, ended.getTime() - Date.parse(lastGood.landed)) / HOUR_MS,
    files: previousRow?.files ?? 0,
    bytes: previousRow?.bytes ?? 0,
    storedBytes: previousRow?.storedBytes ?? 0,
    growthBytes: null,
    uploadedBytes: 0,
    removedBytes: 0,
    unreadable: 0,
    findingCount: 0,
    failedRunCount: 0,
    hold: previousRow?.hold ?? null,
    details: { findings: [], failedRuns: [], refusals: [], massChange: [] },
  };
}

/** Somebody should see to it that this device is backed up. */
export const isLate = (row: DeviceRow): boolean => row.problems.includes('never') || row.problems.includes('stale');

function problemsOf(result: NightResult, known: Known & { readonly isRetired: boolean }): ActionKind[] {
  const isFlagged = result.massChange.reasons.length > 0;
  const isDamaged = result.verification.findingCount > 0 || result.snapshots.damaged.length > 0;
  const hasBackup = result.snapshots.newestFinished !== null;
  const problems: readonly (readonly [ActionKind, boolean])[] = [
    ['flagged', isFlagged],
    ['damaged', isDamaged],
    ['never', !known.isRetired && !hasBackup && !isUnread(result) && hadItsTime(result, known)],
    ['stale', !known.isRetired && hasBackup && result.freshness.stale],
    // A damaged snapshot is why nothing was removed, too: one problem, told once.
    ['refused', !isDamaged && unwantedRefusals(result).length > 0],
    ['held', !isFlagged && isReminderDue(result, known)],
  ];
  return problems.filter(([, is]) => is).map(([kind]) => kind);
}

/** There are so many snapshots that none was read: whether one is finished is not known. */
const isUnread = ({ snapshots }: NightResult): boolean => snapshots.total > SNAPSHOTS_MAX;

/** The state of a device because of which nobody has to act. */
function quietStateOf(result: NightResult, isRetired: boolean): DeviceState {
  if (result.hold !== null) return 'held';
  if (isRetired) return 'retired';
  if (result.snapshots.newestFinished === null) return 'never';
  return hasFailedSince(result, result.snapshots.newestFinished.landed) ? 'failed' : 'good';
}

/** Since when a device is known without a good backup; null if it has one. */
const waitingSince = (hasBackup: boolean, { ended, previousRow }: Known): string | null =>
  hasBackup ? null : (previousRow?.waitingSince ?? ended.toISOString());

/** No backup yet is a problem from the second night on if nothing was sent, and in any case after some weeks. */
function hadItsTime({ uploadedBytes }: NightResult, known: Known): boolean {
  const since = waitingSince(false, known);
  const waitedMs = known.ended.getTime() - Date.parse(since ?? '');
  return waitedMs > FIRST_BACKUP_MS || (waitedMs > 0 && uploadedBytes === 0);
}

const hasFailedSince = ({ freshness }: NightResult, landed: string): boolean =>
  freshness.failedRuns.some((run) => Date.parse(run.ended) > Date.parse(landed));

const unwantedRefusals = ({ hold, refusals }: NightResult): NightResult['refusals'] =>
  refusals.filter(({ code }) => hold === null || code !== HELD_REFUSAL);

function isReminderDue({ hold }: NightResult, { ended, previousEnded }: Known): boolean {
  if (hold === null) return false;
  const remindersBy = (time: Date): number =>
    Math.max(0, Math.floor((time.getTime() - Date.parse(hold.since)) / HOLD_REMINDER_MS));
  return remindersBy(ended) > (previousEnded === undefined ? 0 : remindersBy(previousEnded));
}

const short = (text: string): string => cutText(text, ROW_TEXT_CHARS_MAX);

function detailsOf(result: NightResult): RowDetails {
  const damagedSnapshots = result.snapshots.damaged.map((key) => ({
    key,
    what: 'the snapshot is damaged',
    snapshots: [],
  }));
  return {
    findings: [...result.verification.findings, ...damagedSnapshots]
      .slice(0, ROW_LIST_MAX)
      .map(({ key, what, snapshots }) => ({
        key: short(key),
        what: short(what),
        snapshots: snapshots.slice(0, ROW_LIST_MAX),
      })),
    failedRuns: result.freshness.failedRuns.slice(0, ROW_LIST_MAX).map(({ run, ended, code, message }) => ({
      run,
      ended,
      code: short(code),
      message: short(message),
    })),
    refusals: unwantedRefusals(result)
      .slice(0, ROW_LIST_MAX)
      .map(({ code, message }) => ({ code: short(code), message: short(message) })),
    massChange: result.massChange.reasons.slice(0, ROW_LIST_MAX).map(short),
  };
}
