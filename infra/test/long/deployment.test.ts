/**
 * The stacks deployed, as docs/deploy.md tells it, to a server that stands for AWS (moto): `cdk bootstrap`, `cdk deploy`,
 * `init`, the first backup, the first night by the functions as they were deployed, and a change that is deployed over it.
 * Whatever the server cannot take is left out and listed here. What policies allow is proved elsewhere: moto sees no
 * conditions. BACKUP_AGENT_TEST_MOTO is an interpreter that has moto.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  GetPolicyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  JSON_BYTES_MAX,
  METRIC_UNITS,
  decodeNightResult,
  decodeNightSummary,
  nightResultKey,
  parseDeviceId,
  reportKey,
} from '@backup-agent/core';
import type { NightSummary, ObjectStore, RunId } from '@backup-agent/core';
import { openS3Store } from '@backup-agent/core/s3';
import { skippedSuite } from '@backup-agent/core/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_OPTIONS } from '../kit/all-options.ts';
import { openCdkDeployment } from '../kit/cdk-deployment.ts';
import type { CdkDeployment, DeployedStack, Deployment } from '../kit/cdk-deployment.ts';
import { environmentOf, TEST_CREDENTIALS } from '../kit/cloud.ts';
import type { Cloud } from '../kit/cloud.ts';
import { startDeployedFunction } from '../kit/deployed-function.ts';
import type { DeployedFunction } from '../kit/deployed-function.ts';
import { ACCOUNT, BREAK_GLASS } from '../kit/good-config.ts';
import { nameOf } from '../kit/leave-out.ts';
import { startMotoServer, typesInMoto } from '../kit/moto-server.ts';
import type { MotoServer } from '../kit/moto-server.ts';
import { readMetrics } from '../kit/night-metrics.ts';
import { openNightQueue } from '../kit/night-queue.ts';
import type { NightQueue } from '../kit/night-queue.ts';
import { openWorkstation } from '../kit/workstation.ts';
import type { Workstation } from '../kit/workstation.ts';

const python = process.env['BACKUP_AGENT_TEST_MOTO'];
const NAME = 'the stacks deployed to a server';
if (python === undefined) skippedSuite(NAME, 'no moto: set BACKUP_AGENT_TEST_MOTO to an interpreter that has it');
else describe(NAME, () => suite(python));

/** All that moto 5.2.1 cannot take of the stacks by default. If it learns some of it, this has to be shorter. */
const LEFT_OUT = {
  'smallbiz-prod-backup-storage': [
    'AWS::S3::BucketPolicy: moto sees no conditions',
    'Tags of AWS::KMS::Key: moto fails with them',
    'Tags of AWS::S3::Bucket: moto fails with them',
    'termination protection: not known to moto',
  ],
  'smallbiz-prod-backup-service': [
    'AWS::CloudWatch::Alarm: not known to moto',
    'AWS::Lambda::EventInvokeConfig: not known to moto',
    'AWS::SNS::Subscription: not known to moto',
    'AWS::SNS::TopicPolicy: not known to moto',
    'AWS::SQS::QueuePolicy: not known to moto',
    'Tags of AWS::KMS::Key: moto fails with them',
    'output CloudWatchAlarms: refers to what is left out',
  ],
};
/** With everything on that is off by default. */
const LEFT_OUT_OF_ALL = {
  'smallbiz-staging-backup-storage': [
    'AWS::IAM::Role DeviceRole: refers to what is left out',
    'AWS::RolesAnywhere::Profile: not known to moto',
    'AWS::RolesAnywhere::TrustAnchor: not known to moto',
    'AWS::S3::BucketPolicy: moto sees no conditions',
    'Tags of AWS::KMS::Key: moto fails with them',
    'Tags of AWS::S3::Bucket: moto fails with them',
    'output DeviceRoleArn: refers to what is left out',
    'output ProfileArn: refers to what is left out',
    'output TrustAnchorArn: refers to what is left out',
    'termination protection: not known to moto',
  ],
  'smallbiz-staging-backup-service': [
    'AWS::CloudWatch::Alarm: not known to moto',
    'AWS::CloudWatch::Dashboard Dashboard: refers to what is left out',
    'AWS::Lambda::EventInvokeConfig: not known to moto',
    'AWS::SNS::Subscription: not known to moto',
    'AWS::SNS::TopicPolicy: not known to moto',
    'AWS::SQS::QueuePolicy: not known to moto',
    'AWS::Scheduler::Schedule: not known to moto',
    'Tags of AWS::KMS::Key: moto fails with them',
    'output CloudWatchAlarms: refers to what is left out',
    'output EventBridgeRuleArn: refers to what is left out',
  ],
};

