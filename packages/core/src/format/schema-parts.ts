/** Pieces that several JSON objects share. */
import * as z from 'zod';
import { isDeviceId, isRunId, isSnapshotName } from '../ids.ts';
import type { DeviceId, RunId, SnapshotName } from '../ids.ts';

export const deviceIdSchema = z.custom<DeviceId>(
  (value) => typeof value === 'string' && isDeviceId(value),
  'not a device id',
);
export const runIdSchema = z.custom<RunId>((value) => typeof value === 'string' && isRunId(value), 'not a run id');
export const snapshotNameSchema = z.custom<SnapshotName>(
  (value) => typeof value === 'string' && isSnapshotName(value),
  'not a snapshot name',
);
export const countSchema = z.int().min(0);
/** ISO 8601 with milliseconds in UTC, as Date.toISOString writes it. */
export const timeSchema = z.iso.datetime({ precision: 3 });

/** Which machine wrote a record, for people and for `adopt`. */
export const machineSchema = z.object({
  /** Stays the same as long as the system is installed. */
  id: z.string().max(200),
  host: z.string().max(300),
  user: z.string().max(300),
  system: z.string().max(100),
  agent: z.string().max(100),
});
export type Machine = z.output<typeof machineSchema>;
