/** Each alarm is fed the numbers that should make it fire, and those that should not; each has an article to read. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRIC_UNITS } from '@backup-agent/core';
import { describe, expect, test } from 'vitest';
import { BREAK_GLASS_ARTICLE } from '../../src/monitoring/break-glass.ts';
import { KEY_DANGER_ARTICLE } from '../../src/monitoring/key-danger.ts';
import { statesOf } from '../kit/evaluate-alarm.ts';
import type { AlarmProperties, AlarmState } from '../kit/evaluate-alarm.ts';
import { ACCOUNT, BREAK_GLASS } from '../kit/good-config.ts';
import { matchesEvent } from '../kit/match-event.ts';
import { BUCKET, deploy, KEY_ARN } from '../kit/resolve-template.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import { synthesize } from '../kit/synthesize.ts';
import type { Synthesized } from '../kit/synthesize.ts';

function alarmsOf(synthesized: Synthesized): ReadonlyMap<string, AlarmProperties> {
  const { service } = deploy(synthesized);
  const alarms = Object.values(service.Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties as unknown as AlarmProperties);
  return new Map(alarms.map((alarm) => [alarm.AlarmName.replace('smallbiz-prod-backup-', ''), alarm]));
}

const ALARMS = alarmsOf(BY_DEFAULT);
/** Told of by rules, not by alarms. */
const EVENT_ARTICLES = [KEY_DANGER_ARTICLE, BREAK_GLASS_ARTICLE];
const alarmNamed = (name: string, alarms = ALARMS): AlarmProperties => {
  const alarm = alarms.get(name);
  if (alarm === undefined) throw new Error(`there is no alarm ${name}`);
  return alarm;
};

type Values = readonly (number | undefined)[];
const none = (periods: number): Values => Array.from({ length: periods }, () => undefined);
/** Nights a day apart, in hours: a figure, then 23 hours without. */
const nights = (...figures: number[]): Values => figures.flatMap((figure) => [figure, ...none(23)]);
const GB = 1024 ** 3;