const REGION = 'us-west-2';
const PREFIX = 'smallbiz-prod-backup';
const HOUR_MS = 3_600_000;
const ACTIVE = parseDeviceId('laptop-1');
const AWAY = parseDeviceId('laptop-2');
/** So old is what the other one has; by default 72 hours are too much. */
const AWAY_HOURS = 100;
const DOCUMENTS = { 'letter.txt': 'Dear reader', 'accounts.csv': '2026;1'.repeat(50_000) };

/** On laptops, as `aws configure` writes it. */
const PROFILE = `[backup-agent]
aws_access_key_id = ${TEST_CREDENTIALS.accessKeyId}
aws_secret_access_key = ${TEST_CREDENTIALS.secretAccessKey}
`;

/** What the configuration says otherwise in the end. */
const CHANGE = { schedule: 'cron(30 3 * * ? *)', staleAfterHours: 168, softDeleteDays: 30 } as const;

function suite(interpreter: string): void {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'deployment-'));
  let server: MotoServer;
  let cloud: Cloud;
  let cdk: CdkDeployment;
  let s3: S3Client;
  let deployed: Deployment;
  let assets: string;
  const started: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startMotoServer(interpreter, folder, { account: ACCOUNT });
    started.push(server.stop);
    cloud = { endpoint: server.url, region: REGION, credentials: TEST_CREDENTIALS };
    s3 = new S3Client(cloud);
    cdk = openCdkDeployment({ cloud, known: typesInMoto(interpreter), folder });
    await cdk.bootstrap();
    assets = (await cdk.resources('CDKToolkit')).get('StagingBucket')?.physicalId ?? '';
    deployed = await cdk.deploy();
  }, 240_000);
  afterAll(async () => {
    for (const stop of started.toReversed()) await stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const output = (name: string): string => {
    const value = deployed.outputs[name];
    if (value === undefined) throw new Error(`there is no output ${name}`);
    return value;
  };
  const readRule = async (name: string) => {
    const events = new EventBridgeClient(cloud);
    const { Rules: rules = [] } = await events.send(new ListRulesCommand({ NamePrefix: name }));
    const { Targets: targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: name }));
    return { rule: rules.find(({ Name }) => Name === name), targets };
  };
  const attributesOf = async (url: string): Promise<Record<string, string>> => {
    const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
    return (await new SQSClient(cloud).send(asked)).Attributes ?? {};
  };
  const arnOfQueue = async (url: string): Promise<string> => (await attributesOf(url))['QueueArn'] ?? '';
  const mappingOf = async (url: string) => {
    const { EventSourceMappings: mappings = [] } = await new LambdaClient(cloud).send(
      new ListEventSourceMappingsCommand({ EventSourceArn: await arnOfQueue(url) }),
    );
    return mappings;
  };
  const startDeployed = async (name: string): Promise<DeployedFunction> => {
    const running = await startDeployedFunction(name, { cloud, assets, python: interpreter, folder });
    started.push(running.stop);
    return running;
  };

  describe('everything is there but what is listed', () => {
    const allThere = async (stacks: readonly DeployedStack[], expected: Record<string, string[]>): Promise<void> => {
      const leftOut = Object.fromEntries(stacks.map((stack) => [stack.name, stack.leftOut]));
      for (const [name, lines] of Object.entries(leftOut))
        process.stdout.write(`left out of ${name}:\n${lines.map((line) => `  ${line}\n`).join('')}`);
      expect(leftOut).toEqual(expected);
      for (const { name, whole, leftOut } of stacks) {
        const [made, taken] = [await cdk.resources(name), await cdk.template(name)];
        const missing = Object.entries(whole.Resources).filter(([id]) => !made.has(id));
        const untold = missing.filter(([id, { Type }]) => !leftOut.some((line) => isOf(line, Type, nameOf(id))));
        expect(untold).toEqual([]);
        for (const [id, { type }] of made) {
          expect(type).toBe(whole.Resources[id]?.Type);
          const { Tags: tags, ...properties } = whole.Resources[id]?.Properties ?? {};
          const losesTags = leftOut.some((line) => line.includes(`Tags of ${type}:`));
          expect(taken.Resources[id]?.Properties).toEqual(losesTags ? properties : { ...properties, Tags: tags });
        }
      }
    };
    const isOf = (line: string, type: string, name: string): boolean =>
      line.startsWith(`${type}: `) || line.startsWith(`${type} ${name}: `);

    test('by default', () => allThere(deployed.stacks, LEFT_OUT));

    test('with all options, as a second stage in the same account', async () => {
      // Those whom the configuration names have to be there before.
      const Resources = {
        User: { Type: 'AWS::IAM::User', Properties: { UserName: 'laptop-1' } },
        Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'server-1', AssumeRolePolicyDocument: {} } },
      };
      await new CloudFormationClient(cloud).send(
        new CreateStackCommand({ StackName: 'devices', TemplateBody: JSON.stringify({ Resources }) }),
      );
      const { devicePrincipalArns, ...options } = ALL_OPTIONS;
      const { stacks } = await cdk.deploy({
        ...options,
        devicePrincipalArns: [...devicePrincipalArns],
        environment: 'staging',
      });
      await allThere(stacks, LEFT_OUT_OF_ALL);
    });

    test('each output is told, but for those on the list', () => {
      const names = deployed.stacks.flatMap(({ whole }) => Object.keys(whole.Outputs ?? {}));
      expect(Object.keys(deployed.outputs).sort()).toEqual(names.filter((name) => name !== 'CloudWatchAlarms').sort());
    });
  });

  describe('read back', () => {
    test('the rule begins a night: its target is the coordinator, which lets it', async () => {
      const { rule, targets } = await readRule(PREFIX);
      expect(rule).toMatchObject({
        Arn: output('EventBridgeRuleArn'),
        State: 'ENABLED',
        ScheduleExpression: 'cron(0 2 * * ? *)',
      });
      expect(targets).toEqual([
        {
          Id: 'Target0',
          Arn: output('LambdaFunctionArn'),
          DeadLetterConfig: { Arn: await arnOfQueue(output('DeadLetterQueueUrl')) },
          RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 },
        },
      ]);
      const { Policy: policy = '' } = await new LambdaClient(cloud).send(
        new GetPolicyCommand({ FunctionName: output('LambdaFunctionName') }),
      );
      expect((JSON.parse(policy) as { Statement: unknown }).Statement).toEqual([
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Condition: { ArnLike: { 'AWS:SourceArn': output('EventBridgeRuleArn') } },
        }),
      ]);
    });

    test.each([
      ['who endangers the key', 'key-in-danger', () => output('KmsKeyArn')],
      ['who takes the role of break-glass', 'break-glass-used', () => BREAK_GLASS],
    ])('the topic is told %s', async (_, name, watched) => {
      const { rule, targets } = await readRule(`${PREFIX}-${name}`);
      expect(rule?.State).toMatch(/^ENABLED/);
      expect(rule?.EventPattern).toContain(watched());
      expect(targets.map(({ Arn }) => Arn)).toEqual([output('SnsTopicArn')]);
    });

    test('the queue goes to the worker, message by message', async () => {
      expect(await mappingOf(output('QueueUrl'))).toEqual([
        expect.objectContaining({
          FunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${output('WorkerFunctionName')}`,
          BatchSize: 1,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: 10 },
          State: 'Enabled',
        }),
      ]);
    });

    test('what fails five times lies in the dead letters', async () => {
      const { RedrivePolicy: redrive = '', VisibilityTimeout: hidden } = await attributesOf(output('QueueUrl'));
      expect(JSON.parse(redrive)).toEqual({
        deadLetterTargetArn: await arnOfQueue(output('DeadLetterQueueUrl')),
        maxReceiveCount: 5,
      });
      expect(hidden).toBe('5400');
    });

    test('the bucket is encrypted with the key; all else of it moto forgets', async () => {
      const Bucket = output('BackupBucketName');
      const { ServerSideEncryptionConfiguration: encryption } = await s3.send(
        new GetBucketEncryptionCommand({ Bucket }),
      );
      // All that moto forgets is proved by tests of the template. What it learns can be read back here.
      expect(encryption?.Rules).toEqual([
        {
          ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: output('KmsKeyArn') },
          BucketKeyEnabled: false,
        },
      ]);
      const forgotten = await Promise.all(
        [
          s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
          s3.send(new GetPublicAccessBlockCommand({ Bucket })),
          s3.send(new GetBucketOwnershipControlsCommand({ Bucket })),
          s3.send(new GetBucketVersioningCommand({ Bucket })).then(({ Status: versioned = 'none' }) => versioned),
          s3.send(new GetBucketLoggingCommand({ Bucket })).then(({ LoggingEnabled: logged = 'none' }) => logged),
        ].map((asked) => asked.catch((error: unknown) => (error as Error).name)),
      );
      expect(forgotten).toEqual([
        'NoSuchLifecycleConfiguration',
        'NoSuchPublicAccessBlockConfiguration',
        'OwnershipControlsNotFoundError',
        'none',
        'none',
      ]);
    });
  });

  describe('a repository in it', () => {
    let administrator: Workstation;
    const laptops = new Map<string, Workstation>();
    let store: ObjectStore;
    let queue: NightQueue;

    beforeAll(async () => {
      // As the template says; moto forgot.
      await s3.send(
        new PutBucketVersioningCommand({
          Bucket: output('BackupBucketName'),
          VersioningConfiguration: { Status: 'Enabled' },
        }),
      );
      administrator = openWorkstation(path.join(folder, 'administrator'), {
        ...environmentOf(cloud),
        BACKUP_AGENT_REPO: output('RepositoryUrl'),
        BACKUP_AGENT_REGION: REGION,
        BACKUP_AGENT_KMS_KEY: output('KmsKeyArn'),
      });
      for (const device of [ACTIVE, AWAY]) {
        const laptop = openWorkstation(path.join(folder, device), { AWS_ENDPOINT_URL: cloud.endpoint });
        laptop.writeFile('.aws/credentials', PROFILE);
        for (const [name, text] of Object.entries(DOCUMENTS)) laptop.writeFile(`Documents/${name}`, text);
        const config = agentConfig('--device', device, '--aws-profile', 'backup-agent', '--source', '~/Documents');
        laptop.writeFile('.config/backup-agent/config.json', config);
        laptops.set(device, laptop);
      }
      store = await openS3Store({
        ...cloud,
        bucket: output('BackupBucketName'),
        prefix: '',
        kmsKey: output('KmsKeyArn'),
        signal: new AbortController().signal,
        random: Math.random,
      });
      const [{ UUID, BatchSize: batchMax = 0 } = {}] = await mappingOf(output('QueueUrl'));
      // Otherwise moto would hand messages to functions of its own, in Docker.
      await new LambdaClient(cloud).send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
      const places = {
        queueUrl: output('QueueUrl'),
        givenUpUrl: output('DeadLetterQueueUrl'),
        topicArn: output('SnsTopicArn'),
        batchMax,
      };
      queue = await openNightQueue(cloud, places, server.hurryQueues);
    });

    const agentConfig = (...args: string[]): string => {
      const script = path.join(import.meta.dirname, '../../scripts/agent-config.ts');
      const words = [script, '--outputs', deployed.outputsFile, ...args];
      return execFileSync(process.execPath, words, { encoding: 'utf8' });
    };
    const laptop = (device: string): Workstation => {
      const found = laptops.get(device);
      if (found === undefined) throw new Error(`there is no ${device}`);
      return found;
    };
    const restored = async (device: string, name: string): Promise<Record<string, string>> => {
      const target = path.join(folder, name);
      await laptop(device).agent('restore', 'latest', '--target', target);
      const names = fs.readdirSync(target);
      return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(target, name), 'utf8')]));
    };
    /** Of all objects there, each value once. */
    const valuesOf = async (prefix: string, value: (head: HeadObjectCommandOutput) => unknown): Promise<unknown[]> => {
      const Bucket = output('BackupBucketName');
      const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }));
      const heads = await Promise.all(objects.map(({ Key }) => s3.send(new HeadObjectCommand({ Bucket, Key }))));
      return [...new Set(heads.map(value))];
    };
    const encryptionOf = ({ SSEKMSKeyId, ServerSideEncryption }: HeadObjectCommandOutput): unknown =>
      SSEKMSKeyId ?? ServerSideEncryption;
    const night = async (id: string, coordinator: DeployedFunction, worker: DeployedFunction): Promise<RunId> => {
      const answer = (await coordinator.invoke({
        version: '0',
        id,
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: ACCOUNT,
        time: '2026-06-01T02:00:00Z',
        region: REGION,
        resources: [output('EventBridgeRuleArn')],
        detail: {},
      })) as { night: RunId; devices: number };
      expect(answer.devices).toBe(2);
      await queue.drain(worker);
      return answer.night;
    };
    const summaryOf = async (id: RunId): Promise<NightSummary> => {
      const key = reportKey(id, 'json');
      return decodeNightSummary(await store.read(key, JSON_BYTES_MAX), key);
    };
    const stateOf = ({ rows }: NightSummary): Record<string, string> =>
      Object.fromEntries(rows.map(({ device, state }) => [device, state]));

    test('the administrator sets it up and enrolls a laptop', async () => {
      const said = await administrator.agent('init', '--keep-within-days', output('RetentionDays'));
      expect(said).toContain(output('RepositoryUrl'));
      await administrator.agent('device', 'enroll', ACTIVE);
    });

    test('a laptop backs up by the printed configuration, with the deployed key and tiering, and restores', async () => {
      await laptop(ACTIVE).agent('run');
      expect(await valuesOf(`v1/devices/${ACTIVE}/`, encryptionOf)).toEqual([output('KmsKeyArn')]);
      expect(await valuesOf(`v1/devices/${ACTIVE}/data/`, (head) => head.StorageClass)).toEqual([
        'INTELLIGENT_TIERING',
      ]);
      expect(await restored(ACTIVE, 'first')).toEqual(DOCUMENTS);
    });

    test('another was enrolled and backed up days ago', async () => {
      server.setObjectAge(AWAY_HOURS * HOUR_MS);
      await administrator.agent('device', 'enroll', AWAY);
      await laptop(AWAY).agent('run');
      server.setObjectAge(0);
    });

    describe('the first night', () => {
      let id: RunId;
      let coordinator: DeployedFunction;
      let worker: DeployedFunction;

      beforeAll(async () => {
        coordinator = await startDeployed(output('LambdaFunctionName'));
        worker = await startDeployed(output('WorkerFunctionName'));
        await queue.send('no message at all');
        id = await night('event-1', coordinator, worker);
      });

      test('is of the functions as they were synthesized', () => {
        const synthesized = deployed.stacks.flatMap(({ whole }) => Object.values(whole.Resources));
        for (const { configuration } of [coordinator, worker]) {
          const { FunctionName: name, Architectures, LoggingConfig, ...kept } = configuration;
          const { Properties: properties = {} } =
            synthesized.find((one) => one.Properties?.['FunctionName'] === name) ?? {};
          const told = ['Handler', 'Runtime', 'MemorySize', 'Timeout', 'Description'] as const;
          expect(told.map((property) => kept[property])).toEqual(told.map((property) => properties[property]));
          expect(properties['Handler']).toBeDefined();
          expect(kept.Environment?.Variables).toMatchObject({
            KMS_KEY_ARN: output('KmsKeyArn'),
            STALE_AFTER_HOURS: '72',
          });
          // What moto forgets.
          expect([Architectures, LoggingConfig]).toEqual([['x86_64'], undefined]);
          expect([properties['Architectures'], properties['LoggingConfig']]).toEqual([['arm64'], expect.any(Object)]);
        }
      });

      test('leaves a result of each laptop, and nothing wrong with what they stored', async () => {
        for (const device of [ACTIVE, AWAY]) {
          const key = nightResultKey(id, device);
          const result = decodeNightResult(await store.read(key, JSON_BYTES_MAX), key);
          expect([result.refusals, result.verification.findings, result.freshness.stale]).toEqual([
            [],
            [],
            device === AWAY,
          ]);
          expect(result.verification.packsCompared).toBeGreaterThan(0);
        }
      });

      test('leaves a report, to read and to compute with', async () => {
        expect(stateOf(await summaryOf(id))).toEqual({ [ACTIVE]: 'good', [AWAY]: 'stale' });
        const page = (await store.read(reportKey(id, 'html'), JSON_BYTES_MAX)).toString();
        expect(page).toMatch(/^<!doctype html>/i);
        expect(page).toContain(AWAY);
        expect(await valuesOf('v1/system/', encryptionOf)).toEqual([output('KmsKeyArn')]);
      });

      test('sends one mail by the topic: the one who is away', async () => {
        const mails = await queue.takeMails();
        expect(mails).toEqual([{ subject: expect.stringContaining(AWAY), body: expect.any(String) }]);
        expect(mails[0]?.body).toContain(`${output('RepositoryUrl')}/${reportKey(id, 'html')}`);
        expect(mails[0]?.body).not.toContain(ACTIVE);
      });

      test('tells all metrics', async () => {
        const metrics = await readMetrics(cloud, { environment: 'prod', statistic: 'Sum' });
        expect(Object.keys(metrics)).toEqual(Object.keys(METRIC_UNITS));
        expect(metrics).toMatchObject({
          MaintenanceCompleted: [1],
          StaleDevices: [1],
          StalePercent: [50],
          MissingPacks: [0],
        });
      });

      test('gives up what is no message, to the dead letters', async () => {
        expect(await queue.takeGivenUp()).toEqual(['no message at all']);
      });
    });

    describe('a change, deployed over it', () => {
      let before: Deployment;
      let madeBefore: unknown;
      const made = (): Promise<unknown> => Promise.all(deployed.stacks.map(({ name }) => cdk.resources(name)));

      beforeAll(async () => {
        before = deployed;
        madeBefore = await made();
        deployed = await cdk.deploy(CHANGE);
      });

      test('changes what it says, and replaces nothing: least of all bucket and key', async () => {
        const changed = Object.keys(deployed.outputs).filter((name) => deployed.outputs[name] !== before.outputs[name]);
        expect(changed.sort()).toEqual(['BackupSchedule', 'SoftDeleteDays']);
        expect([output('BackupSchedule'), output('SoftDeleteDays')]).toEqual([CHANGE.schedule, '30']);
        expect(await made()).toEqual(madeBefore);
      });

      test('begins nights at another time, still by the coordinator', async () => {
        const { rule, targets } = await readRule(PREFIX);
        expect(rule?.ScheduleExpression).toBe(CHANGE.schedule);
        expect(targets.map(({ Arn }) => Arn)).toEqual([output('LambdaFunctionArn')]);
      });

      test('leaves everything where it was: each backup is restored from the same bucket', async () => {
        expect(await restored(ACTIVE, 'second')).toEqual(DOCUMENTS);
        expect(await restored(AWAY, 'third')).toEqual(DOCUMENTS);
      });

      test('makes another night of it: nobody is late any more, and no mail is sent', async () => {
        const coordinator = await startDeployed(output('LambdaFunctionName'));
        const worker = await startDeployed(output('WorkerFunctionName'));
        expect(worker.configuration.Environment?.Variables?.['STALE_AFTER_HOURS']).toBe('168');
        const id = await night('event-2', coordinator, worker);
        expect(stateOf(await summaryOf(id))).toEqual({ [ACTIVE]: 'good', [AWAY]: 'good' });
        expect(await queue.takeMails()).toEqual([]);
      });
    });
  });

  test('the server broke down on nothing', () => {
    expect(server.breakdowns()).toEqual([]);
  });
}
