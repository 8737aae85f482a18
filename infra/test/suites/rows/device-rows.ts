/** What a device may and may not, whatever it calls itself. */
import { ACCOUNT } from '../../kit/good-config.ts';
import { KEY_ARN } from '../../kit/resolve-template.ts';
import { listing, MARKS, noEncryption, own, PACK } from './row.ts';
import type { Row } from './row.ts';

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

export const CERTIFICATES: readonly Row[] = [
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
