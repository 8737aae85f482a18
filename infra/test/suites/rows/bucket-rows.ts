/** What the policies of the bucket and the key deny, also to those who may do everything. */
import { KEY_ARN, LOG_BUCKET_ARN, REGION } from '../../kit/resolve-template.ts';
import { KMS, listing, MARKS, noEncryption, PACK, SSE } from './row.ts';
import type { Row } from './row.ts';

const LOG = `${LOG_BUCKET_ARN}/access-logs/x`;

const TAMPERING = [
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  's3:PutBucketPolicy',
  's3:PutBucketVersioning',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketLogging',
  's3:PutBucketOwnershipControls',
  's3:PutBucketPublicAccessBlock',
  's3:PutEncryptionConfiguration',
  's3:PutIntelligentTieringConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutMetricsConfiguration',
  's3:PutReplicationConfiguration',
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
  ...TAMPERING.flatMap((action): Row[] => [
    ['denied', 'admin', action, ''],
    ['allowed', 'deployer', action, ''],
    ['denied', 'admin', action, LOG_BUCKET_ARN],
    ['allowed', 'deployer', action, LOG_BUCKET_ARN],
  ]),
  ['denied', 'admin', 's3:DeleteObject', LOG],
  ['denied', 'admin', 's3:DeleteObjectVersion', LOG],
  ['allowed', 'break-glass', 's3:DeleteObject', LOG],
  ['allowed', 'admin', 's3:GetObject', LOG],
  ['denied', 'admin', 's3:GetObject', LOG, { 'aws:SecureTransport': 'false' }],
  ['denied', 'admin', 's3:GetObject', LOG, { 's3:TlsVersion': '1.1' }],
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