/** The name, what happens, the numbers by period, and the state that they lead to. */
const CASES: readonly (readonly [string, string, Values, AlarmState])[] = [
  ['run-missed', 'a night every day', nights(1, 1, 1), 'OK'],
  ['run-missed', 'a night that is an hour late', [...nights(1), undefined, 1], 'OK'],
  ['run-missed', 'no night for 26 hours', [1, ...none(26)], 'ALARM'],
  ['run-missed', 'nights that hear of nobody', nights(1, 0, 0), 'ALARM'],
  ['run-missed', 'nothing since the deployment', none(1), 'ALARM'],
  ['run-missed', 'a night after a missed one', [...none(30), 1], 'OK'],

  ['stale-devices', 'no late device', [0, 0], 'OK'],
  ['stale-devices', 'one', [0, 1], 'ALARM'],
  ['stale-devices', 'one, and the next night is missed: it is still late', [1, undefined], 'ALARM'],
  ['stale-devices', 'one that came back', [1, 0], 'OK'],

  ['stale-percent', 'a tenth', nights(10, 10), 'OK'],
  ['stale-percent', 'more than a tenth, for one night', [...nights(0), ...nights(11).slice(0, 3)], 'ALARM'],
  ['stale-percent', 'no figure for 26 hours', [0, ...none(26)], 'ALARM'],
  ['stale-percent', 'all well again', [...nights(30, 30), 2], 'OK'],

  ['retention-floor', 'none', [0], 'OK'],
  ['retention-floor', 'one', [1], 'ALARM'],

  ['verification-failures', 'none', nights(0), 'OK'],
  ['verification-failures', 'one, hours ago', nights(1), 'ALARM'],
  ['verification-failures', 'none in the night after', [...nights(1), 0], 'OK'],

  ['missing-packs', 'none', nights(0), 'OK'],
  ['missing-packs', 'one', nights(0, 1), 'ALARM'],

  ['removed-share', 'a tenth', nights(10), 'OK'],
  ['removed-share', 'more', nights(10.5), 'ALARM'],

  ['upload-spike', 'a usual day of 500 laptops', [100 * GB], 'OK'],
  ['upload-spike', 'five times that', [500 * GB], 'OK'],
  ['upload-spike', 'more', [501 * GB], 'ALARM'],

  ['mass-change', 'none', [0], 'OK'],
  ['mass-change', 'one device', [1], 'ALARM'],

  ...['coordinator', 'worker'].flatMap((name): (readonly [string, string, Values, AlarmState])[] => [
    [`${name}-errors`, 'none', [0], 'OK'],
    [`${name}-errors`, 'one in five minutes', [0, 1], 'ALARM'],
    [`${name}-errors`, 'not at work', [1, undefined], 'OK'],
    [`${name}-throttled`, 'never', [0], 'OK'],
    [`${name}-throttled`, 'once', [1], 'ALARM'],
  ]),
  ['coordinator-near-timeout', 'ten seconds', [10_000], 'OK'],
  ['coordinator-near-timeout', 'four fifths of twelve minutes', [576_001], 'ALARM'],
  ['worker-near-timeout', 'a large device that sends the rest on after 14 minutes', [840_000], 'OK'],
  ['worker-near-timeout', 'one that did not stop in time', [871_000], 'ALARM'],

  ['dead-letters', 'none', [0], 'OK'],
  ['dead-letters', 'one', [1], 'ALARM'],
  ['dead-letters', 'an empty queue that says nothing', [1, undefined], 'OK'],

  ['notifications-failed', 'none', [0], 'OK'],
  ['notifications-failed', 'one', [1], 'ALARM'],

  ['server-errors', 'a few "slow down"', [0.04, 0.04, 0.04, 0.04], 'OK'],
  ['server-errors', 'half an hour of trouble', [0, 0.2, 0.2, 0], 'OK'],
  ['server-errors', 'three quarters of an hour of the last one', [0.2, 0, 0.2, 0.2], 'ALARM'],
  ['server-errors', 'nobody asks anything', [0.2, 0.2, undefined, undefined], 'OK'],

  ['client-errors', 'what a night of 500 devices asks in vain', [1500], 'OK'],
  ['client-errors', 'every device is locked out and tries again', [5001], 'ALARM'],

  ['requests', 'a night of 500 devices, while they back up', [90_000, 90_000], 'OK'],
  ['requests', 'many first backups in one hour', [90_000, 800_000, 90_000], 'OK'],
  ['requests', 'something that repeats itself', [500_001, 500_001], 'ALARM'],

  ['delete-requests', 'a night of 500 devices', [10_000], 'OK'],
  ['delete-requests', 'somebody empties the bucket', [30_001], 'ALARM'],

  ['bucket-size', 'what 500 users with 20 GB need', [10_010 * GB], 'OK'],
  ['bucket-size', 'half as much again', [15_001 * GB], 'ALARM'],
  ['bucket-size', 'not yet measured today', [15_001 * GB, undefined], 'ALARM'],
];

test.each(CASES)('%s: %s', (name, _, values, state) => {
  const alarm = alarmNamed(name);
  expect(statesOf(alarm, values).at(-1)).toBe(state);
});

test('docs/infrastructure.md tells how many there are', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../docs/infrastructure.md'), 'utf8');
  expect(page).toContain(` ${ALARMS.size} alarms,`);
});

test('every alarm is fed numbers that make it fire, and numbers that do not', () => {
  for (const state of ['OK', 'ALARM'] as const)
    expect(new Set(CASES.filter((one) => one[3] === state).map(([name]) => name))).toEqual(new Set(ALARMS.keys()));
});

