/**
 * Alarms on what a night says of the fleet. Its figures come once a night, so between two nights there is nothing to
 * judge: an alarm keeps its state until the next figure (IGNORE), or takes silence itself for the trouble (BREACHING).
 */
import { Duration } from 'aws-cdk-lib';
import { Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from '@backup-agent/core';
import type { MetricName } from '@backup-agent/core';
import type { AlarmSpec, Watched } from './alarm-spec.ts';

const HOUR = Duration.hours(1);
const DAY = Duration.days(1);

export function nightAlarms({ config, thresholds }: Watched): AlarmSpec[] {
  const figure = (metricName: MetricName, statistic: 'Maximum' | 'Sum', period: Duration): Metric =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      statistic,
      period,
      dimensionsMap: { [METRIC_DIMENSION]: config.environment },
    });
  const once = { periods: 1, missing: TreatMissingData.IGNORE } as const;
  const silence = { periods: thresholds.missedAfterHours, missing: TreatMissingData.BREACHING } as const;
  return [
    {
      name: 'run-missed',
      article: 'RunMissed',
      meaning: `No night was completed for ${thresholds.missedAfterHours} hours: nothing is checked and nothing expires.`,
      metric: figure('MaintenanceCompleted', 'Sum', HOUR),
      fires: 'below',
      threshold: 1,
      ...silence,
    },
    {
      name: 'stale-devices',
      article: 'StaleDevices',
      meaning: `At least one device has had no good snapshot for ${config.staleAfterHours} hours.`,
      metric: figure('StaleDevices', 'Maximum', DAY),
      fires: 'at-least',
      threshold: 1,
      ...once,
    },
    {
      name: 'stale-percent',
      article: 'StalePercent',
      meaning: `More than ${thresholds.stalePercent} % of all devices are late, or nobody knows: the cause is likely on our side.`,
      metric: figure('StalePercent', 'Maximum', HOUR),
      fires: 'above',
      threshold: thresholds.stalePercent,
      ...silence,
    },
    {
      name: 'retention-floor',
      article: 'DevicesAtRetentionFloor',
      meaning: `The last copy of at least one device is older than ${config.retentionDays} days.`,
      metric: figure('DevicesAtRetentionFloor', 'Maximum', DAY),
      fires: 'at-least',
      threshold: 1,
      ...once,
    },
    {
      name: 'verification-failures',
      article: 'VerificationFailures',
      meaning: 'At least one device found damage when it read its backups back.',
      metric: figure('VerificationFailures', 'Sum', HOUR),
      fires: 'at-least',
      threshold: 1,
      ...once,
    },
    {
      name: 'missing-packs',
      article: 'MissingPacks',
      meaning: 'Objects that snapshots need are gone, or not what was uploaded.',
      metric: figure('MissingPacks', 'Sum', HOUR),
      fires: 'at-least',
      threshold: 1,
      ...once,
    },
    {
      name: 'removed-share',
      article: 'RemovedShare',
      meaning: `A night removed more than ${thresholds.removedPercent} % of a device's bytes.`,
      metric: figure('GcDeletedPercent', 'Maximum', HOUR),
      fires: 'above',
      threshold: thresholds.removedPercent,
      ...once,
    },
    {
      name: 'upload-spike',
      article: 'UploadSpike',
      meaning: 'The devices sent far more than a usual day changes.',
      metric: figure('UploadedBytes', 'Sum', DAY),
      fires: 'above',
      threshold: thresholds.uploadedBytesPerDay,
      ...once,
    },
    {
      name: 'mass-change',
      article: 'MassChange',
      meaning: 'On at least one device most documents changed at once, as if something had encrypted them.',
      metric: figure('MassChangeDevices', 'Maximum', DAY),
      fires: 'at-least',
      threshold: 1,
      ...once,
    },
  ];
}
