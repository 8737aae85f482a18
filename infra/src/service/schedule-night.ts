/** What begins a night: a rule, or where the time of day matters to people, a schedule in their time zone. */
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { createRole } from '../access/create-role.ts';
import type { BackupConfig } from '../config/backup-config.ts';
import type { Names } from '../names.ts';

export interface ScheduleInput {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly coordinator: Function;
  readonly dead: Queue;
}

/** Later than this, the next night is near. */
const EVENT_AGE = Duration.hours(6);
/** Each attempt of one event begins the same night, so another one does no harm. */
const ATTEMPTS_MORE = 2;

/** The ARN of the rule or schedule. */
export function scheduleNight(scope: Construct, input: ScheduleInput): string {
  const { config, names, coordinator, dead } = input;
  if (config.scheduleTimeZone !== undefined) return scheduleInZone(scope, config.scheduleTimeZone, input);
  const rule = new Rule(scope, 'Night', {
    ruleName: names.prefix,
    description: 'Begins the nightly maintenance of the backups',
    schedule: Schedule.expression(config.schedule),
    targets: [
      new LambdaFunction(coordinator, { deadLetterQueue: dead, retryAttempts: ATTEMPTS_MORE, maxEventAge: EVENT_AGE }),
    ],
  });
  return rule.ruleArn;
}

function scheduleInZone(
  scope: Construct,
  timeZone: string,
  { config, names, coordinator, dead }: ScheduleInput,
): string {
  const role = createRole(scope, 'ScheduleRole', {
    name: `${names.prefix}-schedule`,
    description: 'Begins the nightly maintenance of the backups',
    trust: [
      new PolicyStatement({
        sid: 'ByScheduler',
        principals: [new ServicePrincipal('scheduler.amazonaws.com')],
        actions: ['sts:AssumeRole'],
        conditions: { StringEquals: { 'aws:SourceAccount': config.account } },
      }),
    ],
    statements: [
      new PolicyStatement({
        sid: 'BeginNight',
        actions: ['lambda:InvokeFunction'],
        resources: [coordinator.functionArn],
      }),
      new PolicyStatement({ sid: 'KeepWhatFailed', actions: ['sqs:SendMessage'], resources: [dead.queueArn] }),
    ],
  });
  const schedule = new CfnSchedule(scope, 'NightInZone', {
    name: names.prefix,
    description: 'Begins the nightly maintenance of the backups',
    scheduleExpression: config.schedule,
    scheduleExpressionTimezone: timeZone,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: coordinator.functionArn,
      roleArn: role.roleArn,
      // What a rule would send, as far as the coordinator reads it.
      input: JSON.stringify({ id: '<aws.scheduler.execution-id>', time: '<aws.scheduler.scheduled-time>' }),
      deadLetterConfig: { arn: dead.queueArn },
      retryPolicy: { maximumRetryAttempts: ATTEMPTS_MORE, maximumEventAgeInSeconds: EVENT_AGE.toSeconds() },
    },
  });
  return schedule.attrArn;
}
