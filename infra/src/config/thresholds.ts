/** The numbers that alarms fire at: as chosen, or from the size of the fleet. */
import type { BackupConfig } from './backup-config.ts';

const GIGABYTE = 1024 ** 3;

export interface Thresholds {
  readonly bucketBytes: number;
  readonly uploadedBytesPerDay: number;
  readonly clientErrorsPerHour: number;
  readonly requestsPerHour: number;
  readonly deletesPerHour: number;
  readonly removedPercent: number;
  readonly stalePercent: number;
  /** Without a completed night for so long, one was missed: the longest gap of the schedule, and two hours for the night itself. */
  readonly missedAfterHours: number;
}

/** Room for a month's changes, for what was removed and can still be brought back, and for growth. */
const BUCKET_FACTOR = 1.5;
/** A usual day changes about 1 %. */
const UPLOADED_SHARE = 0.05;
const NIGHT_HOURS = 2;

export function thresholdsOf(config: BackupConfig, gapHoursMax: number): Thresholds {
  const { users, gigabytesPerUser, alarms } = config;
  const expected = users * gigabytesPerUser;
  return {
    bucketBytes: (alarms.bucketGigabytes ?? expected * BUCKET_FACTOR) * GIGABYTE,
    uploadedBytesPerDay: (alarms.uploadedGigabytesPerDay ?? expected * UPLOADED_SHARE) * GIGABYTE,
    // A night looks for each device's result before there is one, and agents ask whether a key is taken by writing it.
    clientErrorsPerHour: alarms.clientErrorsPerHour ?? Math.max(500, users * 10),
    // A night asks some 150 times for each device, a first backup some thousand times.
    requestsPerHour: alarms.requestsPerHour ?? Math.max(50_000, users * 1000),
    // A night removes a day's snapshot of each device, with its packs, index segments and records.
    deletesPerHour: alarms.deletesPerHour ?? Math.max(1000, users * 60),
    removedPercent: alarms.removedPercent,
    stalePercent: alarms.stalePercent,
    missedAfterHours: gapHoursMax + NIGHT_HOURS,
  };
}
