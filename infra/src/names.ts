/**
 * Names that are fixed before anything is deployed: the bucket policy names roles, and roles name the bucket; with names
 * known beforehand neither has to wait for the other. All carry the environment, so that stages share an account.
 */
import { Aws } from 'aws-cdk-lib';
import type { BackupConfig } from './config/backup-config.ts';

export interface Names {
  /** `smallbiz-prod-backup`: what all names begin with. */
  readonly prefix: string;
  readonly storageStack: string;
  readonly serviceStack: string;
  readonly coordinator: string;
  readonly worker: string;
  readonly devicePolicy: string;
  readonly deviceRole: string;
  readonly restoreRole: string;
  readonly administratorRole: string;
}

export function namesOf({ companyName, environment }: Pick<BackupConfig, 'companyName' | 'environment'>): Names {
  const prefix = `${companyName}-${environment}-backup`;
  return {
    prefix,
    storageStack: `${prefix}-storage`,
    serviceStack: `${prefix}-service`,
    coordinator: `${prefix}-coordinator`,
    worker: `${prefix}-worker`,
    devicePolicy: `${prefix}-device`,
    deviceRole: `${prefix}-device`,
    restoreRole: `${prefix}-restore`,
    administratorRole: `${prefix}-administrator`,
  };
}

export const roleArn = (account: string, name: string): string => `arn:${Aws.PARTITION}:iam::${account}:role/${name}`;

/** The role by which CloudFormation acts in an account that `cdk bootstrap` prepared. */
export const deployRoleArn = (account: string): string => roleArn(account, 'cdk-*-cfn-exec-role-*');
