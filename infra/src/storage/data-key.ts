/** The key that encrypts the backups. Without it none can be restored, whatever protects the bucket. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { BackupConfig } from '../config/backup-config.ts';
import { deployRoleArn } from '../names.ts';
import type { Names } from '../names.ts';
import { deny } from './deny.ts';

/** The longest that KMS allows: the time in which somebody may notice that the key is about to go. */
const KEY_PENDING_DAYS = 30;

export function createDataKey(scope: Construct, config: BackupConfig, names: Names): Key {
  return new Key(scope, 'DataKey', {
    alias: `alias/${names.prefix}`,
    description: `Encrypts the backups of ${config.companyName} (${config.environment}): without it none can be restored`,
    enableKeyRotation: true,
    pendingWindow: Duration.days(KEY_PENDING_DAYS),
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new PolicyDocument({ statements: dataKeyStatements(config) }),
  });
}

function dataKeyStatements({ account, breakGlassRoleArn }: BackupConfig): PolicyStatement[] {
  const breakGlass = breakGlassRoleArn === undefined ? [] : [breakGlassRoleArn];
  return [
    new PolicyStatement({
      sid: 'AccountDecidesByIam',
      principals: [new AccountRootPrincipal()],
      actions: ['kms:*'],
      resources: ['*'],
    }),
    deny({
      sid: 'DenyEndOfKey',
      actions: ['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:DisableKeyRotation'],
      resources: ['*'],
      except: breakGlass,
    }),
    deny({
      sid: 'DenyShortWait',
      actions: ['kms:ScheduleKeyDeletion'],
      resources: ['*'],
      conditions: { NumericLessThan: { 'kms:ScheduleKeyDeletionPendingWindowInDays': String(KEY_PENDING_DAYS) } },
    }),
    deny({
      sid: 'DenyKeyPolicyEdits',
      actions: ['kms:PutKeyPolicy'],
      resources: ['*'],
      // Who deploys this stack has to be able to change what it deployed.
      except: [...breakGlass, deployRoleArn(account)],
    }),
  ];
}
