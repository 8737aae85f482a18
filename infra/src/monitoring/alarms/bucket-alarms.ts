/** Alarms on the bucket itself: what S3 says, whatever the job or a device may think. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { BackupConfig } from '../../config/backup-config.ts';
import { METRICS_FILTER } from '../../storage/backup-bucket.ts';
import type { AlarmSpec, Watched } from './alarm-spec.ts';

const QUARTER = Duration.minutes(15);
const HOUR = Duration.hours(1);
const DAY = Duration.days(1);
/** S3 answers a few requests with "slow down" on busy days; agents try again. */
const SERVER_ERROR_SHARE_MAX = 0.05;

/** Where bytes can lie, by tiering. Classes that are never used have no series, and an expression over one has no value. */
const STORAGE_TYPES: Readonly<Record<BackupConfig['packTiering'], readonly string[]>> = {
  none: ['StandardStorage'],
  intelligent: [
    'StandardStorage',
    'IntelligentTieringFAStorage',
    'IntelligentTieringIAStorage',
    'IntelligentTieringAIAStorage',
  ],
  'glacier-ir': ['StandardStorage', 'GlacierInstantRetrievalStorage'],
  glacier: ['StandardStorage', 'GlacierStorage', 'GlacierObjectOverhead', 'GlacierS3ObjectOverhead'],
};

export function bucketAlarms({ bucket, config, thresholds }: Watched): AlarmSpec[] {
  const requests = (metricName: string, statistic: 'Sum' | 'Average', period: Duration): Metric =>
    new Metric({
      namespace: 'AWS/S3',
      metricName,
      statistic,
      period,
      // Without the filter's name there are no such metrics.
      dimensionsMap: { BucketName: bucket.bucketName, FilterId: METRICS_FILTER },
    });
  const missing = TreatMissingData.NOT_BREACHING;
  return [
    {
      name: 'server-errors',
      article: 'ServerErrors',
      meaning: 'More than 5 % of all requests to S3 fail on its side.',
      metric: requests('5xxErrors', 'Average', QUARTER),
      fires: 'above',
      threshold: SERVER_ERROR_SHARE_MAX,
      periods: 4,
      badPeriods: 3,
      missing,
    },
    {
      name: 'client-errors',
      article: 'ClientErrors',
      meaning: `S3 refused more than ${thresholds.clientErrorsPerHour} requests in an hour: devices may be locked out, or somebody is trying doors.`,
      metric: requests('4xxErrors', 'Sum', HOUR),
      fires: 'above',
      threshold: thresholds.clientErrorsPerHour,
      periods: 1,
      missing,
    },
    {
      name: 'requests',
      article: 'Requests',
      meaning: `S3 got more than ${thresholds.requestsPerHour} requests an hour, for two hours: something repeats itself, and each costs.`,
      metric: requests('AllRequests', 'Sum', HOUR),
      fires: 'above',
      threshold: thresholds.requestsPerHour,
      periods: 2,
      missing,
    },
    {
      name: 'delete-requests',
      article: 'DeleteRequests',
      meaning: `More than ${thresholds.deletesPerHour} objects were removed in an hour. They can be brought back for ${config.softDeleteDays} days.`,
      metric: requests('DeleteRequests', 'Sum', HOUR),
      fires: 'above',
      threshold: thresholds.deletesPerHour,
      periods: 1,
      missing,
    },
    {
      name: 'bucket-size',
      article: 'BucketSize',
      meaning: 'The bucket holds more than was planned for, over all storage classes.',
      metric: sizeOf(bucket.bucketName, STORAGE_TYPES[config.packTiering]),
      fires: 'above',
      threshold: thresholds.bucketBytes,
      periods: 1,
      // S3 measures once a day.
      missing: TreatMissingData.IGNORE,
    },
  ];
}

/** Removed versions and unfinished uploads are counted too: they are paid for. */
function sizeOf(bucketName: string, storageTypes: readonly string[]): MathExpression {
  const sizes = storageTypes.map((StorageType, i): [string, Metric] => [
    `size${i}`,
    new Metric({
      namespace: 'AWS/S3',
      metricName: 'BucketSizeBytes',
      statistic: 'Average',
      period: DAY,
      dimensionsMap: { BucketName: bucketName, StorageType },
    }),
  ]);
  return new MathExpression({
    // Not with "+": a class in which nothing lies yet has no series, and a sum by "+" over it would have no value at all.
    expression: `SUM([${sizes.map(([id]) => `FILL(${id}, 0)`).join(', ')}])`,
    usingMetrics: Object.fromEntries(sizes),
    period: DAY,
    label: 'Bytes in all storage classes',
  });
}
