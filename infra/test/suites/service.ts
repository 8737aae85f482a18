/** The nightly job, and what the stacks tell. */
import { readFileSync, globSync } from 'node:fs';
import path from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import type { Template } from 'aws-cdk-lib/assertions';
import { PRICES, STACK_PARTS, WORKER_MEMORY_MIB, fixedLines } from '@backup-agent/core';
import { describe, expect, test } from 'vitest';
import { stackReport } from '../../src/report/stack-report.ts';
import { stackParts } from '../../src/report/stack-parts.ts';
import type { Template as RawTemplate } from '../../src/report/stack-parts.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import { synthesize } from '../kit/synthesize.ts';

const { service, storage } = BY_DEFAULT;

const idOf = (type: string, properties = {}, template = service): string => {
  const [id] = Object.keys(template.findResources(type, { Properties: properties }));
  if (id === undefined) throw new Error(`there is no ${type}`);
  return id;
};
const DEAD = { 'Fn::GetAtt': [idOf('AWS::SQS::Queue', { RedrivePolicy: Match.absent() }), 'Arn'] };
const WORK = { 'Fn::GetAtt': [idOf('AWS::SQS::Queue', { RedrivePolicy: Match.anyValue() }), 'Arn'] };
const COORDINATOR = { 'Fn::GetAtt': [idOf('AWS::Lambda::Function', { Handler: 'coordinator.handler' }), 'Arn'] };

