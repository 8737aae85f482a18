import { App, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { BackupStorageStack } from '../src/backup-storage-stack.ts';

const CONTEXT = { '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true };

function storageStack(app = new App({ context: CONTEXT })): BackupStorageStack {
  return new BackupStorageStack(app, 'BackupStorage', {
    storage: { companyName: 'smallbiz', environment: 'prod', softDeleteDays: 21 },
  });
}

const stack = storageStack();
const template = Template.fromStack(stack);

const bucketHas = (properties: object): void =>
  template.hasResource('AWS::S3::Bucket', { Properties: Match.objectLike(properties) });

interface LifecycleRule {
  readonly [property: string]: unknown;
}

function lifecycleRules(): LifecycleRule[] {
  const [bucket] = Object.values(template.findResources('AWS::S3::Bucket')) as {
    Properties: { LifecycleConfiguration: { Rules: LifecycleRule[] } };
  }[];
  return bucket?.Properties.LifecycleConfiguration.Rules ?? [];
}

test('there is one bucket and one key', () => {
  template.resourceCountIs('AWS::S3::Bucket', 1);
  template.resourceCountIs('AWS::KMS::Key', 1);
});

test('the key rotates, waits 30 days before it goes, and stays when the stack goes', () => {
  template.hasResource('AWS::KMS::Key', {
    Properties: { EnableKeyRotation: true, PendingWindowInDays: 30 },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
});

test('the key can be found by its name', () => {
  template.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/smallbiz-prod-backup' });
});

test('the bucket stays when the stack goes, and the stack does not go by accident', () => {
  template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(stack.terminationProtection).toBe(true);
});

test('removed objects are kept as versions', () => bucketHas({ VersioningConfiguration: { Status: 'Enabled' } }));

test('everything is encrypted with the key, through a bucket key, and never with a key of the client', () => {
  const [keyId] = Object.keys(template.findResources('AWS::KMS::Key'));
  bucketHas({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: { 'Fn::GetAtt': [keyId, 'Arn'] } },
        },
      ],
    },
  });
});

test('nothing in the bucket can become public', () => {
  bucketHas({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  });
});

test.each([
  ['plain HTTP', { Bool: { 'aws:SecureTransport': 'false' } }],
  ['TLS below 1.2', { NumericLessThan: { 's3:TlsVersion': 1.2 } }],
])('%s is denied to everybody', (_, condition) => {
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Action: 's3:*', Principal: { AWS: '*' }, Condition: condition }),
      ]),
    },
  });
});

test('unfinished uploads go after 7 days, removed objects after the time chosen, lone delete markers at once', () => {
  expect(lifecycleRules()).toEqual([
    {
      Id: 'abort-unfinished-uploads',
      Status: 'Enabled',
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
    { Id: 'purge-removed', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 21 } },
    { Id: 'clean-delete-markers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
  ]);
});

test('no data goes or moves because of its age', () => {
  expect(lifecycleRules().length).toBeGreaterThan(0);
  for (const rule of lifecycleRules()) {
    for (const byAge of ['ExpirationInDays', 'ExpirationDate', 'Transitions', 'Transition']) {
      expect(rule).not.toHaveProperty(byAge);
    }
  }
});

test('the outputs tell what an agent needs', () => {
  expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
    'BucketArn',
    'BucketName',
    'KeyArn',
    'KeyId',
    'RepositoryUrl',
  ]);
});

test('the rules of cdk-nag find nothing that has not been acknowledged with a reason', () => {
  const app = new App({ context: CONTEXT });
  storageStack(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
}, 60_000);
