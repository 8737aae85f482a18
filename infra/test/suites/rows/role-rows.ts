/** What the nightly job and people may and may not. */
import { ACCOUNT } from '../../kit/good-config.ts';
import { KEY_ARN, REGION } from '../../kit/resolve-template.ts';
import { listing, MARKS, own, PACK } from './row.ts';
import type { Row } from './row.ts';

const NIGHT = 'v1/system/nights/20260105T230000Z-5eed5eed/dev-1.json';
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:`;

export const JOB: readonly Row[] = [
  ...['index', 'snapshots', 'runs'].map((folder): Row => ['allowed', 'worker', 's3:GetObject', own(folder)]),
  ['allowed', 'worker', 's3:GetObject', MARKS],
  ['allowed', 'worker', 's3:GetObject', 'v1/system/policy/20260105T080000Z-0a1b2c3d.json'],
  ['allowed', 'worker', 's3:ListBucket', '', listing('v1/devices/dev-1/')],
  ['allowed', 'worker', 's3:ListBucket', '', listing('v1/repository.json')],
  ['allowed', 'worker', 's3:PutObject', MARKS],
  ['allowed', 'worker', 's3:PutObject', 'v1/devices/dev-1/index/20260105T230000Z-5eed5eed-c'],
  ['allowed', 'worker', 's3:PutObject', NIGHT],
  ['allowed', 'worker', 's3:PutObject', 'v1/system/reports/20260105T230000Z-5eed5eed/report.html'],
  ['allowed', 'worker', 's3:AbortMultipartUpload', 'v1/system/reports/20260105T230000Z-5eed5eed/report.html'],
  ['allowed', 'worker', 's3:PutObject', 'v1/system/holds/dev-1/20260105T230000Z-5eed5eed.json'],
  ...['data', 'meta', 'index', 'snapshots', 'runs'].map((folder): Row => [
    'allowed',
    'worker',
    's3:DeleteObject',
    own(folder),
  ]),
  ['allowed', 'worker', 's3:DeleteObject', MARKS],
  ['allowed', 'worker', 's3:DeleteObject', NIGHT],
  ['allowed', 'worker', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'BackupAgent' }],

  ['allowed', 'worker', 'kms:GenerateDataKey', KEY_ARN],
  ['allowed', 'worker', 'kms:Decrypt', KEY_ARN],

  ['denied', 'worker', 's3:GetObject', PACK],
  ['denied', 'worker', 's3:GetObject', own('meta')],
  ['denied', 'worker', 's3:GetObject', 'v1/repository.json'],
  ['denied', 'worker', 's3:AbortMultipartUpload', MARKS],
  ['denied', 'worker', 's3:GetObject', 'v1/devices/dev-1/data/x/index/y'],
  ['denied', 'worker', 's3:GetObjectVersion', PACK],
  ['denied', 'worker', 's3:PutObject', PACK],
  ['denied', 'worker', 's3:PutObject', own('meta')],
  ['denied', 'worker', 's3:PutObject', own('snapshots')],
  ['denied', 'worker', 's3:PutObject', own('runs')],
  ['denied', 'worker', 's3:PutObject', 'v1/repository.json'],
  ['denied', 'worker', 's3:PutObject', 'v1/system/policy/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'worker', 's3:PutObject', 'v1/system/pins/dev-1/x/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'worker', 's3:PutObject', 'v1/system/devices/dev-1/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'worker', 's3:PutObject', MARKS, { 's3:if-none-match': undefined }],
  ['denied', 'worker', 's3:DeleteObjectVersion', PACK],
  ['denied', 'worker', 's3:DeleteObject', 'v1/repository.json'],
  ['denied', 'worker', 's3:DeleteObject', 'v1/system/policy/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'worker', 's3:DeleteObject', 'v1/system/holds/dev-1/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'worker', 's3:PutObjectRetention', PACK],
  ['denied', 'worker', 's3:PutLifecycleConfiguration', ''],
  ['denied', 'worker', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'BackupAgent/Devices' }],
  ['denied', 'worker', 'kms:Decrypt', KEY_ARN, { 'kms:ViaService': `sns.${REGION}.amazonaws.com` }],

  ['allowed', 'coordinator', 's3:ListBucket', '', listing('v1/devices/')],
  ['allowed', 'coordinator', 's3:ListBucket', '', listing('v1/system/devices/')],
  ['allowed', 'coordinator', 's3:GetObject', 'v1/repository.json'],
  ['allowed', 'coordinator', 's3:GetObject', 'v1/system/devices/dev-1/20260105T080000Z-0a1b2c3d.json'],
  ['allowed', 'coordinator', 'kms:Decrypt', KEY_ARN],
  ['denied', 'coordinator', 's3:ListBucket', '', listing('v1/devices/dev-1/')],
  ['denied', 'coordinator', 's3:GetObject', own('snapshots')],
  ['denied', 'coordinator', 's3:PutObject', NIGHT],
  ['denied', 'coordinator', 's3:DeleteObject', NIGHT],
  ['denied', 'coordinator', 'kms:GenerateDataKey', KEY_ARN],
  ['denied', 'coordinator', 'sqs:SendMessage', `${QUEUE}elsewhere`],
];

export const PEOPLE: readonly Row[] = [
  ['allowed', 'restore', 's3:ListBucket', '', listing('v1/devices/')],
  ['allowed', 'restore', 's3:ListBucketVersions', '', listing('v1/devices/dev-1/')],
  ['allowed', 'restore', 's3:GetObject', PACK],
  ['allowed', 'restore', 's3:GetObjectVersion', PACK],
  ['allowed', 'restore', 'kms:Decrypt', KEY_ARN],
  ['denied', 'restore', 's3:PutObject', PACK],
  ['denied', 'restore', 's3:DeleteObject', PACK],
  ['denied', 'restore', 's3:DeleteObjectVersion', PACK],
  ['denied', 'restore', 'kms:GenerateDataKey', KEY_ARN],

  ['allowed', 'administrator', 's3:PutObject', 'v1/repository.json'],
  ...['policy', 'holds', 'pins', 'devices'].map((word): Row => [
    'allowed',
    'administrator',
    's3:PutObject',
    `v1/system/${word}/20260105T080000Z-0a1b2c3d.json`,
  ]),
  ['allowed', 'administrator', 's3:PutObject', 'v1/system/probe/20260105T080000Z-0a1b2c3d'],
  ['allowed', 'administrator', 's3:AbortMultipartUpload', 'v1/system/probe/20260105T080000Z-0a1b2c3d'],
  ['allowed', 'administrator', 's3:ListBucket', '', listing('v1/system/holds/')],
  ['allowed', 'administrator', 'kms:GenerateDataKey', KEY_ARN],
  ['allowed', 'administrator', 's3:GetObject', own('snapshots')],
  ['denied', 'administrator', 's3:GetObject', PACK],
  ['denied', 'administrator', 's3:GetObject', own('meta')],
  ['denied', 'administrator', 's3:AbortMultipartUpload', PACK],
  ['denied', 'administrator', 's3:PutObject', MARKS],
  ['denied', 'administrator', 's3:PutObject', NIGHT],
  ['denied', 'administrator', 's3:PutObject', own('snapshots')],
  ['denied', 'administrator', 's3:DeleteObject', own('snapshots')],
];
