/** Nobody changes what protects a bucket, but by a deployment. */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { BackupConfig } from '../config/backup-config.ts';
import { deployRoleArn } from '../names.ts';
import { deny } from './deny.ts';

export function denyTampering(bucketArn: string, { account, breakGlassRoleArn }: BackupConfig): PolicyStatement {
  return deny({
    sid: 'DenyBucketTampering',
    actions: [
      's3:DeleteBucket',
      's3:DeleteBucketPolicy',
      's3:PutBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutBucketObjectLockConfiguration',
      's3:PutBucketLogging',
      's3:PutBucketOwnershipControls',
      's3:PutBucketPublicAccessBlock',
      's3:PutEncryptionConfiguration',
      // Its archive tiers would freeze packs that every restore expects at once.
      's3:PutIntelligentTieringConfiguration',
      's3:PutLifecycleConfiguration',
      // Without its filter the alarms on requests see nothing.
      's3:PutMetricsConfiguration',
      's3:PutReplicationConfiguration',
    ],
    resources: [bucketArn],
    // Without the role that deploys, the stack could never be changed again.
    except: [...(breakGlassRoleArn === undefined ? [] : [breakGlassRoleArn]), deployRoleArn(account)],
  });
}
