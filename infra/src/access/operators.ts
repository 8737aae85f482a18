/**
 * The two roles that people take. The restore operator reads every device's backups and changes nothing; the
 * administrator sets up the repository and speaks to the nightly job, and reads no documents.
 */
import { Duration } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { BackupConfig } from '../config/backup-config.ts';
import { roleArn } from '../names.ts';
import type { Names } from '../names.ts';
import { createRole } from './create-role.ts';
import { useOfKey } from './use-of-key.ts';

export interface OperatorInput {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly bucketArn: string;
  readonly keyArn: string;
}

/** Long enough for a restore of a laptop, short enough to be asked for again on the next day. */
const SESSION_HOURS = 8;

export function createRestoreOperator(scope: Construct, input: OperatorInput): Role {
  return createRole(scope, 'RestoreOperator', {
    name: input.names.restoreRole,
    description: 'Restores the documents of any device; changes nothing',
    trust: peopleOf(input.config),
    statements: restoreStatements(input),
    maxSessionDuration: Duration.hours(SESSION_HOURS),
  });
}

export function createAdministrator(scope: Construct, input: OperatorInput): Role {
  return createRole(scope, 'Administrator', {
    name: input.names.administratorRole,
    description: 'Sets up the repository, holds, pins and retires; reads no documents and removes nothing',
    trust: peopleOf(input.config),
    statements: administratorStatements(input),
    maxSessionDuration: Duration.hours(SESSION_HOURS),
  });
}

/** Whom the account allows to, with a second factor; Identity Center asks for it before it hands out its own roles. */
function peopleOf({ account }: BackupConfig): PolicyStatement[] {
  const trust = (sid: string, conditions: object): PolicyStatement =>
    new PolicyStatement({ sid, principals: [new AccountRootPrincipal()], actions: ['sts:AssumeRole'], conditions });
  return [
    trust('WithSecondFactor', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
    trust('FromIdentityCenter', {
      ArnLike: { 'aws:PrincipalArn': roleArn(account, 'aws-reserved/sso.amazonaws.com/*') },
    }),
  ];
}

function restoreStatements({ config, bucketArn, keyArn }: OperatorInput): PolicyStatement[] {
  const data = `${bucketArn}/v1/devices/*/data/*`;
  return [
    new PolicyStatement({
      sid: 'ListAll',
      actions: ['s3:ListBucket', 's3:ListBucketVersions'],
      resources: [bucketArn],
      conditions: { StringLike: { 's3:prefix': 'v1/*' } },
    }),
    new PolicyStatement({
      sid: 'ReadAll',
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [`${bucketArn}/v1/*`],
    }),
    ...(config.packTiering === 'glacier'
      ? [new PolicyStatement({ sid: 'ThawPacks', actions: ['s3:RestoreObject'], resources: [data] })]
      : []),
    useOfKey({ sid: 'UseKeyToRead', keyArn, bucketArn, region: config.region, readOnly: true }),
  ];
}

/** Of a device, what tells how it is: no catalogs, for names of files are its owner's business too. */
const OF_DEVICES = ['index', 'snapshots', 'runs', 'marks'] as const;
const WORDS = ['policy', 'holds', 'pins', 'devices', 'probe'] as const;

function administratorStatements({ config, bucketArn, keyArn }: OperatorInput): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ListAll',
      actions: ['s3:ListBucket', 's3:ListBucketVersions'],
      resources: [bucketArn],
      conditions: { StringLike: { 's3:prefix': 'v1/*' } },
    }),
    new PolicyStatement({
      sid: 'ReadHowItIs',
      actions: ['s3:GetObject'],
      resources: [
        `${bucketArn}/v1/repository.json`,
        `${bucketArn}/v1/system/*`,
        ...OF_DEVICES.map((folder) => `${bucketArn}/v1/devices/*/${folder}/*`),
      ],
    }),
    new PolicyStatement({
      sid: 'WriteWords',
      actions: ['s3:PutObject'],
      resources: [`${bucketArn}/v1/repository.json`, ...WORDS.map((word) => `${bucketArn}/v1/system/${word}/*`)],
    }),
    // Words are small; what "init" tries out is an upload in parts, too.
    new PolicyStatement({
      sid: 'GiveUpProbe',
      actions: ['s3:AbortMultipartUpload'],
      resources: [`${bucketArn}/v1/system/probe/*`],
    }),
    useOfKey({ sid: 'UseKeyForWords', keyArn, bucketArn, region: config.region }),
  ];
}