describe('every alarm', () => {
  const rows = [...ALARMS].map(([name, alarm]) => [name, alarm] as const);
  const runbook = readFileSync(path.join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
  const anchors = new Map(
    [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = '']) => [title.toLowerCase().replaceAll(' ', '-'), title]),
  );
  const articleOf = (title: string): string =>
    /^## (?:[^]*?)(?=^## |(?![^]))/m.exec(runbook.slice(runbook.indexOf(`## ${title}\n`)))?.[0] ?? '';

  test.each(rows)('%s tells the topic when it fires and when it is over', (_, alarm) => {
    const topic = ['arn:aws:sns:us-west-2:111122223333:smallbiz-prod-backup-alerts'];
    expect([alarm.AlarmActions, alarm.OKActions]).toEqual([topic, topic]);
  });

  test.each([
    ...rows.map(([name, alarm]) => [name, alarm.AlarmDescription] as const),
    ...EVENT_ARTICLES.map((article) => [article, `docs/runbook.md#${article.toLowerCase()}`] as const),
  ])('%s links an article that says what it is, how to look, and what to do', (_, description) => {
    const [, anchor = ''] = /docs\/runbook\.md#([a-z]+)$/.exec(description) ?? [];
    const title = anchors.get(anchor);
    expect(title).toBeDefined();
    const article = articleOf(title ?? '');
    for (const part of ['**Description.**', '**Investigation.**', '**Resolution.**']) expect(article).toContain(part);
  });

  test('and no article is about an alarm that there is not', () => {
    const linked = [...ALARMS.values()].map(({ AlarmDescription }) => AlarmDescription.split('#')[1]);
    const articles = [...anchors].filter(([, title]) => articleOf(title).includes('**Description.**'));
    expect(new Set(articles.map(([anchor]) => anchor))).toEqual(
      new Set([...linked, ...EVENT_ARTICLES.map((article) => article.toLowerCase())]),
    );
  });

  test.each(rows)('%s looks no further back than CloudWatch allows', (_, alarm) => {
    const period =
      alarm.Period ?? alarm.Metrics?.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat?.Period ?? 0;
    expect(period * alarm.EvaluationPeriods).toBeLessThanOrEqual((period >= 3600 ? 7 : 1) * 86_400);
  });
});

