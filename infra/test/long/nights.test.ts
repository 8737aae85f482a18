/**
 * The bundled functions against a server of S3, SQS, SNS and CloudWatch (moto): a fleet of 50 devices, each thing that
 * can be wrong in one of them, for two nights. BACKUP_AGENT_TEST_MOTO is an interpreter that has moto.
 */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  JSON_BYTES_MAX,
  METRIC_UNITS,
  decodeNightResult,
  decodeNightSummary,
  devicePrefix,
  holdsPrefix,
  isRunId,
  marksPrefix,
  nightPrefix,
  nightResultKey,
  packKey,
  packText,
  readMarks,
  reportKey,
  reportsPrefix,
  runOfSnapshot,
  snapshotKey,
  snapshotsPrefix,
} from '@backup-agent/core';
import type {
  DeviceId,
  NightResult,
  NightSummary,
  ObjectStore,
  ObjectUndeleter,
  RemovedObject,
  RunId,
} from '@backup-agent/core';
import { openS3Store } from '@backup-agent/core/s3';
import { makeBucket, skippedSuite } from '@backup-agent/core/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleHandlers } from '../../src/bundle-handlers.ts';
import { environmentOf, TEST_CREDENTIALS } from '../kit/cloud.ts';
import type { Cloud } from '../kit/cloud.ts';
import { startFunction } from '../kit/lambda-function.ts';
import type { LambdaFunction } from '../kit/lambda-function.ts';
import { startMotoServer } from '../kit/moto-server.ts';
import type { MotoServer } from '../kit/moto-server.ts';
import { AGED, CROWD, DEVICES, HEALTHY, SCRIPT, writeFleet } from '../kit/night-fleet.ts';
import { readMetrics } from '../kit/night-metrics.ts';
import { makeNightQueue } from '../kit/night-queue.ts';
import type { NightQueue } from '../kit/night-queue.ts';

const python = process.env['BACKUP_AGENT_TEST_MOTO'];
const NAME = 'the nightly functions on a server';
if (python === undefined) skippedSuite(NAME, 'no moto: set BACKUP_AGENT_TEST_MOTO to an interpreter that has it');
else describe(NAME, () => suite(python));

const REGION = 'us-west-2';
const BUCKET = 'backups';
const KMS_KEY = `arn:aws:kms:${REGION}:123456789012:key/11111111-2222-3333-4444-555555555555`;
const ALL = [...HEALTHY, ...Object.values(DEVICES).flat()].sort();

