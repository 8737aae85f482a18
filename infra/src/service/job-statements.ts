/**
 * What the nightly job may do. It reads how devices are, never a document or a catalog; it writes marks, compacted indexes
 * and its own records; what it removes gets a delete marker and can be brought back.
 */
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { METRIC_NAMESPACE } from '@backup-agent/core';
import { useOfKey } from '../access/use-of-key.ts';

export interface JobInput {
  readonly region: string;
  readonly bucketArn: string;
  readonly keyArn: string;
  readonly queueArn: string;
}

export interface CoordinatorInput extends JobInput {
  readonly deadQueueArn: string;
}

export interface WorkerInput extends JobInput {
  readonly topicArn: string;
  readonly alertKeyArn: string;
}

const READ = [
  ...['index', 'snapshots', 'runs', 'marks'].map((folder) => `devices/*/${folder}`),
  ...['policy', 'holds', 'pins', 'devices', 'nights', 'reports'].map((folder) => `system/${folder}`),
];
const WRITTEN = ['devices/*/marks', 'devices/*/index', 'system/nights', 'system/reports', 'system/holds'] as const;
const REMOVED = [
  ...['data', 'meta', 'index', 'snapshots', 'runs', 'marks'].map((folder) => `devices/*/${folder}`),
  'system/nights',
  'system/reports',
];

export function coordinatorStatements(input: CoordinatorInput): PolicyStatement[] {
  const { region, bucketArn, keyArn, queueArn, deadQueueArn } = input;
  return [
    new PolicyStatement({
      sid: 'ListDevices',
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      conditions: {
        StringLike: { 's3:prefix': ['v1/devices/', 'v1/system/devices/*', 'v1/repository.json'] },
      },
    }),
    new PolicyStatement({
      sid: 'ReadDeviceWords',
      actions: ['s3:GetObject'],
      resources: [`${bucketArn}/v1/repository.json`, `${bucketArn}/v1/system/devices/*`],
    }),
    useOfKey({ sid: 'UseKeyToRead', keyArn, bucketArn, region, readOnly: true }),
    new PolicyStatement({ sid: 'SendWork', actions: ['sqs:SendMessage'], resources: [queueArn, deadQueueArn] }),
  ];
}

export function workerStatements(input: WorkerInput): PolicyStatement[] {
  const { region, bucketArn, keyArn } = input;
  const below = (places: readonly string[]): string[] => places.map((place) => `${bucketArn}/v1/${place}/*`);
  return [
    new PolicyStatement({
      sid: 'ListRepository',
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      conditions: { StringLike: { 's3:prefix': 'v1/*' } },
    }),
    new PolicyStatement({
      sid: 'ReadHowDevicesAre',
      actions: ['s3:GetObject'],
      resources: below(READ),
    }),
    new PolicyStatement({
      sid: 'DenyDocuments',
      effect: Effect.DENY,
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: below(['devices/*/data']),
    }),
    new PolicyStatement({
      sid: 'WriteMarksAndRecords',
      actions: ['s3:PutObject'],
      resources: below(WRITTEN),
    }),
    // Of a very large fleet it goes up in parts; nothing else that the job writes does.
    new PolicyStatement({
      sid: 'GiveUpReport',
      actions: ['s3:AbortMultipartUpload'],
      resources: below(['system/reports']),
    }),
    new PolicyStatement({ sid: 'RemoveSoftly', actions: ['s3:DeleteObject'], resources: below(REMOVED) }),
    useOfKey({ sid: 'UseKeyForRecords', keyArn, bucketArn, region }),
    ...messageStatements(input),
  ];
}

function messageStatements({ queueArn, topicArn, alertKeyArn, region }: WorkerInput): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'WorkOffQueue',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
      resources: [queueArn],
    }),
    new PolicyStatement({
      sid: 'PublishMetrics',
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'], // CloudWatch knows no resources for this action; the namespace is the limit.
      conditions: { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } },
    }),
    new PolicyStatement({ sid: 'SendMail', actions: ['sns:Publish'], resources: [topicArn] }),
    new PolicyStatement({
      sid: 'UseKeyForMail',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [alertKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` } },
    }),
  ];
}

export const logStatement = (logGroupArn: string): PolicyStatement =>
  new PolicyStatement({
    sid: 'WriteLog',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroupArn],
  });
