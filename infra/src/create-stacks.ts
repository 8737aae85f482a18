/** The two stacks: one that keeps, one that works. */
import { Annotations, Tags } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { BackupConfig } from './config/backup-config.ts';
import { COLD_DAYS_CHARGED } from './config/combinations.ts';
import { namesOf } from './names.ts';
import { BackupServiceStack } from './service/backup-service-stack.ts';
import { BackupStorageStack } from './storage/backup-storage-stack.ts';
import { isMovedByRule } from './storage/lifecycle-rules.ts';

export interface Stacks {
  readonly storage: BackupStorageStack;
  readonly service: BackupServiceStack;
}

/** Dashboards can be tagged since a short time only: schemas of CloudFormation that are older refuse them. */
const UNTAGGED = ['AWS::CloudWatch::Dashboard'];

export function createStacks(app: App, config: BackupConfig, code: Code): Stacks {
  const names = namesOf(config);
  const env = { account: config.account, region: config.region };
  const storage = new BackupStorageStack(app, 'BackupStorage', {
    env,
    config,
    stackName: names.storageStack,
    description: 'Key and bucket of the backups, and who may do what to them',
  });
  const { bucket, key } = storage;
  const service = new BackupServiceStack(app, 'BackupService', {
    env,
    config,
    bucket,
    key,
    code,
    stackName: names.serviceStack,
    description: 'The nightly job of the backups, and their alarms',
  });
  const tags = {
    ...config.tags,
    Company: config.companyName,
    Environment: config.environment,
    Region: config.region,
    ManagedBy: 'CDK',
  };
  for (const [name, value] of Object.entries(tags)) Tags.of(app).add(name, value, { excludeResourceTypes: UNTAGGED });
  warnOfColdDays(storage, config);
  return { storage, service };
}

/** Cheaper in the long run is still dearer for what goes early: no mistake, but good to know. */
function warnOfColdDays(
  storage: BackupStorageStack,
  { packTiering, retentionDays, softDeleteDays }: BackupConfig,
): void {
  if (!isMovedByRule(packTiering) || retentionDays + softDeleteDays >= COLD_DAYS_CHARGED) return;
  Annotations.of(storage).addWarningV2(
    'backup:cold-days',
    `${packTiering} charges ${COLD_DAYS_CHARGED} days for every object: what is removed earlier is paid for until then.`,
  );
}
