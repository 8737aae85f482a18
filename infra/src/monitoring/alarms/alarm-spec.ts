/** What an alarm is, before CloudFormation: a name, a reason, and when it fires. */
import type { IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { BackupConfig } from '../../config/backup-config.ts';
import type { Thresholds } from '../../config/thresholds.ts';
import type { Job } from '../../service/job.ts';

/** What alarms look at. */
export interface Watched {
  readonly config: BackupConfig;
  readonly thresholds: Thresholds;
  readonly bucket: Bucket;
  readonly topic: ITopic;
  readonly job: Job;
}

export interface AlarmSpec {
  /** Within the environment: `worker-errors`. */
  readonly name: string;
  /** Its article in docs/runbook.md; several alarms may share one. */
  readonly article: string;
  /** What is wrong when it fires, one sentence for the mail. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly fires: 'above' | 'at-least' | 'below';
  readonly threshold: number;
  /** So many periods are looked at... */
  readonly periods: number;
  /** ...and so many of them have to be bad. Default: all. */
  readonly badPeriods?: number;
  readonly missing: TreatMissingData;
}
