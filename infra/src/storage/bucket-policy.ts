/**
 * What nobody may do to the bucket, whatever their own policies allow. Who may do what is said by identity policies in
 * ../access and ../service; here is what must hold even if one of them is too generous.
 */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { BackupConfig } from '../config/backup-config.ts';
import { roleArn } from '../names.ts';
import type { Names } from '../names.ts';
import { deny, denyPlainTransport } from './deny.ts';
import { denyTampering } from './deny-tampering.ts';

export interface BucketPolicyInput {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly bucketArn: string;
  readonly keyArn: string;
}

export function bucketPolicyStatements(input: BucketPolicyInput): PolicyStatement[] {
  return [
    ...denyPlainTransport(input.bucketArn),
    denyOtherAccounts(input),
    ...denyOtherEncryption(input),
    ...denyOtherWrites(input),
    ...denyOtherWriters(input),
    ...denyRemovals(input),
    denyTampering(input.bucketArn, input.config),
  ];
}

function denyOtherAccounts({ bucketArn, config }: BucketPolicyInput): PolicyStatement {
  return deny({
    sid: 'DenyOtherAccounts',
    actions: ['s3:*'],
    resources: [bucketArn, `${bucketArn}/*`],
    conditions: {
      StringNotEquals: { 'aws:PrincipalAccount': config.account },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    },
  });
}

/** A request without any header about encryption is fine: the bucket encrypts with the key by itself. */
function denyOtherEncryption({ bucketArn, keyArn }: BucketPolicyInput): PolicyStatement[] {
  const algorithm = 's3:x-amz-server-side-encryption';
  const puts = { actions: ['s3:PutObject'], resources: [`${bucketArn}/*`] };
  return [
    deny({
      sid: 'DenyOtherAlgorithm',
      ...puts,
      conditions: { Null: { [algorithm]: 'false' }, StringNotEquals: { [algorithm]: 'aws:kms' } },
    }),
    deny({
      sid: 'DenyOtherKey',
      ...puts,
      // "Not equal" also holds if no key is named: S3 would then silently take the account's default key.
      conditions: {
        StringEquals: { [algorithm]: 'aws:kms' },
        ArnNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn },
      },
    }),
    deny({
      sid: 'DenyKeysOfClients',
      ...puts,
      conditions: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } },
    }),
  ];
}

function denyOtherWrites({ bucketArn, config }: BucketPolicyInput): PolicyStatement[] {
  return [
    deny({
      sid: 'DenyOverwrite',
      actions: ['s3:PutObject'],
      resources: [`${bucketArn}/*`],
      // Parts of an upload create no object yet: its completion carries the header.
      conditions: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    }),
    deny({
      sid: 'DenyColdClasses',
      actions: ['s3:PutObject'],
      resources: [`${bucketArn}/*`],
      conditions: {
        Null: { 's3:x-amz-storage-class': 'false' },
        StringNotEquals: { 's3:x-amz-storage-class': ['STANDARD', 'INTELLIGENT_TIERING'] },
      },
    }),
    deny({
      sid: 'DenyOtherPlaces',
      actions: ['s3:PutObject'],
      notResources: [`${bucketArn}/v1/repository.json`, `${bucketArn}/v1/devices/*`, `${bucketArn}/v1/system/*`],
      except: breakGlassOf(config),
    }),
  ];
}

function denyOtherWriters({ bucketArn, config, names }: BucketPolicyInput): PolicyStatement[] {
  const worker = roleArn(config.account, names.worker);
  const administrator = roleArn(config.account, names.administratorRole);
  return [
    deny({
      sid: 'DenyForeignMarks',
      actions: ['s3:PutObject'],
      resources: [`${bucketArn}/v1/devices/*/marks/*`],
      except: [worker, ...breakGlassOf(config)],
    }),
    deny({
      sid: 'DenyForeignSystemWrites',
      actions: ['s3:PutObject'],
      resources: [`${bucketArn}/v1/repository.json`, `${bucketArn}/v1/system/*`],
      except: [worker, administrator, ...breakGlassOf(config)],
    }),
  ];
}

/** A removal lays a delete marker; the bytes stay for softDeleteDays, and only the lifecycle rule takes them away. */
function denyRemovals({ bucketArn, config, names }: BucketPolicyInput): PolicyStatement[] {
  const objects = [`${bucketArn}/*`];
  return [
    deny({
      sid: 'DenyRemoval',
      actions: ['s3:DeleteObject'],
      resources: objects,
      except: [roleArn(config.account, names.worker), ...breakGlassOf(config)],
    }),
    deny({
      sid: 'DenyPermanentRemoval',
      actions: ['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention', 's3:PutObjectLegalHold'],
      resources: objects,
      except: breakGlassOf(config),
    }),
    deny({
      sid: 'DenyLockEdits',
      actions: ['s3:PutObjectRetention'],
      resources: objects,
      except: breakGlassOf(config),
    }),
  ];
}

const breakGlassOf = ({ breakGlassRoleArn }: BackupConfig): string[] =>
  breakGlassRoleArn === undefined ? [] : [breakGlassRoleArn];
