/** What stays when all else goes: the key, the bucket with its access log, and who may do what to them. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { createCertificateAccess, createDevicePolicy } from '../access/device-access.ts';
import type { CertificateAccess } from '../access/device-access.ts';
import { createAdministrator, createRestoreOperator } from '../access/operators.ts';
import type { BackupConfig } from '../config/backup-config.ts';
import { namesOf } from '../names.ts';
import { createBackupBucket } from './backup-bucket.ts';
import { createDataKey } from './data-key.ts';

export interface BackupStorageStackProps extends StackProps {
  readonly config: BackupConfig;
}

export class BackupStorageStack extends Stack {
  readonly bucket: Bucket;
  readonly key: Key;

  constructor(scope: Construct, id: string, props: BackupStorageStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { config } = props;
    const names = namesOf(config);
    this.key = createDataKey(this, config, names);
    this.bucket = createBackupBucket(this, { config, names, key: this.key });
    const access = { config, names, bucketArn: this.bucket.bucketArn, keyArn: this.key.keyArn };
    const devices = createDevicePolicy(this, access);
    const restore = createRestoreOperator(this, access);
    const administrator = createAdministrator(this, access);
    const pem = config.rolesAnywhere?.certificateAuthorityPem;
    const certificates = pem === undefined ? undefined : createCertificateAccess(this, pem, access);

    this.tell('DevicePolicyArn', devices.managedPolicyArn, 'Policy of devices that carry a tag "device"');
    this.tell('RestoreRoleArn', restore.roleArn, 'Role that restores any device');
    this.tell('AdministratorRoleArn', administrator.roleArn, 'Role that sets up the repository and speaks to the job');
    this.tellStorage(config);
    if (certificates !== undefined) this.tellCertificates(certificates);
  }

  private tellStorage({ retentionDays, softDeleteDays, packTiering, region }: BackupConfig): void {
    this.tell('RepositoryUrl', this.bucket.s3UrlForObject(), 'The repository, for --repo');
    this.tell('BackupBucketName', this.bucket.bucketName, 'The bucket');
    this.tell('BackupBucketArn', this.bucket.bucketArn, 'The bucket, for policies');
    this.tell('KmsKeyId', this.key.keyId, 'The key');
    this.tell('KmsKeyArn', this.key.keyArn, 'The key, for --kms-key');
    this.tell('Region', region, 'Where all of this lies');
    this.tell('RetentionDays', String(retentionDays), 'How long snapshots are kept, for init --keep-within-days');
    this.tell('SoftDeleteDays', String(softDeleteDays), 'How long a removed object can be brought back');
    this.tell('PackTiering', packTiering, 'Where packs of documents lie');
  }

  private tellCertificates({ role, trustAnchor, profile }: CertificateAccess): void {
    this.tell('DeviceRoleArn', role.roleArn, 'Role of devices with certificates');
    this.tell('TrustAnchorArn', trustAnchor.attrTrustAnchorArn, 'Whose certificates are believed');
    this.tell('ProfileArn', profile.attrProfileArn, 'Profile of devices with certificates');
  }

  private tell(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
