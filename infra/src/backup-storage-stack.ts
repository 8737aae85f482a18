/**
 * Where the backups rest: one key, one bucket. Nothing in it expires by its age, for an unchanged document's data is as
 * old as its first backup; what may go is decided on snapshots, and stays recoverable for `softDeleteDays`.
 */
import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockedEncryptionType,
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StorageOptions } from './storage-options.ts';

export interface BackupStorageStackProps extends StackProps {
  readonly storage: StorageOptions;
}

/** The longest that KMS allows: the time in which somebody may notice that the key is about to go. */
const KEY_PENDING_DAYS = 30;
/** A run that was cut off is continued within two weeks with new uploads; parts of old ones only cost. */
const ABORT_UPLOAD_DAYS = 7;

export class BackupStorageStack extends Stack {
  readonly bucket: Bucket;
  readonly key: Key;

  constructor(scope: Construct, id: string, props: BackupStorageStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { companyName, environment, softDeleteDays } = props.storage;
    this.key = new Key(this, 'DataKey', {
      alias: `alias/${companyName}-${environment}-backup`,
      description: `Encrypts the backups of ${companyName} (${environment}): without it none can be restored`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(KEY_PENDING_DAYS),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      blockedEncryptionTypes: [BlockedEncryptionType.SSE_C],
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: lifecycleRules(softDeleteDays),
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'server access logs are delivered at best effort; who must know every access turns on CloudTrail data events',
    });
    this.addOutputs();
  }

  /** What an agent's configuration needs. */
  private addOutputs(): void {
    const output = (id: string, value: string, description: string): CfnOutput =>
      new CfnOutput(this, id, { value, description });
    output('RepositoryUrl', this.bucket.s3UrlForObject(), 'The repository, for --repo');
    output('BucketName', this.bucket.bucketName, 'The bucket');
    output('BucketArn', this.bucket.bucketArn, 'The bucket, for policies');
    output('KeyId', this.key.keyId, 'The key');
    output('KeyArn', this.key.keyArn, 'The key, for --kms-key');
  }
}

function lifecycleRules(softDeleteDays: number): LifecycleRule[] {
  return [
    { id: 'abort-unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(ABORT_UPLOAD_DAYS) },
    { id: 'purge-removed', noncurrentVersionExpiration: Duration.days(softDeleteDays) },
    { id: 'clean-delete-markers', expiredObjectDeleteMarker: true },
  ];
}
