/**
 * Whether a device still backs up. Ages are store time; what its run records say is the device's own claim, so being
 * stale follows from snapshots alone.
 */
import { NIGHT_LIST_MAX } from '../format/night-result.ts';
import type { NightResult } from '../format/night-result.ts';
import type { RetentionPolicy } from '../format/policy.ts';
import type { LandedRunRecord } from '../repository/run-records.ts';
import { deviceText } from './device-text.ts';

const HOUR_MS = 3_600_000;
/** Runs that failed longer ago are history: either a later one succeeded, or the device is stale. */
const FAILED_WITHIN_HOURS = 48;
const CODE_LENGTH_MAX = 60;
const HOST_LENGTH_MAX = 300;
const MESSAGE_LENGTH_MAX = 300;

export interface FreshnessInput {
  /** Its newest finished snapshot. */
  readonly newestFinished: { readonly landed: Date } | undefined;
  /** Store time of the night. */
  readonly now: Date;
  readonly staleAfterHours: number;
  readonly policy: RetentionPolicy | undefined;
  /** Newest first. */
  readonly records: readonly LandedRunRecord[];
  /**
   * Store time since which it is expected to back up: when it was enrolled (again), or its first object landed.
   * Undefined: nobody knows; then without a finished snapshot it is stale at once.
   */
  readonly since: Date | undefined;
}

export function freshnessOf(input: FreshnessInput): NightResult['freshness'] {
  const { newestFinished, now, policy, records } = input;
  const ageHours = newestFinished === undefined ? null : hoursBetween(newestFinished.landed, now);
  const failed = records.filter(
    ({ landed, record }) => record.outcome === 'failed' && hoursBetween(landed, now) <= FAILED_WITHIN_HOURS,
  );
  return {
    ageHours,
    stale: isStale(input),
    atRetentionFloor: policy !== undefined && ageHours !== null && ageHours > policy.keepWithinDays * 24,
    failedRunCount: failed.length,
    failedRuns: failed.slice(0, NIGHT_LIST_MAX).map(describeFailure),
    unreadable: records.find(hasWalked)?.record.counts.filesUnreadable ?? 0,
  };
}

/** A device that was enrolled again after a long time gets as long as a new one to come back. */
function isStale({ newestFinished, now, staleAfterHours, since }: FreshnessInput): boolean {
  const heard = [newestFinished?.landed, since].filter((time) => time !== undefined);
  return heard.every((time) => hoursBetween(time, now) > staleAfterHours);
}

const describeFailure = ({ landed, record }: LandedRunRecord): NightResult['freshness']['failedRuns'][number] => ({
  run: record.run,
  ended: landed.toISOString(),
  host: deviceText(record.machine.host, HOST_LENGTH_MAX),
  code: deviceText(record.error?.code ?? 'FAILED', CODE_LENGTH_MAX),
  message: deviceText(record.error?.message ?? '', MESSAGE_LENGTH_MAX),
});

/** A run that failed may not have looked at the files at all. */
const hasWalked = ({ record }: LandedRunRecord): boolean =>
  record.outcome === 'finished' || record.outcome === 'incomplete';

const hoursBetween = (earlier: Date, later: Date): number => Math.max(0, +later - +earlier) / HOUR_MS;
