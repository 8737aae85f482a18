/** The key and the buckets. */
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import { buildApp, synthesize } from '../kit/synthesize.ts';
import type { BackupStorageStack } from '../../src/storage/backup-storage-stack.ts';

const { storage } = BY_DEFAULT;

const bucketHas = (properties: object, template = storage): void =>
  template.hasResource('AWS::S3::Bucket', { Properties: Match.objectLike(properties) });

const lifecycleRules = (template = storage): Record<string, unknown>[] => {
  const [bucket] = Object.values(
    template.findResources('AWS::S3::Bucket', { Properties: { LoggingConfiguration: Match.anyValue() } }),
  ) as { Properties: { LifecycleConfiguration: { Rules: Record<string, unknown>[] } } }[];
  return bucket?.Properties.LifecycleConfiguration.Rules ?? [];
};

describe('the key', () => {
  test('rotates, waits 30 days before it goes, and stays when the stack goes', () => {
    storage.hasResource('AWS::KMS::Key', {
      Properties: { EnableKeyRotation: true, PendingWindowInDays: 30 },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('can be found by its name', () => {
    storage.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/smallbiz-prod-backup' });
  });
});

describe('the bucket', () => {
  test('stays when the stack goes, and the stack does not go by accident', () => {
    storage.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    const stack = buildApp().node.findChild('BackupStorage') as BackupStorageStack;
    expect(stack.terminationProtection).toBe(true);
  });

  test('keeps removed objects as versions', () => bucketHas({ VersioningConfiguration: { Status: 'Enabled' } }));

  test('encrypts everything with the key, through a bucket key, and never with a key of the client', () => {
    const [keyId] = Object.keys(storage.findResources('AWS::KMS::Key'));
    bucketHas({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': [keyId, 'Arn'] },
            },
          },
        ],
      },
    });
  });

  test('nothing in either bucket can become public', () => {
    storage.resourceCountIs('AWS::S3::Bucket', 2);
    storage.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  test('publishes request metrics under the name that the alarms ask for', () =>
    bucketHas({ MetricsConfigurations: [{ Id: 'EntireBucket' }] }));

  test('logs accesses to a bucket that S3 can deliver to: without a KMS key, without a lock', () => {
    const [logs] = Object.keys(
      storage.findResources('AWS::S3::Bucket', { Properties: { LoggingConfiguration: Match.absent() } }),
    );
    bucketHas({ LoggingConfiguration: { DestinationBucketName: { Ref: logs }, LogFilePrefix: 'access-logs/' } });
    bucketHas({
      LoggingConfiguration: Match.absent(),
      ObjectLockEnabled: Match.absent(),
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90, Status: 'Enabled' })] },
    });
  });
});

describe('lifecycle rules', () => {
  const ALWAYS = [
    { Id: 'abort-unfinished-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    { Id: 'purge-removed', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 14 } },
    { Id: 'clean-delete-markers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
  ];

  test('unfinished uploads go after 7 days, removed objects after softDeleteDays, lone delete markers at once', () => {
    expect(lifecycleRules()).toEqual(ALWAYS);
    expect(lifecycleRules(synthesize({ softDeleteDays: 21 }).storage)[1]).toMatchObject({
      NoncurrentVersionExpiration: { NoncurrentDays: 21 },
    });
  });

  test('no data goes because of its age, whatever is chosen', () => {
    const all = [...lifecycleRules(), ...lifecycleRules(WITH_ALL.storage)];
    for (const rule of all)
      for (const name of ['ExpirationInDays', 'ExpirationDate']) expect(rule).not.toHaveProperty(name);
  });

  test.each([
    ['glacier-ir', 'GLACIER_IR'],
    ['glacier', 'GLACIER'],
  ] as const)('%s moves packs with their tag, and nothing else', (packTiering, StorageClass) => {
    const [move, ...others] = lifecycleRules(synthesize({ packTiering, transitionDays: 10 }).storage).slice(3);
    expect(others).toEqual([]);
    expect(move).toEqual({
      Id: 'move-packs',
      Status: 'Enabled',
      Prefix: 'v1/devices/',
      ObjectSizeGreaterThan: 131_072,
      TagFilters: [{ Key: 'pack', Value: 'data' }],
      Transitions: [{ StorageClass, TransitionInDays: 10 }],
    });
  });

  test('none and intelligent move nothing: the agent names the class', () => {
    expect(lifecycleRules(synthesize({ packTiering: 'none' }).storage)).toEqual(ALWAYS);
  });
});

test.each([
  [{ days: 7 }, 'GOVERNANCE', 7],
  [{ mode: 'COMPLIANCE', days: 30, iUnderstandComplianceCannotBeUndone: true }, 'COMPLIANCE', 30],
] as const)('Object Lock %j holds each version for its time', (objectLock, Mode, Days) => {
  bucketHas(
    { ObjectLockEnabled: true, ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode, Days } } } },
    synthesize({ objectLock }).storage,
  );
});

test('without the option nothing is locked, and no certificates are believed', () => {
  bucketHas({ ObjectLockEnabled: Match.absent(), LoggingConfiguration: Match.anyValue() });
  storage.resourceCountIs('AWS::RolesAnywhere::TrustAnchor', 0);
});

test('certificates: one authority, one profile for the one role, sessions of an hour', () => {
  const template = WITH_ALL.storage;
  template.hasResourceProperties('AWS::RolesAnywhere::TrustAnchor', {
    Enabled: true,
    Source: {
      SourceType: 'CERTIFICATE_BUNDLE',
      SourceData: { X509CertificateData: Match.stringLikeRegexp('BEGIN CERT') },
    },
  });
  template.hasResourceProperties('AWS::RolesAnywhere::Profile', {
    Enabled: true,
    DurationSeconds: 3600,
    RoleArns: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^DeviceRole'), 'Arn'] }],
  });
});

test('the principals that are listed get the policy of devices', () => {
  WITH_ALL.storage.hasResourceProperties('AWS::IAM::ManagedPolicy', { Users: ['laptop-1'], Roles: ['server-1'] });
});

test('everything carries the tags', () => {
  const tags = [
    { Key: 'Company', Value: 'smallbiz' },
    { Key: 'CostCenter', Value: 'IT-Operations' },
    { Key: 'Environment', Value: 'prod' },
    { Key: 'ManagedBy', Value: 'CDK' },
    { Key: 'Purpose', Value: 'DailyBackup' },
    { Key: 'Region', Value: 'us-west-2' },
  ];
  storage.allResourcesProperties('AWS::S3::Bucket', { Tags: tags });
  storage.allResourcesProperties('AWS::KMS::Key', { Tags: tags });
  BY_DEFAULT.service.allResourcesProperties('AWS::Lambda::Function', { Tags: tags });
});
