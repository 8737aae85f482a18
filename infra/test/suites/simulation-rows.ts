/** Calls and how they are to be decided. */
import { KEY_ARN, REGION } from '../kit/resolve-template.ts';
import type { Call, Verdict, Who } from '../kit/simulate.ts';
import { ACCOUNT } from '../kit/good-config.ts';

export type Row = readonly [Verdict, Who, string, string, Call['context']?];

export const own = (folder: string): string => `v1/devices/dev-1/${folder}/20260105T080000Z-0a1b2c3d/00000`;
const PACK = own('data');
export const MARKS = 'v1/devices/dev-1/marks/00000001.json';
const KMS = 's3:x-amz-server-side-encryption-aws-kms-key-id';
const SSE = 's3:x-amz-server-side-encryption';
const noEncryption = { [SSE]: undefined, [KMS]: undefined };
const listing = (prefix: string | undefined): Call['context'] => ({ 's3:prefix': prefix });

export const DEVICE: readonly Row[] = [
  ...(['data', 'meta', 'index', 'snapshots', 'runs'] as const).map((folder): Row => [
    'allowed',
    'device dev-1',
    's3:PutObject',
    own(folder),
  ]),
  ['allowed', 'device dev-1', 's3:PutObject', PACK, noEncryption],
  ['allowed', 'device dev-1', 's3:PutObject', PACK, { 's3:x-amz-storage-class': 'INTELLIGENT_TIERING' }],
  ['allowed', 'device dev-1', 's3:AbortMultipartUpload', PACK],
  ['allowed', 'device dev-1', 's3:GetObject', PACK],
  ['allowed', 'device dev-1', 's3:GetObject', MARKS],
  ['allowed', 'device dev-1', 's3:GetObject', 'v1/repository.json'],
  ['allowed', 'device dev-1', 's3:ListBucket', '', listing('v1/devices/dev-1/')],
  ['allowed', 'device dev-1', 's3:ListBucket', '', listing('v1/devices/dev-1/data/')],
  ['allowed', 'device dev-1', 's3:ListBucket', '', listing('v1/repository.json')],
  ['allowed', 'device dev-1', 'kms:GenerateDataKey', KEY_ARN],
  ['allowed', 'device dev-1', 'kms:Decrypt', KEY_ARN],
  ['allowed', 'device dev-1', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'BackupAgent/Devices' }],

  ['denied', 'device dev-1', 's3:PutObject', MARKS],
  ['denied', 'device dev-1', 's3:PutObject', 'v1/devices/dev-1/other/x'],
  ['denied', 'device dev-1', 's3:PutObject', 'v1/repository.json'],
  ['denied', 'device dev-1', 's3:PutObject', 'v1/system/holds/dev-1/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'device dev-1', 's3:PutObject', 'v1/system/devices/dev-1/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'device dev-1', 's3:GetObject', 'v1/system/holds/dev-1/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'device dev-1', 's3:GetObject', 'v1/system/reports/20260105T080000Z-0a1b2c3d/report.json'],
  ['denied', 'device dev-1', 's3:DeleteObject', PACK],
  ['denied', 'device dev-1', 's3:DeleteObjectVersion', PACK],
  ['denied', 'device dev-1', 's3:GetObjectVersion', PACK],
  ['denied', 'device dev-1', 's3:PutObjectRetention', PACK],
  ['denied', 'device dev-1', 's3:PutObjectTagging', PACK],
  ['denied', 'device dev-1', 's3:PutObjectAcl', PACK],
  ['denied', 'device dev-1', 's3:RestoreObject', PACK],
  ['denied', 'device dev-1', 's3:ListBucketVersions', '', listing('v1/devices/dev-1/')],
  ['denied', 'device dev-1', 's3:ListBucket', '', listing(undefined)],
  ['denied', 'device dev-1', 's3:ListBucket', '', listing('')],
  ['denied', 'device dev-1', 's3:ListBucket', '', listing('v1/devices/')],
  ['denied', 'device dev-1', 's3:ListBucket', '', listing('v1/system/')],
  ['denied', 'device dev-1', 's3:ListAllMyBuckets', '*'],
  ['denied', 'device dev-1', 'sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/smallbiz-prod-backup-restore`],
  ['denied', 'device dev-1', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'BackupAgent' }],
  ['denied', 'device dev-1', 'kms:Decrypt', KEY_ARN, { 'kms:ViaService': undefined }],
  ['denied', 'device dev-1', 'kms:Decrypt', KEY_ARN, { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::other' }],
  ['denied', 'device dev-1', 'kms:ScheduleKeyDeletion', KEY_ARN],
];

export const TRICKS: readonly Row[] = [
  ['denied', 'device dev-1', 's3:GetObject', 'v1/devices/dev-10/data/x'],
  ['denied', 'device dev-1', 's3:PutObject', 'v1/devices/dev-10/data/x'],
  ['denied', 'device dev-1', 's3:ListBucket', '', listing('v1/devices/dev-1')],
  ['denied', 'device dev-1', 's3:ListBucket', '', listing('v1/devices/dev-10/')],
  ['denied', 'device dev-10', 's3:GetObject', 'v1/devices/dev-1/data/x'],
  ['denied', 'device dev-1', 's3:GetObject', 'v1/devices/dev-2/data/../../dev-1/data/x'],
  ['denied', 'device dev-1', 's3:GetObject', 'v1/devices/dev-1%2Fdata/x'],
  ['denied', 'device dev-1', 's3:GetObject', 'v1%2Fdevices%2Fdev-2%2Fdata/x'],
  ['denied', 'device dev-1', 's3:GetObject', 'v1/devices/Dev-1/data/x'],
  ['denied', 'device dev-1', 's3:GetObject', 'v1/devices//dev-1/data/x'],
  ['denied', 'device dev-1', 's3:GetObject', '/v1/devices/dev-1/data/x'],
  ['denied', 'device dev-1', 's3:ListBucket', '', listing('v1/devices/dev-2/../dev-1/')],
  // A name with a slash would lie inside of another device's part.
  ['denied', 'device dev-2/data', 's3:GetObject', 'v1/devices/dev-2/data/data/x'],
  ['denied', 'device dev-2/data', 's3:PutObject', 'v1/devices/dev-2/data/data/x'],
  ['denied', 'device ../devices/dev-2', 's3:GetObject', 'v1/devices/../devices/dev-2/data/x'],
  ['denied', 'device .', 's3:GetObject', 'v1/devices/./data/x'],
  ['denied', 'device ', 's3:GetObject', 'v1/devices//data/x'],
  ['denied', 'device ', 's3:ListBucket', '', listing('v1/devices//')],
  // The variable itself, if the tag were missing.
  ['denied', 'device dev-1', 's3:GetObject', 'v1/devices/x/data/y', { 'aws:PrincipalTag/device': undefined }],
  ['denied', 'device dev-1', 's3:GetObject', 'v1/devices//data/y', { 'aws:PrincipalTag/device': undefined }],
  [
    'denied',
    'device dev-1',
    's3:ListBucket',
    '',
    { 's3:prefix': 'v1/devices//', 'aws:PrincipalTag/device': undefined },
  ],
  // What S3 takes literally is a name of the device's own: it reaches nobody else's.
  ['allowed', 'device dev-1', 's3:GetObject', 'v1/devices/dev-1/data/../../dev-2/data/x'],
  ['allowed', 'device dev-1', 's3:GetObject', 'v1/devices/dev-1/data/%2e%2e/x'],
];

const CERTIFICATES: readonly Row[] = [
  ['allowed', 'certificate dev-1', 's3:PutObject', PACK],
  ['allowed', 'certificate dev-1', 's3:ListBucket', '', listing('v1/devices/dev-1/')],
  ['allowed', 'certificate dev-1', 's3:RestoreObject', PACK],
  ['allowed', 'certificate dev-1', 's3:GetObject', PACK],
  ['allowed', 'certificate dev-1', 'kms:GenerateDataKey', KEY_ARN],
  ['allowed', 'certificate dev-1', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'BackupAgent/Devices' }],
  ['denied', 'certificate dev-1', 's3:GetObject', 'v1/devices/dev-10/data/x'],
  ['denied', 'certificate dev-1', 's3:PutObject', MARKS],
  ['denied', 'certificate dev-1/data', 's3:PutObject', 'v1/devices/dev-1/data/data/x'],
  ['denied', 'certificate dev-1', 's3:RestoreObject', own('meta')],
  // Whoever tags himself as a device has no certificate.
  ['denied', 'certificate ', 's3:GetObject', PACK, { 'aws:PrincipalTag/device': 'dev-1' }],
  [
    'allowed',
    'certificate dev-1',
    's3:PutObjectTagging',
    PACK,
    { 's3:RequestObjectTag/pack': 'data', 's3:RequestObjectTagKeys': ['pack'] },
  ],
  [
    'denied',
    'certificate dev-1',
    's3:PutObjectTagging',
    PACK,
    { 's3:RequestObjectTag/pack': 'data', 's3:RequestObjectTagKeys': ['pack', 'keep'] },
  ],
  [
    'denied',
    'certificate dev-1',
    's3:PutObjectTagging',
    own('meta'),
    { 's3:RequestObjectTag/pack': 'data', 's3:RequestObjectTagKeys': ['pack'] },
  ],
];

/** Of people who may do everything that IAM can allow: what is denied here is denied by the bucket or the key. */
export const BUCKET_POLICY: readonly Row[] = [
  ['allowed', 'device dev-1', 's3:PutObject', PACK],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { [SSE]: 'AES256', [KMS]: undefined }],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { [SSE]: 'aws:kms:dsse' }],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { [KMS]: undefined }],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { [KMS]: `arn:aws:kms:${REGION}:999988887777:key/stranger` }],
  [
    'denied',
    'device dev-1',
    's3:PutObject',
    PACK,
    { ...noEncryption, 's3:x-amz-server-side-encryption-customer-algorithm': 'AES256' },
  ],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { 'aws:SecureTransport': 'false' }],
  ['denied', 'device dev-1', 's3:GetObject', PACK, { 'aws:SecureTransport': 'false' }],
  ['denied', 'device dev-1', 's3:GetObject', PACK, { 's3:TlsVersion': '1.1' }],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { 's3:if-none-match': undefined }],
  ['denied', 'admin', 's3:PutObject', PACK, { 's3:if-none-match': undefined }],
  ['denied', 'break-glass', 's3:PutObject', PACK, { 's3:if-none-match': undefined }],
  [
    'allowed',
    'device dev-1',
    's3:PutObject',
    PACK,
    { 's3:if-none-match': undefined, 's3:ObjectCreationOperation': 'false' },
  ],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { 's3:x-amz-storage-class': 'DEEP_ARCHIVE' }],
  ['denied', 'device dev-1', 's3:PutObject', PACK, { 's3:x-amz-storage-class': 'GLACIER_IR' }],
  ['denied', 'admin', 's3:PutObject', 'elsewhere/x'],
  ['denied', 'admin', 's3:PutObject', 'v1%2Fdevices/x'],
  ['denied', 'admin', 's3:PutObject', MARKS],
  ['denied', 'admin', 's3:PutObject', 'v1/repository.json'],
  ['denied', 'admin', 's3:PutObject', 'v1/system/policy/20260105T080000Z-0a1b2c3d.json'],
  ['denied', 'admin', 's3:DeleteObject', PACK],
  ['denied', 'admin', 's3:DeleteObjectVersion', PACK],
  ['denied', 'admin', 's3:PutObjectRetention', PACK],
  ['denied', 'admin', 's3:BypassGovernanceRetention', PACK],
  ['denied', 'admin', 's3:PutObjectLegalHold', PACK],
  ...[
    's3:DeleteBucket',
    's3:DeleteBucketPolicy',
    's3:PutBucketPolicy',
    's3:PutBucketVersioning',
    's3:PutBucketObjectLockConfiguration',
    's3:PutBucketLogging',
    's3:PutBucketOwnershipControls',
    's3:PutBucketPublicAccessBlock',
    's3:PutEncryptionConfiguration',
    's3:PutLifecycleConfiguration',
    's3:PutReplicationConfiguration',
  ].flatMap((action): Row[] => [
    ['denied', 'admin', action, ''],
    ['allowed', 'deployer', action, ''],
  ]),
  ['denied', 'deployer', 's3:DeleteObject', PACK],
  ['denied', 'deployer', 's3:DeleteObjectVersion', PACK],
  ['allowed', 'break-glass', 's3:DeleteObject', PACK],
  ['allowed', 'break-glass', 's3:DeleteObjectVersion', PACK],
  ['allowed', 'break-glass', 's3:PutObject', MARKS],
  ['allowed', 'break-glass', 's3:PutLifecycleConfiguration', ''],
  ['denied', 'other account', 's3:GetObject', PACK],
  // As if somebody had let a stranger in by another statement.
  ['denied', 'admin', 's3:GetObject', PACK, { 'aws:PrincipalAccount': '999988887777' }],
  ['denied', 'other account', 's3:ListBucket', '', listing('v1/')],
  ['allowed', 'admin', 's3:GetObject', PACK],
];