function suite(interpreter: string): void {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'nights-'));
  let server: MotoServer;
  let cloud: Cloud;
  let store: ObjectStore & ObjectUndeleter;
  let queue: NightQueue;
  let coordinator: LambdaFunction;
  let worker: LambdaFunction;
  const started: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startMotoServer(interpreter, folder);
    started.push(server.stop);
    cloud = { endpoint: server.url, region: REGION, credentials: TEST_CREDENTIALS };
    await makeBucket({ ...cloud, bucket: BUCKET });
    const signal = new AbortController().signal;
    store = await openS3Store({ ...cloud, bucket: BUCKET, prefix: '', kmsKey: KMS_KEY, signal, random: Math.random });
    queue = await makeNightQueue(cloud, server.hurryQueues);
    await writeFleet({ store, setAge: server.setObjectAge });
    await bundleHandlers(folder);
    const environment = {
      ...environmentOf(cloud),
      BACKUP_BUCKET: BUCKET,
      BACKUP_ENVIRONMENT: 'test',
      BACKUP_S3_ENDPOINT: server.url,
      KMS_KEY_ARN: KMS_KEY,
      QUEUE_URL: queue.queueUrl,
      TOPIC_ARN: queue.topicArn,
    };
    coordinator = await startFunction(path.join(folder, 'coordinator.mjs'), environment);
    worker = await startFunction(path.join(folder, 'worker.mjs'), environment);
    started.push(coordinator.stop, worker.stop);
  }, 240_000);
  afterAll(async () => {
    for (const stop of started.toReversed()) await stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const begin = async (event: { readonly id: string; readonly time: string }): Promise<RunId> =>
    ((await coordinator.invoke(event)) as { night: RunId }).night;
  const resultOf = async (night: RunId, device: DeviceId): Promise<NightResult> => {
    const key = nightResultKey(night, device);
    return decodeNightResult(await store.read(key, JSON_BYTES_MAX), key);
  };
  const summaryOf = async (night: RunId): Promise<NightSummary> => {
    const key = reportKey(night, 'json');
    return decodeNightSummary(await store.read(key, JSON_BYTES_MAX), key);
  };
  const keysOf = async (prefix: string): Promise<string[]> => (await store.list(prefix)).objects.map(({ key }) => key);
  const removedOf = (removed: readonly RemovedObject[], device: DeviceId): string[] =>
    removed.map(({ key }) => key).filter((key) => key.startsWith(devicePrefix(device)));
  /** Everything there is, and everything that was and can be brought back. */
  const contents = async (): Promise<unknown> => ({
    there: (await store.list('v1/')).objects.map(({ key, etag, modified }) => [key, etag, modified]),
    removed: await store.listRemoved('v1/'),
  });

  describe('the first night', () => {
    let night: RunId;
    let worked: string[];
    let mails: Awaited<ReturnType<NightQueue['takeMails']>>;
    let summary: NightSummary;
    /** Keys whose objects are old versions only. */
    let removed: readonly RemovedObject[];

    beforeAll(async () => {
      await queue.send('no message at all');
      await queue.send(
        '{"type":"device","night":"20260101T000000Z-00000000","began":"2026","round":0,"device":"../x"}',
      );
      night = await begin({ id: 'event-1', time: '2026-06-01T02:00:00Z' });
      worked = await queue.drain(worker);
      mails = await queue.takeMails();
      summary = await summaryOf(night);
      removed = await store.listRemoved('v1/');
    }, 600_000);

    test('ends with a result of each of the 50 devices', async () => {
      expect(ALL).toHaveLength(50);
      expect(await keysOf(nightPrefix(night))).toEqual(ALL.map((device) => nightResultKey(night, device)));
    });

    test('finds nothing wrong with healthy devices, and changes nothing of them', async () => {
      for (const device of HEALTHY) {
        const { refusals, verification, freshness, massChange, hold, packs } = await resultOf(night, device);
        expect({ refusals, findings: verification.findings, reasons: massChange.reasons, hold }).toEqual({
          refusals: [],
          findings: [],
          reasons: [],
          hold: null,
        });
        expect(freshness).toMatchObject({ stale: false, failedRunCount: 0 });
        expect(verification.packsCompared).toBeGreaterThan(0);
        expect([packs.newlyMarked.packs, packs.removed.packs]).toEqual([0, 0]);
        expect(removedOf(removed, device)).toEqual([]);
        expect(await keysOf(marksPrefix(device))).toEqual([]);
      }
    });

    test.each(DEVICES.stale)('%s is stale', async (device) => {
      expect((await resultOf(night, device)).freshness).toMatchObject({
        stale: true,
        ageHours: expect.closeTo(240, 0),
      });
    });

    test('a device whose history has expired loses it, and packs that were marked for long enough', async () => {
      const device = DEVICES.expiring;
      const { refusals, snapshots, packs } = await resultOf(night, device);
      expect(refusals).toEqual([]);
      expect(snapshots.removed.toSorted()).toEqual(AGED.expired);
      expect(packs.removedPacks).toEqual({ data: { [AGED.dead[0]?.run as string]: '0-1' }, meta: {} });
      expect(packs.deferred.packs).toBe(1);
      expect(await keysOf(snapshotsPrefix(device))).toEqual(AGED.kept.map((name) => snapshotKey(device, name)));
    });

    test('what was removed is still kept as an old version', async () => {
      const device = DEVICES.expiring;
      const gone = [
        ...AGED.dead.slice(0, 2).map((pack) => packKey(device, pack)),
        ...AGED.expired.map((name) => snapshotKey(device, name)),
      ];
      expect(removedOf(removed, device)).toEqual(gone.toSorted());
    });

    test('packs that only expired snapshots needed are marked, and nothing that is needed goes', async () => {
      const device = DEVICES.expiring;
      const { sequence, marks } = await readMarks({ store, device, voidRule: true });
      const ofExpired = AGED.expired.flatMap((name) =>
        (['data', 'meta'] as const).map((kind) => packText({ kind, run: runOfSnapshot(name), number: 0 })),
      );
      const before = [...AGED.dead, AGED.neededAndMarked].map(packText);
      expect(sequence).toBe(2);
      expect([...marks.keys()].toSorted()).toEqual([...before, ...ofExpired].toSorted());
      expect(await keysOf(devicePrefix(device))).toContain(packKey(device, AGED.neededAndMarked));
    });

    test('a device that looks encrypted is held, and nothing of it removed or marked', async () => {
      const device = DEVICES.flagged;
      const result = await resultOf(night, device);
      expect(result.massChange.reasons.join()).toContain('900 files with new content');
      expect(result.hold).toMatchObject({ by: 'nightly maintenance' });
      expect(await keysOf(holdsPrefix(device))).toEqual([`${holdsPrefix(device)}${night}.json`]);
      expect(removedOf(removed, device)).toEqual([]);
      expect(await keysOf(marksPrefix(device))).toHaveLength(1);
    });

    test.each([
      ['a damaged snapshot', DEVICES.corrupt, 'OBJECT_DAMAGED'],
      ['damaged marks', DEVICES.marksDamaged, 'OBJECT_DAMAGED'],
      ['more snapshots than a night reads', DEVICES.crowded, 'TOO_MANY_SNAPSHOTS'],
    ] as const)('%s: nothing is removed or marked, and the reason is told', async (_, device, code) => {
      const { refusals, packs } = await resultOf(night, device);
      expect(refusals.map((refusal) => refusal.code)).toContain(code);
      expect([packs.newlyMarked.packs, packs.removed.packs]).toEqual([0, 0]);
      expect(removedOf(removed, device)).toEqual([]);
    });

    test('of a device with too many snapshots all stay', async () => {
      expect((await resultOf(night, DEVICES.crowded)).snapshots.total).toBe(CROWD);
      expect(await keysOf(snapshotsPrefix(DEVICES.crowded))).toHaveLength(CROWD);
    });

    test('a missing pack is found, with the snapshots that need it', async () => {
      const { verification } = await resultOf(night, DEVICES.missing);
      expect(verification).toMatchObject({ missingPacks: 1, findingCount: 1 });
      expect(verification.findings[0]?.snapshots).toHaveLength(2);
    });

    test('the summary says of each device what is the matter', () => {
      const stateOf = (device: DeviceId) => summary.rows.find((row) => row.device === device)?.state;
      expect(HEALTHY.map(stateOf)).toEqual(HEALTHY.map(() => 'good'));
      expect(DEVICES.stale.map(stateOf)).toEqual(['stale', 'stale', 'stale']);
      expect(
        Object.fromEntries(
          Object.entries(DEVICES).flatMap(([name, device]) =>
            typeof device === 'string' ? [[name, stateOf(device)]] : [],
          ),
        ),
      ).toEqual({
        never: 'never',
        corrupt: 'damaged',
        missing: 'damaged',
        flagged: 'flagged',
        expiring: 'good',
        retired: 'retired',
        failed: 'failed',
        marksDamaged: 'refused',
        crowded: 'refused',
      });
      expect(summary.totals).toMatchObject({ devices: 49, late: 3, unheard: 0, massChange: 1, missingPacks: 1 });
    });

    test('one mail names the devices that need somebody, and what to do', () => {
      expect(mails).toHaveLength(1);
      const { subject, body } = mails[0] as (typeof mails)[number];
      expect(subject).toBe('Backups: Unusual changes on flagged-1: ransomware? (and 3 more problems)');
      const named = [...body.matchAll(/^ {2}([a-z]+-\d+)(?: \(new\))?: /gm)].map(([, device]) => device);
      expect(new Set(named)).toEqual(
        new Set(['away-1', 'away-2', 'away-3', 'corrupt-1', 'crowded-1', 'flagged-1', 'marks-1', 'missing-1']),
      );
      expect(body).toContain('backup-agent hold clear flagged-1');
      expect(body).toContain('backup-agent verify --device missing-1');
      expect(body).toContain('backup-agent run --device away-1');
      expect(body).toContain(reportKey(night, 'html'));
      // None of the healthy ones, nor those of which nobody need know.
      expect(body).not.toMatch(/desk-\d|retired-1|expiring-1/);
    });

    test('what devices wrote is text in the report and nothing else', async () => {
      const page = (await store.read(reportKey(night, 'html'), 32 << 20)).toString();
      expect(page).not.toMatch(/<script/i);
      expect(page).toContain("default-src 'none'");
      expect(page).toContain('&lt;script&gt;document.title=');
      // As the host, in the reason of a failed run, and as the ending of files.
      const row = summary.rows.find(({ device }) => device === DEVICES.failed);
      expect([row?.host, row?.details.failedRuns[0]?.message]).toEqual([SCRIPT, expect.stringContaining(SCRIPT)]);
      expect(page).toContain('.&lt;script&gt;');
    });

    test('all metrics are there, zeros too', async () => {
      const metrics = new CloudWatchClient(cloud);
      const dimensions = [{ Name: 'Environment', Value: 'test' }];
      const { Metrics: listed = [] } = await metrics.send(new ListMetricsCommand({ Namespace: 'BackupAgent' }));
      expect(new Set(listed.map(({ MetricName }) => MetricName))).toEqual(new Set(Object.keys(METRIC_UNITS)));
      expect(listed.every(({ Dimensions }) => JSON.stringify(Dimensions) === JSON.stringify(dimensions))).toBe(true);
      const counted = await readMetrics(cloud, { environment: 'test', statistic: 'SampleCount' });
      expect(counted).toEqual(Object.fromEntries(Object.keys(METRIC_UNITS).map((name) => [name, [1]])));
    });

    test('messages that nobody understands are given up, and disturb no other', async () => {
      const bodies = await queue.takeGivenUp();
      expect(bodies).toHaveLength(2);
      expect(bodies[0]).toBe('no message at all');
      expect(worked.filter((body) => body.includes('"device"'))).toHaveLength(50);
    });

    test('the event delivered again begins no second night and sends no second mail', async () => {
      const before = await contents();
      expect(await begin({ id: 'event-1', time: '2026-06-01T02:00:00Z' })).toBe(night);
      expect((await queue.drain(worker)).length).toBeGreaterThan(50);
      expect(await contents()).toEqual(before);
      expect(await queue.takeMails()).toEqual([]);
    }, 600_000);

    test('a message delivered again changes nothing', async () => {
      const before = await contents();
      const [body] = worked.filter((text) => text.includes(DEVICES.expiring));
      const answer = await worker.invoke({ Records: [{ messageId: 'again', body }] });
      expect(answer).toEqual({ batchItemFailures: [] });
      expect(await contents()).toEqual(before);
    });
  });

  describe('a second night', () => {
    let night: RunId;

    test('a worker without time sends the device on, and another one does it', async () => {
      night = await begin({ id: 'event-2', time: '2026-06-02T02:00:00Z' });
      const body = JSON.stringify({
        type: 'device',
        night,
        began: new Date().toISOString(),
        round: 0,
        device: DEVICES.expiring,
      });
      const answer = await worker.invoke({ Records: [{ messageId: 'late', body }] }, { remainingMs: 45_000 });
      expect(answer).toEqual({ batchItemFailures: [] });
      expect(await keysOf(nightPrefix(night))).toEqual([]);
      const worked = await queue.drain(worker);
      expect(worked.map((text) => JSON.parse(text) as { round: number }).filter(({ round }) => round === 1)).toEqual([
        expect.objectContaining({ device: DEVICES.expiring }),
      ]);
      expect(await keysOf(nightPrefix(night))).toHaveLength(50);
    }, 600_000);

    test('goes on where the first one had its limit', async () => {
      const { snapshots, packs } = await resultOf(night, DEVICES.expiring);
      expect(snapshots.removed).toEqual([]);
      expect(packs.removedPacks.data).toEqual({ [AGED.dead[2]?.run as string]: '2' });
    });

    test('still removes nothing of the device on hold', async () => {
      expect((await resultOf(night, DEVICES.flagged)).refusals.map(({ code }) => code)).toEqual(['HELD']);
      expect(removedOf(await store.listRemoved(devicePrefix(DEVICES.flagged)), DEVICES.flagged)).toEqual([]);
    });

    test('names the device that was never backed up, and tells what is new', async () => {
      const { actions } = await summaryOf(night);
      const never = actions.find(({ kind }) => kind === 'never');
      expect(never?.devices.map(({ device, isNew }) => [device, isNew])).toEqual([[DEVICES.never, true]]);
      expect(actions.find(({ kind }) => kind === 'stale')?.newCount).toBe(0);
      expect(await queue.takeMails()).toEqual([
        expect.objectContaining({ body: expect.stringContaining('backup-agent run --device never-1') }),
      ]);
    });

    test('there is one report of each night', async () => {
      const nights = await store.listFolders(reportsPrefix());
      expect(nights.every(isRunId)).toBe(true);
      expect(nights).toHaveLength(2);
    });
  });
}
