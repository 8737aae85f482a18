/** The nightly job: coordinator -> queue -> worker. */
import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Code, Function } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import type { BackupConfig } from '../config/backup-config.ts';
import type { Names } from '../names.ts';
import { COORDINATOR_TIMEOUT, createFunction, WORKER_TIMEOUT } from './functions.ts';
import { coordinatorStatements, workerStatements } from './job-statements.ts';
import { createQueues } from './queues.ts';
import type { Queues } from './queues.ts';
import { scheduleNight } from './schedule-night.ts';

export interface Job {
  readonly coordinator: Function;
  readonly worker: Function;
  readonly queues: Queues;
  /** Of the rule or schedule. */
  readonly scheduleArn: string;
}

export interface JobInput {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly bucket: Bucket;
  readonly key: IKey;
  readonly topic: ITopic;
  readonly alertKey: IKey;
  readonly code: Code;
}

/**
 * Devices worked on at once. Not reserved: a new account may run only ten functions at once, and of these Lambda lets
 * nobody reserve any. Nights may overlap as they like.
 */
const WORKERS_MAX = 10;
const COORDINATOR_MIB = 512;
/** As of the rule's own attempts. */
const EVENT_AGE = Duration.hours(6);

export function createJob(scope: Construct, input: JobInput): Job {
  const { config, names, bucket, key, topic, alertKey, code } = input;
  const queues = createQueues(scope);
  const { region } = config;
  const { keyArn } = key;
  const bucketArn = Stack.of(bucket).exportValue(bucket.bucketArn);
  const reached = { region, bucketArn, keyArn, queueArn: queues.work.queueArn };
  const common = { code, environment: environmentOf(input, queues), logDays: config.logDays };
  const coordinator = createFunction(scope, 'Coordinator', {
    ...common,
    name: names.coordinator,
    description: 'Begins a night: one message for each device',
    handler: 'coordinator.handler',
    timeout: COORDINATOR_TIMEOUT,
    memoryMiB: COORDINATOR_MIB,
    statements: coordinatorStatements({ ...reached, deadQueueArn: queues.dead.queueArn }),
  });
  coordinator.configureAsyncInvoke({
    onFailure: new SqsDestination(queues.dead),
    retryAttempts: 2,
    maxEventAge: EVENT_AGE,
  });
  const worker = createFunction(scope, 'Worker', {
    ...common,
    name: names.worker,
    description: 'The night of one device, or the summary of all',
    handler: 'worker.handler',
    timeout: WORKER_TIMEOUT,
    memoryMiB: config.workerMemoryMiB,
    statements: workerStatements({ ...reached, topicArn: topic.topicArn, alertKeyArn: alertKey.keyArn }),
  });
  const mapping = new EventSourceMapping(scope, 'WorkToWorker', {
    target: worker,
    eventSourceArn: queues.work.queueArn,
    batchSize: 1,
    maxConcurrency: WORKERS_MAX,
    reportBatchItemFailures: true,
  });
  acknowledge(mapping, 'mapping');
  const scheduleArn = scheduleNight(scope, { config, names, coordinator, dead: queues.dead });
  return { coordinator, worker, queues, scheduleArn };
}

/** Both functions read the same: src/handlers/settings.ts. */
function environmentOf({ config, bucket, key, topic }: JobInput, queues: Queues): Record<string, string> {
  return {
    BACKUP_BUCKET: bucket.bucketName,
    BACKUP_ENVIRONMENT: config.environment,
    QUEUE_URL: queues.work.queueUrl,
    TOPIC_ARN: topic.topicArn,
    KMS_KEY_ARN: key.keyArn,
    GRACE_HOURS: String(config.graceHours),
    RESUME_DAYS: String(config.resumeDays),
    STALE_AFTER_HOURS: String(config.staleAfterHours),
    REMOVED_SHARE_MAX: String(config.removedShareMax),
  };
}
