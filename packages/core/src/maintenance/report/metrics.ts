/** The night's figures for CloudWatch. Alarms are made from these names, so they are public: a test pins the list. */
import type { NightSummary } from './night-summary.ts';

/** Only the nightly job may publish here: what a device says of itself must not quiet an alarm. */
export const METRIC_NAMESPACE = 'BackupAgent';
/** Agents publish here; no health alarm reads it. */
export const DEVICE_METRIC_NAMESPACE = 'BackupAgent/Devices';
/** The only dimension: one for each device would cost more than the backups. */
export const METRIC_DIMENSION = 'Environment';

/**
 * Of each metric its unit.
 *
 * - `MaintenanceCompleted`: 1, or 0 if devices were expected and not one was heard of.
 * - `StaleDevices`, `StalePercent`: devices that somebody should see to, also those never backed up; retired ones do not count.
 * - `DevicesAtRetentionFloor`: devices whose last copy is older than the policy keeps.
 * - `GcDeletedPercent`: the largest share of its bytes that any one device lost this night. Of the whole fleet it would
 *   be no use: one device of 500 that loses all its packs is 0.2 % of them. A device that lost a single pack counts 0.
 */
export const METRIC_UNITS = {
  MaintenanceCompleted: 'Count',
  StaleDevices: 'Count',
  StalePercent: 'Percent',
  DevicesAtRetentionFloor: 'Count',
  VerificationFailures: 'Count',
  MissingPacks: 'Count',
  GcDeletedPercent: 'Percent',
  UploadedBytes: 'Bytes',
  MassChangeDevices: 'Count',
} as const;
export type MetricName = keyof typeof METRIC_UNITS;

export interface Metric {
  readonly name: MetricName;
  readonly unit: (typeof METRIC_UNITS)[MetricName];
  readonly value: number;
}

/** All of them, every night, zeros too: an alarm tells "nothing wrong" from "nothing heard" by that. */
export function metricsOf({ totals, rows }: Pick<NightSummary, 'totals' | 'rows'>): Metric[] {
  const nobodyHeard = rows.length > 0 && rows.every((row) => row.state === 'unheard');
  const values: Readonly<Record<MetricName, number>> = {
    MaintenanceCompleted: nobodyHeard ? 0 : 1,
    StaleDevices: totals.late,
    StalePercent: totals.devices === 0 ? 0 : (totals.late / totals.devices) * 100,
    DevicesAtRetentionFloor: totals.atRetentionFloor,
    VerificationFailures: totals.verificationFailures,
    MissingPacks: totals.missingPacks,
    GcDeletedPercent: totals.removedPercentMax,
    UploadedBytes: totals.uploadedBytes,
    MassChangeDevices: totals.massChange,
  };
  return (Object.keys(METRIC_UNITS) as MetricName[]).map((name) => ({
    name,
    unit: METRIC_UNITS[name],
    value: values[name],
  }));
}