export const KEY_POLICY: readonly Row[] = [
  ['denied', 'admin', 'kms:ScheduleKeyDeletion', KEY_ARN, { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' }],
  ['denied', 'admin', 'kms:DisableKey', KEY_ARN],
  ['denied', 'admin', 'kms:DisableKeyRotation', KEY_ARN],
  ['denied', 'admin', 'kms:PutKeyPolicy', KEY_ARN],
  ['allowed', 'deployer', 'kms:PutKeyPolicy', KEY_ARN],
  ['denied', 'deployer', 'kms:ScheduleKeyDeletion', KEY_ARN, { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' }],
  [
    'allowed',
    'break-glass',
    'kms:ScheduleKeyDeletion',
    KEY_ARN,
    { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' },
  ],
  ['denied', 'break-glass', 'kms:ScheduleKeyDeletion', KEY_ARN, { 'kms:ScheduleKeyDeletionPendingWindowInDays': '7' }],
  ['allowed', 'break-glass', 'kms:DisableKey', KEY_ARN],
  ['allowed', 'admin', 'kms:EnableKey', KEY_ARN],
  ['denied', 'other account', 'kms:Decrypt', KEY_ARN],
];

const NIGHT = 'v1/system/nights/20260105T230000Z-5eed5eed/dev-1.json';
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:`;

export const JOB: readonly Row[] = [
  ...['meta', 'index', 'snapshots', 'runs'].map((folder): Row => ['allowed', 'worker', 's3:GetObject', own(folder)]),
  ['allowed', 'worker', 's3:GetObject', MARKS],
  ['allowed', 'worker', 's3:GetObject', 'v1/repository.json'],
  ['allowed', 'worker', 's3:GetObject', 'v1/system/policy/20260105T080000Z-0a1b2c3d.json'],
  ['allowed', 'worker', 's3:ListBucket', '', listing('v1/devices/dev-1/')],
  ['allowed', 'worker', 's3:ListBucket', '', listing('v1/repository.json')],
  ['allowed', 'worker', 's3:PutObject', MARKS],
  ['allowed', 'worker', 's3:PutObject', 'v1/devices/dev-1/index/20260105T230000Z-5eed5eed-c'],
  ['allowed', 'worker', 's3:PutObject', NIGHT],
  ['allowed', 'worker', 's3:PutObject', 'v1/system/reports/20260105T230000Z-5eed5eed/report.html'],
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
  ['denied', 'worker', 's3:GetObject', 'v1/devices/dev-1/data/x/meta/y'],
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
  ['allowed', 'administrator', 's3:ListBucket', '', listing('v1/system/holds/')],
  ['allowed', 'administrator', 'kms:GenerateDataKey', KEY_ARN],
  ['allowed', 'administrator', 's3:GetObject', own('snapshots')],
  ['denied', 'administrator', 's3:GetObject', PACK],
  ['denied', 'administrator', 's3:GetObject', own('meta')],
  ['denied', 'administrator', 's3:PutObject', MARKS],
  ['denied', 'administrator', 's3:PutObject', NIGHT],
  ['denied', 'administrator', 's3:PutObject', own('snapshots')],
  ['denied', 'administrator', 's3:DeleteObject', own('snapshots')],
];

export const ROWS_BY_DEFAULT = [...DEVICE, ...TRICKS, ...BUCKET_POLICY, ...KEY_POLICY, ...JOB, ...PEOPLE];
export const ROWS_WITH_ALL = CERTIFICATES;