describe('the functions', () => {
  test.each([
    ['coordinator', 'Coordinator', 720, 512],
    ['worker', 'Worker', 900, 512],
  ])('%s: Node 24 on ARM, a role and a log of its own, logs as JSON', (name, id, Timeout, MemorySize) => {
    service.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `smallbiz-prod-backup-${name}`,
      Handler: `${name}.handler`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout,
      MemorySize,
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: Match.stringLikeRegexp(`^${id}Log`) } },
      Role: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${id}Role`), 'Arn'] },
    });
    service.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: `/aws/lambda/smallbiz-prod-backup-${name}`,
      RetentionInDays: 90,
    });
  });

  test('both come from one asset', () => {
    const keys = Object.values(service.findResources('AWS::Lambda::Function')).map(
      (found) => (found as { Properties: { Code: { S3Key: string } } }).Properties.Code.S3Key,
    );
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('they are told what they read, and what is chosen reaches them', () => {
    const { service: chosen } = synthesize({
      graceHours: 48,
      resumeDays: 21,
      staleAfterHours: 96,
      removedShareMax: 0.5,
    });
    chosen.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          BACKUP_ENVIRONMENT: 'prod',
          GRACE_HOURS: '48',
          RESUME_DAYS: '21',
          STALE_AFTER_HOURS: '96',
          REMOVED_SHARE_MAX: '0.5',
        }),
      },
    });
  });

  test('they are told all that the handlers ask for, and nothing that no handler knows', () => {
    const folder = path.join(import.meta.dirname, '../../src/handlers');
    const text = globSync('*.ts', { cwd: folder })
      .map((file) => readFileSync(path.join(folder, file), 'utf8'))
      .join('\n');
    const asked = [...text.matchAll(/(?:text|number)\('([A-Z_0-9]+)'|environment\['([A-Z_0-9]+)'\]/g)].map(
      ([, first, second]) => first ?? second,
    );
    // Lambda sets the region; the endpoint is for servers other than S3.
    const ofOthers = ['AWS_REGION', 'BACKUP_S3_ENDPOINT'];
    const [worker] = Object.values(
      service.findResources('AWS::Lambda::Function', { Properties: { Handler: 'worker.handler' } }),
    ) as {
      Properties: { Environment: { Variables: object } };
    }[];
    const told = Object.keys(worker?.Properties.Environment.Variables ?? {}).filter((name) => name !== 'NODE_OPTIONS');
    expect(new Set(told)).toEqual(new Set(asked.filter((name) => !ofOthers.includes(name ?? ''))));
  });

  test('no concurrency is reserved: in a new account that could not be deployed', () => {
    service.allResourcesProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: Match.absent() });
  });
});

describe('the queue', () => {
  test('one message for one worker, ten at a time, each failure by itself', () => {
    service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      EventSourceArn: WORK,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  test('a message stays hidden for six times as long as a worker may run, and comes five times', () => {
    service.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * 900,
      RedrivePolicy: { maxReceiveCount: 5, deadLetterTargetArn: DEAD },
      SqsManagedSseEnabled: true,
    });
    service.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 14 * 86_400,
      RedrivePolicy: Match.absent(),
    });
  });

  test('whatever fails ends in the one dead-letter queue', () => {
    service.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'cron(0 2 * * ? *)',
      State: 'ENABLED',
      Targets: [
        Match.objectLike({
          Arn: COORDINATOR,
          DeadLetterConfig: { Arn: DEAD },
          RetryPolicy: { MaximumRetryAttempts: 2 },
        }),
      ],
    });
    service.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      DestinationConfig: { OnFailure: { Destination: DEAD } },
      MaximumRetryAttempts: 2,
    });
    for (const name of ['key-in-danger', 'break-glass-used'])
      service.hasResourceProperties('AWS::Events::Rule', {
        Name: `smallbiz-prod-backup-${name}`,
        Targets: [Match.objectLike({ DeadLetterConfig: { Arn: DEAD } })],
      });
  });

  test('the rule may invoke the coordinator', () => {
    service.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: COORDINATOR,
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [idOf('AWS::Events::Rule', { ScheduleExpression: Match.anyValue() }), 'Arn'] },
    });
  });
});

test('in a time zone a schedule begins the night, and no rule does', () => {
  const { service: zoned } = WITH_ALL;
  zoned.hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'cron(0 2 * * ? *)',
    ScheduleExpressionTimezone: 'America/Los_Angeles',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: Match.objectLike({
      Input: '{"id":"<aws.scheduler.execution-id>","time":"<aws.scheduler.scheduled-time>"}',
      DeadLetterConfig: Match.anyValue(),
    }),
  });
  const rules = zoned.findResources('AWS::Events::Rule', { Properties: { ScheduleExpression: Match.anyValue() } });
  expect(Object.keys(rules)).toEqual([]);
});

describe('the outputs', () => {
  const named = (template: Template): string[] =>
    Object.keys(template.findOutputs('*')).filter((name) => !name.startsWith('Exports'));

  test('of storage', () => {
    expect(named(storage).sort()).toEqual([
      'AdministratorRoleArn',
      'BackupBucketArn',
      'BackupBucketName',
      'DevicePolicyArn',
      'KmsKeyArn',
      'KmsKeyId',
      'PackTiering',
      'Region',
      'RepositoryUrl',
      'RestoreRoleArn',
      'RetentionDays',
      'SoftDeleteDays',
    ]);
    expect(named(WITH_ALL.storage)).toEqual(expect.arrayContaining(['DeviceRoleArn', 'TrustAnchorArn', 'ProfileArn']));
  });

  test('of the service', () => {
    expect(named(service).sort()).toEqual([
      'BackupSchedule',
      'CloudWatchAlarms',
      'DeadLetterQueueUrl',
      'EventBridgeRuleArn',
      'IamRoleArn',
      'LambdaFunctionArn',
      'LambdaFunctionName',
      'QueueUrl',
      'SnsTopicArn',
      'WorkerFunctionName',
    ]);
  });
});

const rawTemplates = (of: typeof BY_DEFAULT): RawTemplate[] => [
  of.storage.toJSON() as RawTemplate,
  of.service.toJSON() as RawTemplate,
];

test('so much there is, and so much it costs while nobody uses it', () => {
  const report = (of: typeof BY_DEFAULT): string[] => {
    const [storage, service] = rawTemplates(of) as [RawTemplate, RawTemplate];
    return stackReport([
      { stack: 'storage', template: storage },
      { stack: 'service', template: service },
    ]).split('\n');
  };
  expect(report(BY_DEFAULT)).toEqual([
    'storage: 9 resources',
    'service: 43 resources',
    'fixed cost: $12.00 a month by list price, before free tiers (2 KMS keys 2.00, 9 metrics of the night 2.70, 16 request metrics of S3 4.80, 25 metrics with an alarm 2.50)',
  ]);
  expect(report(WITH_ALL)).toEqual([
    'storage: 12 resources',
    'service: 44 resources',
    'fixed cost: $15.00 a month by list price, before free tiers (2 KMS keys 2.00, 9 metrics of the night 2.70, 16 request metrics of S3 4.80, 25 metrics with an alarm 2.50, 1 dashboards 3.00)',
  ]);
});

test('docs/infrastructure.md tells what it costs', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../docs/infrastructure.md'), 'utf8');
  const [, told] = /(\$[\d.]+) by list price, before free tiers/.exec(page) ?? [];
  const usd = fixedLines(stackParts(rawTemplates(BY_DEFAULT))).reduce(
    (sum, { count, price }) => sum + count * PRICES[price].usd,
    0,
  );
  expect(told).toBe(`$${usd.toFixed(2)}`);
});

test('`backup-agent cost` assumes what is synthesized by default', () => {
  expect(stackParts(rawTemplates(BY_DEFAULT))).toEqual(STACK_PARTS);
  const [worker] = Object.values(
    service.findResources('AWS::Lambda::Function', { Properties: { Handler: 'worker.handler' } }),
  ) as { Properties: { MemorySize: number } }[];
  expect(worker?.Properties.MemorySize).toBe(WORKER_MEMORY_MIB);
});
