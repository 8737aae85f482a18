/** The bucket that the backups lie in, and beside it the one that keeps its access log. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockedEncryptionType,
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import type { BackupConfig } from '../config/backup-config.ts';
import type { Names } from '../names.ts';
import { bucketPolicyStatements } from './bucket-policy.ts';
import { deny, denyPlainTransport } from './deny.ts';
import { denyTampering } from './deny-tampering.ts';
import { isMovedByRule, lifecycleRules } from './lifecycle-rules.ts';

/** Request metrics are published under this name; alarms that leave it out never see any. */
export const METRICS_FILTER = 'EntireBucket';
const LOG_PREFIX = 'access-logs/';
/** What was removed from the log stays this long. */
const REMOVED_LOG_DAYS = 30;

export interface BucketInput {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly key: Key;
}

export function createBackupBucket(scope: Construct, { config, names, key }: BucketInput): Bucket {
  const logs = createLogBucket(scope, config);
  const bucket = new Bucket(scope, 'Bucket', {
    versioned: true,
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    blockedEncryptionTypes: [BlockedEncryptionType.SSE_C],
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: lifecycleRules(config),
    metrics: [{ id: METRICS_FILTER }],
    ...objectLock(config),
  });
  for (const statement of bucketPolicyStatements({ config, names, bucketArn: bucket.bucketArn, keyArn: key.keyArn }))
    bucket.addToResourcePolicy(statement);
  logAccess(bucket, logs, config);
  if (isMovedByRule(config.packTiering)) acknowledge(bucket, 'coldRule');
  return bucket;
}

function objectLock({ objectLock: lock }: BackupConfig): { objectLockDefaultRetention?: ObjectLockRetention } {
  if (lock === undefined) return {};
  const days = Duration.days(lock.days);
  return {
    objectLockDefaultRetention:
      lock.mode === 'COMPLIANCE' ? ObjectLockRetention.compliance(days) : ObjectLockRetention.governance(days),
  };
}

/** S3 delivers logs neither to a bucket with a KMS key nor to one with Object Lock. */
function createLogBucket(scope: Construct, config: BackupConfig): Bucket {
  const { accessLogDays, breakGlassRoleArn } = config;
  const logs = new Bucket(scope, 'LogBucket', {
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      {
        id: 'expire-logs',
        expiration: Duration.days(accessLogDays),
        noncurrentVersionExpiration: Duration.days(REMOVED_LOG_DAYS),
      },
    ],
  });
  for (const statement of denyPlainTransport(logs.bucketArn)) logs.addToResourcePolicy(statement);
  logs.addToResourcePolicy(
    deny({
      sid: 'DenyRemovalOfLogs',
      actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      resources: [logs.arnForObjects('*')],
      except: breakGlassRoleArn === undefined ? [] : [breakGlassRoleArn],
    }),
  );
  logs.addToResourcePolicy(denyTampering(logs.bucketArn, config));
  acknowledge(logs, 'logBucket');
  return logs;
}

function logAccess(bucket: Bucket, logs: Bucket, { account }: BackupConfig): void {
  (bucket.node.defaultChild as CfnBucket).loggingConfiguration = {
    destinationBucketName: logs.bucketName,
    logFilePrefix: LOG_PREFIX,
    targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: 'EventTime' } },
  };
  logs.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowDeliveryOfLogs',
      principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [logs.arnForObjects(`${LOG_PREFIX}*`)],
      conditions: { ArnLike: { 'aws:SourceArn': bucket.bucketArn }, StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
}
