/** docs/reference-stack.md: nothing of the stack that this replaces is missing there, and what it names here exists. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { configFields } from '../../src/config/backup-config.ts';
import { policiesOf, policyNamed } from '../kit/policies.ts';
import { BUCKET, deploy } from '../kit/resolve-template.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';

const VARIABLES = [
  'company_name',
  'environment',
  'backup_retention_days',
  'backup_schedule',
  'alarm_email',
  'allowed_backup_roles',
  'tags',
];
const LOCALS = ['bucket_name', 'common_tags', 'alarm_thresholds', 'backup_principals'];
const RESOURCES = [
  'aws_kms_key.backup_encryption',
  'aws_kms_alias.backup_encryption',
  'aws_s3_bucket.backup_bucket',
  'aws_s3_bucket_versioning.backup_bucket',
  'aws_s3_bucket_server_side_encryption_configuration.backup_bucket',
  'aws_s3_bucket_public_access_block.backup_bucket',
  'aws_s3_bucket_lifecycle_configuration.backup_bucket',
  'aws_s3_bucket_logging.backup_bucket',
  'aws_s3_bucket_metric.backup_bucket',
  'aws_s3_bucket.backup_logs',
  'aws_s3_bucket_lifecycle_configuration.backup_logs',
  'aws_s3_bucket_public_access_block.backup_logs',
  'aws_s3_bucket_policy.backup_bucket',
  'aws_iam_role.backup_lambda_role',
  'aws_iam_role_policy.backup_lambda_policy',
  'aws_iam_role_policy_attachment.backup_lambda_basic',
  'aws_lambda_function.backup_handler',
  'aws_cloudwatch_event_rule.backup_schedule',
  'aws_cloudwatch_event_target.backup_lambda',
  'aws_lambda_permission.allow_eventbridge',
  'aws_sns_topic.backup_alerts',
  'aws_sns_topic_subscription.backup_alerts_email',
  'aws_cloudwatch_metric_alarm.bucket_size',
  'aws_cloudwatch_metric_alarm.bucket_requests',
  'aws_cloudwatch_metric_alarm.lambda_errors',
  'aws_cloudwatch_metric_alarm.lambda_duration',
  'aws_cloudwatch_log_group.backup_lambda_logs',
];
const DATA = ['aws_caller_identity', 'aws_region', 'aws_iam_policy_document.backup_bucket_policy'];
const OUTPUTS = [
  'backup_bucket_name',
  'backup_bucket_arn',
  'kms_key_id',
  'kms_key_arn',
  'lambda_function_arn',
  'lambda_function_name',
  'eventbridge_rule_arn',
  'sns_topic_arn',
  'cloudwatch_alarms',
  'backup_schedule',
  'retention_days',
  'iam_role_arn',
];

const page = readFileSync(path.join(import.meta.dirname, '../../../docs/reference-stack.md'), 'utf8');
const section = (title: string): string => page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
/** Cells of each row, without the head of the table. */
const rows = (title: string): string[][] =>
  [...section(title).matchAll(/^\| (?!there|\|)(.*) \|$/gm)].map(([, row = '']) => row.split(' | '));
const named = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const namedThere = (title: string): string[] => rows(title).flatMap(([there]) => named(there));
const namedHere = (title: string): string[] => rows(title).flatMap((cells) => named(cells.at(-1)));

const synthesized = [deploy(BY_DEFAULT), deploy(WITH_ALL)].flatMap(({ storage, service }) => [storage, service]);
const outputs = new Set(synthesized.flatMap(({ Outputs }) => Object.keys(Outputs)));
const resources = synthesized.flatMap(({ Resources }) => Object.values(Resources));
const alarms = resources
  .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  .map(({ Properties }) => String(Properties?.['AlarmName']).replace('smallbiz-prod-backup-', ''));
const sids = synthesized.flatMap((stack) =>
  policiesOf(stack).flatMap(({ document }) => document.Statement.flatMap(({ Sid }) => Sid ?? [])),
);

describe('the reference stack', () => {
  test.each<[string, string, readonly string[]]>([
    ['variable, local and data source', 'Variables, locals, data', [...VARIABLES, ...LOCALS, ...DATA.slice(0, 2)]],
    ['resource', 'Resources', [...RESOURCES, DATA[2] as string]],
    ['output', 'Outputs', OUTPUTS],
  ])('every %s has its row, and none is made up', (_, title, names) => {
    expect(namedThere(title).sort()).toEqual([...names].sort());
    for (const row of rows(title)) expect(row.map((cell) => cell.length > 2)).toEqual([true, true]);
  });

  test('settings that are named exist', () => {
    const known = new Set([...Object.keys(configFields), 'device']);
    expect(namedHere('Variables, locals, data').filter((name) => !known.has(name))).toEqual([]);
  });

  test('outputs that are named exist', () => {
    expect(namedHere('Outputs').filter((name) => !outputs.has(name))).toEqual([]);
  });

  test('alarms, statements and settings that are named exist', () => {
    const known = new Set([...alarms, ...sids, ...Object.keys(configFields)]);
    // Of AWS, of the agent, or a value of a setting.
    const ofOthers = [
      'FilterId',
      'EntireBucket',
      'PutObjectAcl',
      'backup-agent cost',
      'glacier',
      '<company>-<env>-backup',
    ];
    const here = [...namedHere('Resources'), ...namedHere('What was wrong with it, and what became of that')];
    expect(here.filter((name) => !known.has(name) && !ofOthers.includes(name))).toEqual([]);
    expect(here.length).toBeGreaterThan(40);
  });

  test('the bucket policy has as many statements as it says', () => {
    const { Statement } = policyNamed(policiesOf(deploy(BY_DEFAULT).storage), `bucket ${BUCKET}`);
    expect(section('Resources')).toContain(`bucket policy, ${Statement.length} statements`);
  });

  test('each of its 28 defects is answered', () => {
    const answered = rows('What was wrong with it, and what became of that');
    expect(answered.map(([number]) => number)).toEqual(Array.from({ length: 28 }, (_, i) => String(i + 1)));
    for (const [, there = '', here = ''] of answered)
      expect([there.length > 10, here.length > 3]).toEqual([true, true]);
  });
});
