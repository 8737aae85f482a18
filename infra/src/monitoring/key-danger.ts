/** A9: the key is about to go, was disabled, or its policy was changed. An event, for waiting for a metric would cost days. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { BackupConfig } from '../config/backup-config.ts';
import type { Names } from '../names.ts';

export const KEY_DANGER_ARTICLE = 'KeyInDanger';
const CALLS = ['ScheduleKeyDeletion', 'DisableKey', 'DisableKeyRotation', 'PutKeyPolicy', 'DeleteImportedKeyMaterial'];

export interface KeyDangerInput {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly key: IKey;
  readonly topic: ITopic;
  readonly dead: Queue;
}

/** Calls are seen only where a CloudTrail trail records them: docs/deploy.md makes one. */
export function watchKey(scope: Construct, { config, names, key, topic, dead }: KeyDangerInput): void {
  const call = { 'detail-type': ['AWS API Call via CloudTrail'] };
  const ofCalls = { eventSource: ['kms.amazonaws.com'], eventName: CALLS };
  const rule = new CfnRule(scope, 'KeyInDanger', {
    name: `${names.prefix}-key-in-danger`,
    description: 'Somebody did something to the key without which no backup can be restored',
    eventPattern: {
      source: ['aws.kms'],
      $or: [
        { 'detail-type': ['KMS CMK Deletion'], resources: [key.keyArn] },
        { ...call, detail: { ...ofCalls, resources: { ARN: [key.keyArn] } } },
        // Of a call that was refused CloudTrail may know only how the caller named the key.
        { ...call, detail: { ...ofCalls, requestParameters: { keyId: [key.keyArn, key.keyId] } } },
      ],
    },
    targets: [
      {
        id: 'Alerts',
        arn: topic.topicArn,
        deadLetterConfig: { arn: dead.queueArn },
        inputTransformer: {
          inputPathsMap: {
            what: '$.detail-type',
            call: '$.detail.eventName',
            who: '$.detail.userIdentity.arn',
            time: '$.time',
          },
          inputTemplate: `"The key of the backups of ${config.companyName} (${config.environment}) is in danger: <what> <call> by <who> at <time>. Without this key no backup can be restored. What to do: ${config.runbookUrl}#${KEY_DANGER_ARTICLE.toLowerCase()}"`,
        },
      },
    ],
  });
  dead.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowKeyInDanger',
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [dead.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
    }),
  );
}