describe('what alarms look at', () => {
  const ofJob = [...ALARMS].filter(([, { Namespace }]) => Namespace === METRIC_NAMESPACE);

  test('every metric of the night has an alarm, and every alarm of the night a metric that is published', () => {
    expect(new Set(ofJob.map(([, { MetricName }]) => MetricName))).toEqual(new Set(Object.keys(METRIC_UNITS)));
  });

  test.each(ofJob)('%s: the environment is the only dimension', (_, { Dimensions }) => {
    expect(Dimensions).toEqual([{ Name: METRIC_DIMENSION, Value: 'prod' }]);
  });

  test('no alarm looks at what devices say of themselves', () => {
    expect(JSON.stringify([...ALARMS.values()])).not.toContain('BackupAgent/Devices');
  });

  test.each(['server-errors', 'client-errors', 'requests', 'delete-requests'])(
    '%s names the filter, without which there is no data',
    (name) => {
      expect(alarmNamed(name).Dimensions).toEqual([
        { Name: 'BucketName', Value: BUCKET },
        { Name: 'FilterId', Value: 'EntireBucket' },
      ]);
    },
  );

  test.each([
    ['none', ['StandardStorage']],
    [
      'intelligent',
      ['StandardStorage', 'IntelligentTieringFAStorage', 'IntelligentTieringIAStorage', 'IntelligentTieringAIAStorage'],
    ],
    ['glacier-ir', ['StandardStorage', 'GlacierInstantRetrievalStorage']],
    ['glacier', ['StandardStorage', 'GlacierStorage', 'GlacierObjectOverhead', 'GlacierS3ObjectOverhead']],
  ] as const)('the size is the sum over all classes in use: %s', (packTiering, types) => {
    const { Metrics = [] } = alarmNamed('bucket-size', alarmsOf(synthesize({ packTiering })));
    const measured = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.Dimensions ?? []);
    expect(measured.filter(({ Name }) => Name === 'StorageType').map(({ Value }) => Value)).toEqual(types);
    const sum = Metrics.find(({ Expression }) => Expression !== undefined)?.Expression;
    expect(sum).toBe(`SUM([${types.map((_, i) => `FILL(size${i}, 0)`).join(', ')}])`);
  });

  test('thresholds follow the size of the fleet, unless they are chosen', () => {
    const small = alarmsOf(synthesize({ users: 10, gigabytesPerUser: 10, schedule: 'rate(6 hours)' }));
    expect(alarmNamed('bucket-size', small).Threshold).toBe(150 * GB);
    expect(alarmNamed('upload-spike', small).Threshold).toBe(5 * GB);
    expect(alarmNamed('client-errors', small).Threshold).toBe(500);
    expect(alarmNamed('delete-requests', small).Threshold).toBe(1000);
    expect(alarmNamed('requests', small).Threshold).toBe(50_000);
    expect(alarmNamed('run-missed', small).EvaluationPeriods).toBe(8);
    const chosen = alarmsOf(
      synthesize({
        alarms: {
          bucketGigabytes: 1,
          uploadedGigabytesPerDay: 2,
          clientErrorsPerHour: 3,
          requestsPerHour: 7,
          deletesPerHour: 4,
          removedPercent: 5,
          stalePercent: 6,
        },
      }),
    );
    const thresholds = [
      'bucket-size',
      'upload-spike',
      'client-errors',
      'requests',
      'delete-requests',
      'removed-share',
      'stale-percent',
    ];
    expect(thresholds.map((name) => alarmNamed(name, chosen).Threshold)).toEqual([GB, 2 * GB, 3, 7, 4, 5, 6]);
  });
});

