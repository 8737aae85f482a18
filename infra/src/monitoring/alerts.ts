/**
 * Where alarms and the night's mail go. The topic has a key of its own: the one that AWS manages lets CloudWatch and
 * EventBridge publish nothing, and they would not say so.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import type { BackupConfig } from '../config/backup-config.ts';
import type { Names } from '../names.ts';

export interface Alerts {
  readonly topic: Topic;
  readonly key: Key;
}

export function createAlerts(scope: Construct, config: BackupConfig, names: Names): Alerts {
  const key = new Key(scope, 'AlertKey', {
    alias: `alias/${names.prefix}-alerts`,
    description: `Encrypts the alerts about the backups of ${config.companyName} (${config.environment})`,
    enableKeyRotation: true,
    pendingWindow: Duration.days(30),
    removalPolicy: RemovalPolicy.DESTROY,
    policy: new PolicyDocument({ statements: alertKeyStatements(config) }),
  });
  const topic = new Topic(scope, 'Alerts', {
    topicName: `${names.prefix}-alerts`,
    displayName: `Backups of ${config.companyName}`,
    masterKey: key,
  });
  for (const statement of topicStatements(topic.topicArn, config)) topic.addToResourcePolicy(statement);
  if (config.alarmEmail !== undefined)
    acknowledge(topic.addSubscription(new EmailSubscription(config.alarmEmail)), 'subscription');
  return { topic, key };
}

function alertKeyStatements({ account }: BackupConfig): PolicyStatement[] {
  const use = { actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] };
  return [
    new PolicyStatement({
      sid: 'AccountDecidesByIam',
      principals: [new AccountRootPrincipal()],
      actions: ['kms:*'],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'AllowAlarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      ...use,
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    // EventBridge names neither source nor account when it publishes to SNS: with a condition it could not.
    new PolicyStatement({ sid: 'AllowRules', principals: [new ServicePrincipal('events.amazonaws.com')], ...use }),
  ];
}

/** A topic with a policy of its own has none of the default permissions. */
function topicStatements(topicArn: string, { account }: BackupConfig): PolicyStatement[] {
  const publish = { actions: ['sns:Publish'], resources: [topicArn] };
  return [
    new PolicyStatement({
      sid: 'AllowAlarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      ...publish,
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    new PolicyStatement({
      sid: 'AllowRules',
      principals: [new ServicePrincipal('events.amazonaws.com')],
      ...publish,
    }),
    new PolicyStatement({
      sid: 'DenyPlainHttp',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      ...publish,
      conditions: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
  ];
}
