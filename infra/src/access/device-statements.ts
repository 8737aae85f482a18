/**
 * What a device may do: add to its own part of the repository and read it back. Which part is its own, a tag of the
 * caller says, so that one policy serves all devices and none sees another.
 */
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { DEVICE_METRIC_NAMESPACE, PACK_TAG } from '@backup-agent/core';
import type { BackupConfig } from '../config/backup-config.ts';
import { isMovedByRule } from '../storage/lifecycle-rules.ts';
import { useOfKey } from './use-of-key.ts';

/** Of IAM users and roles: whoever sets up a device puts its id there. */
export const DEVICE_TAG = 'device';
/** Roles Anywhere makes tags of a certificate's subject, by these names; the common name is the device id. */
export const CERTIFICATE_TAG = 'x509Subject/CN';

/** What an agent writes of its own part; `marks` are the nightly job's. */
const WRITTEN = ['data', 'meta', 'index', 'snapshots', 'runs'] as const;
/** Packs alone go up in parts, and may have to be given up half-way. */
const IN_PARTS = ['data', 'meta'] as const;
/**
 * Tags can hold more than device ids can. A name with a slash would lie inside another device's part; the others are
 * refused because nobody who means well has them.
 */
const NO_DEVICE_IDS = ['', '*/*', '*.*', '*:*', '*=*', '*+*', '*@*', '* *', '-*'];

export interface DeviceInput {
  readonly config: BackupConfig;
  readonly bucketArn: string;
  readonly keyArn: string;
  readonly tag: typeof DEVICE_TAG | typeof CERTIFICATE_TAG;
}

export function deviceStatements({ config, bucketArn, keyArn, tag }: DeviceInput): PolicyStatement[] {
  const own = `v1/devices/\${aws:PrincipalTag/${tag}}`;
  const below = (folders: readonly string[]): string[] => folders.map((folder) => `${bucketArn}/${own}/${folder}/*`);
  return [
    new PolicyStatement({
      sid: 'ListOwn',
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      // The agent asks for the slash: without it "dev-1" would also list what belongs to "dev-10".
      conditions: { StringLike: { 's3:prefix': [`${own}/*`, 'v1/repository.json'] } },
    }),
    new PolicyStatement({
      sid: 'ReadOwn',
      actions: ['s3:GetObject'],
      resources: [`${bucketArn}/${own}/*`, `${bucketArn}/v1/repository.json`],
    }),
    new PolicyStatement({ sid: 'AddToOwn', actions: ['s3:PutObject'], resources: below(WRITTEN) }),
    new PolicyStatement({ sid: 'GiveUpOwnPacks', actions: ['s3:AbortMultipartUpload'], resources: below(IN_PARTS) }),
    ...coldStatements(config.packTiering, `${bucketArn}/${own}/data/*`),
    useOfKey({ sid: 'UseKeyForBackups', keyArn, bucketArn, region: config.region }),
    new PolicyStatement({
      sid: 'PublishMetrics',
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'], // CloudWatch knows no resources for this action; the namespace is the limit.
      conditions: { StringEquals: { 'cloudwatch:namespace': DEVICE_METRIC_NAMESPACE } },
    }),
    new PolicyStatement({
      sid: 'DenyOtherNames',
      effect: Effect.DENY,
      actions: ['s3:*'],
      resources: ['*'],
      conditions: { StringLike: { [`aws:PrincipalTag/${tag}`]: NO_DEVICE_IDS } },
    }),
  ];
}

function coldStatements(tiering: BackupConfig['packTiering'], data: string): PolicyStatement[] {
  const statements: PolicyStatement[] = [];
  if (isMovedByRule(tiering))
    statements.push(
      new PolicyStatement({
        sid: 'TagOwnPacks',
        actions: ['s3:PutObjectTagging'],
        resources: [data],
        conditions: {
          StringEquals: { [`s3:RequestObjectTag/${PACK_TAG.name}`]: PACK_TAG.value },
          'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': [PACK_TAG.name] },
        },
      }),
    );
  if (tiering === 'glacier')
    statements.push(new PolicyStatement({ sid: 'ThawOwnPacks', actions: ['s3:RestoreObject'], resources: [data] }));
  return statements;
}
