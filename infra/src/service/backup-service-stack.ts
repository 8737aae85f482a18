/** What works at night, and what tells when something is wrong. It keeps nothing: it can be deleted and made anew. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { BackupConfig } from '../config/backup-config.ts';
import { readSchedule } from '../config/schedule.ts';
import { thresholdsOf } from '../config/thresholds.ts';
import { createAlarms } from '../monitoring/alarms/create-alarms.ts';
import { createAlerts } from '../monitoring/alerts.ts';
import { watchBreakGlass } from '../monitoring/break-glass.ts';
import { createDashboard } from '../monitoring/dashboard.ts';
import { watchKey } from '../monitoring/key-danger.ts';
import { namesOf } from '../names.ts';
import { createJob } from './job.ts';
import type { Job } from './job.ts';

export interface BackupServiceStackProps extends StackProps {
  readonly config: BackupConfig;
  readonly bucket: Bucket;
  readonly key: IKey;
  /** The bundled handlers. */
  readonly code: Code;
}

/** A schedule that the configuration's check let pass has a gap. */
const GAP_HOURS_MAX = 24;

export class BackupServiceStack extends Stack {
  constructor(scope: Construct, id: string, { config, bucket, key, code, ...props }: BackupServiceStackProps) {
    super(scope, id, props);
    const names = namesOf(config);
    const alerts = createAlerts(this, config, names);
    const { topic } = alerts;
    const job = createJob(this, { config, names, bucket, key, topic, alertKey: alerts.key, code });
    const thresholds = thresholdsOf(config, readSchedule(config.schedule)?.gapHoursMax ?? GAP_HOURS_MAX);
    const watched = { config, thresholds, bucket, topic, job };
    const alarms = createAlarms(this, names, watched);
    const teller = { config, names, topic, dead: job.queues.dead };
    watchKey(this, key, teller);
    if (config.breakGlassRoleArn !== undefined) watchBreakGlass(this, config.breakGlassRoleArn, teller);
    if (config.dashboard) {
      createDashboard(this, names, watched, alarms);
      const { region } = config;
      const page = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${names.prefix}`;
      this.tell('DashboardUrl', page, 'The dashboard');
    }
    this.tellJob(job, config);
    this.tell('SnsTopicArn', topic.topicArn, 'Where alarms and the mail of a night go');
    this.tell('CloudWatchAlarms', this.toJsonString(arnsOf(alarms)), 'Names and ARNs of the alarms');
  }

  private tellJob({ coordinator, worker, queues, scheduleArn }: Job, { schedule }: BackupConfig): void {
    this.tell('LambdaFunctionArn', coordinator.functionArn, 'Begins a night when it is invoked');
    this.tell('LambdaFunctionName', coordinator.functionName, 'The same, for aws lambda invoke');
    this.tell('WorkerFunctionName', worker.functionName, 'Works off the messages of a night');
    this.tell('EventBridgeRuleArn', scheduleArn, 'Begins a night by the clock');
    this.tell('BackupSchedule', schedule, 'When a night begins');
    this.tell('IamRoleArn', worker.role?.roleArn ?? '', 'Role of the worker');
    this.tell('QueueUrl', queues.work.queueUrl, 'Messages of a night');
    this.tell('DeadLetterQueueUrl', queues.dead.queueUrl, 'Where those end that could not be worked off');
  }

  private tell(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}

const arnsOf = (alarms: ReadonlyMap<string, Alarm>): Record<string, string> =>
  Object.fromEntries([...alarms].map(([name, alarm]) => [name, alarm.alarmArn]));