describe('events that are told', () => {
  interface Rule {
    readonly Name: string;
    readonly State?: string;
    readonly EventPattern: Record<string, unknown>;
    readonly Targets: readonly [{ readonly InputTransformer: Readonly<Record<'InputTemplate', string>> }];
  }
  const rulesOf = (synthesized: Synthesized): Rule[] =>
    Object.values(deploy(synthesized).service.Resources)
      .filter(({ Type, Properties }) => Type === 'AWS::Events::Rule' && 'EventPattern' in (Properties ?? {}))
      .map(({ Properties }) => Properties as unknown as Rule);
  const RULES = new Map(rulesOf(BY_DEFAULT).map((rule) => [rule.Name.replace('smallbiz-prod-backup-', ''), rule]));
  const ruleNamed = (name: string): Rule => RULES.get(name) as Rule;

  /** As CloudTrail tells of a call, as far as rules look. */
  const callOf = (service: string, eventName: string, detail: object): object => ({
    source: `aws.${service}`,
    'detail-type': 'AWS API Call via CloudTrail',
    detail: { eventSource: `${service}.amazonaws.com`, eventName, ...detail },
  });
  const OTHER_KEY = KEY_ARN.replace('1111', '2222');
  const onKey = (ARN: string): object => ({ resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN }] });
  const taking = (roleArn: string): object => ({ requestParameters: { roleArn, roleSessionName: 'me' } });

  test.each<[string, string, object, boolean]>([
    ...['ScheduleKeyDeletion', 'DisableKey', 'DisableKeyRotation', 'PutKeyPolicy', 'DeleteImportedKeyMaterial'].map(
      (call): [string, string, object, boolean] => ['key-in-danger', call, callOf('kms', call, onKey(KEY_ARN)), true],
    ),
    [
      'key-in-danger',
      'a refused call that names the key by its id',
      callOf('kms', 'DisableKey', { requestParameters: { keyId: KEY_ARN.split('/')[1] } }),
      true,
    ],
    [
      'key-in-danger',
      'the end of the key',
      { source: 'aws.kms', 'detail-type': 'KMS CMK Deletion', resources: [KEY_ARN] },
      true,
    ],
    [
      'key-in-danger',
      'the end of another key',
      { source: 'aws.kms', 'detail-type': 'KMS CMK Deletion', resources: [OTHER_KEY] },
      false,
    ],
    ['key-in-danger', 'another key', callOf('kms', 'DisableKey', onKey(OTHER_KEY)), false],
    ['key-in-danger', 'the use of the key', callOf('kms', 'Decrypt', onKey(KEY_ARN)), false],
    ['break-glass-used', 'somebody takes the role', callOf('sts', 'AssumeRole', taking(BREAK_GLASS)), true],
    ['break-glass-used', 'another role', callOf('sts', 'AssumeRole', taking(`${BREAK_GLASS}-not`)), false],
    ['break-glass-used', 'a question about the role', callOf('iam', 'GetRole', taking(BREAK_GLASS)), false],
  ])('%s: %s', (name, _, event, isTold) => {
    expect(matchesEvent(ruleNamed(name).EventPattern, event)).toBe(isTold);
  });

  test('each is fed an event, and each is told in a sentence that links its article', () => {
    expect([...RULES.keys()]).toEqual(['key-in-danger', 'break-glass-used']);
    const told = [...RULES.values()].map(({ Targets: [{ InputTransformer }] }) => InputTransformer.InputTemplate);
    expect(told.map((text) => /^"[^"]+ docs\/runbook\.md#(\w+)"$/.exec(text)?.[1])).toEqual(
      EVENT_ARTICLES.map((article) => article.toLowerCase()),
    );
  });

  test('to take a role is a read for CloudTrail, which rules see only if they ask for all', () => {
    expect(ruleNamed('break-glass-used').State).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
  });

  test('without a break-glass role there is nothing to watch', () => {
    const dev = synthesize({ environment: 'dev', breakGlassRoleArn: undefined });
    expect(rulesOf(dev).map(({ Name }) => Name)).toEqual(['smallbiz-dev-backup-key-in-danger']);
  });
});

test('the topic sends mail, encrypted with a key that CloudWatch and EventBridge may use', () => {
  const { service } = BY_DEFAULT;
  service.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'alarms@smallbiz.example' });
  service.hasResourceProperties('AWS::SNS::Topic', {
    KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AlertKey'), 'Arn'] },
  });
  const { service: deployed } = deploy(BY_DEFAULT);
  const [key] = Object.values(deployed.Resources).filter(({ Type }) => Type === 'AWS::KMS::Key');
  expect(key?.Properties?.['KeyPolicy']).toMatchObject({
    Statement: [
      { Sid: 'AccountDecidesByIam' },
      {
        Sid: 'AllowAlarms',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
      // EventBridge sends neither source nor account: a condition here would silence it.
      { Sid: 'AllowRules', Principal: { Service: 'events.amazonaws.com' } },
    ],
  });
});

test('a dashboard shows all of it, if one is asked for', () => {
  BY_DEFAULT.service.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  WITH_ALL.service.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'smallbiz-prod-backup' });
  const { Resources, Outputs } = deploy(WITH_ALL).service;
  const [board] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard');
  const shown = JSON.stringify(board?.Properties?.['DashboardBody']);
  for (const metric of [
    'MaintenanceCompleted',
    'StaleDevices',
    'VerificationFailures',
    'MissingPacks',
    'MassChangeDevices',
    'UploadedBytes',
    'GcDeletedPercent',
    'Duration',
    'ApproximateNumberOfMessagesVisible',
    'BucketSizeBytes',
    'AllRequests',
    '4xxErrors',
    'DeleteRequests',
  ])
    expect(shown).toContain(metric);
  expect(Outputs['DashboardUrl']?.Value).toMatch(/region=us-west-2#dashboards\/dashboard\/smallbiz-prod-backup$/);
});
