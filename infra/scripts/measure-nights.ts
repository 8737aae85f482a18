/**
 * Measures the nightly functions: `pnpm bench:nights [devices]`. They run as bundled, each in a process of its own with
 * the CPU share that Lambda gives, against a light S3 that answers after some milliseconds and counts.
 * docs/nightly.md holds what it printed.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  WORKER_MEMORY_MIB as MEMORY_MIB,
  deviceWordKey,
  encodeDeviceWord,
  encodePolicy,
  encodeRepositoryFile,
  makeRunId,
  newRepositoryFile,
  parseDeviceId,
  policyKey,
  repositoryKey,
} from '@backup-agent/core';
import type { DeviceId, ObjectKey, RunId } from '@backup-agent/core';
import { bundleHandlers } from '../src/bundle-handlers.ts';
import { startFunction } from '../test/kit/lambda-function.ts';
import type { LambdaFunction, Usage } from '../test/kit/lambda-function.ts';
import { limitCpu } from './nights/limit-cpu.ts';
import { placeDevice } from './nights/device-objects.ts';
import { startLightCloud } from './nights/light-cloud.ts';
import type { LightCloud } from './nights/light-cloud.ts';
import { Objects } from './nights/light-s3.ts';
import { placeHistory } from './nights/place-history.ts';
import { reportOf } from './nights/report.ts';
import type { Part } from './nights/report.ts';
import { LARGE_DEVICE, USUAL_DEVICE } from './nights/shapes.ts';

/** Lambda gives a whole CPU for so much memory, and of less its part. */
const MEMORY_OF_ONE_CPU_MIB = 1769;
/** What S3 takes to answer a small request from within its region. */
const LATENCY_MS = 25;
/** Workers at once; each starts once in a night. */
const WORKERS = 2;

const deviceCount = Number(process.argv[2] ?? 500);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'measure-nights-'));
const now = new Date();
let isLimited = true;

async function measureFleet(): Promise<void> {
  const objects = new Objects();
  const devices = Array.from({ length: deviceCount }, (_, i) => parseDeviceId(`desk-${String(i).padStart(3, '0')}`));
  placeSystem(objects, devices);
  for (const device of devices) placeDevice(objects, device, USUAL_DEVICE, now);
  const cloud = await startLightCloud(objects, LATENCY_MS);
  const coordinator = await start('coordinator', cloud);
  const workers = await Promise.all(Array.from({ length: WORKERS }, () => start('worker', cloud)));
  const starts = [coordinator, ...workers].map((started) => started.usage());
  const { night } = (await coordinator.invoke({ id: 'event', time: now.toISOString() })) as { night: RunId };
  const parts: Part[] = [
    { what: 'Start of a function', usages: starts, counts: {} },
    { what: 'Coordinator', usages: [coordinator.usage()], counts: cloud.takeCounts() },
  ];
  const messages = cloud.takeMessages();
  const summarise = messages.pop() ?? '';
  parts.push({ what: 'Device', usages: await workOffAll(workers, messages), counts: cloud.takeCounts() });
  const [worker] = workers as [LambdaFunction];
  await workOff(worker, summarise);
  const next = placeHistory(objects, night, now);
  cloud.takeCounts();
  await workOff(worker, summarise.replace(night, next));
  parts.push({ what: 'Summary', usages: [worker.usage()], counts: cloud.takeCounts() });
  process.stdout.write(reportOf(parts, { memoryMiB: MEMORY_MIB, isLimited }));
  await Promise.all([...workers, coordinator].map((started) => started.stop()));
  await cloud.close();
}

async function measureLargeDevice(): Promise<void> {
  const objects = new Objects();
  const device = parseDeviceId('large-1');
  placeSystem(objects, [device]);
  placeDevice(objects, device, LARGE_DEVICE, now);
  const cloud = await startLightCloud(objects, LATENCY_MS);
  const [coordinator, worker] = [await start('coordinator', cloud), await start('worker', cloud)];
  await coordinator.invoke({ id: 'event', time: now.toISOString() });
  cloud.takeCounts();
  await workOff(worker, cloud.takeMessages()[0] ?? '');
  const part = { what: 'Device of a million files', usages: [worker.usage()], counts: cloud.takeCounts() };
  process.stdout.write(reportOf([part], { memoryMiB: MEMORY_MIB, isLimited }));
  await Promise.all([coordinator.stop(), worker.stop(), cloud.close()]);
}

function placeSystem(objects: Objects, devices: readonly DeviceId[]): void {
  const word = makeRunId(new Date(0), Buffer.alloc(4));
  const put = (key: ObjectKey, content: Buffer): void =>
    objects.put(key, { content, bytes: content.length, etag: 'e', modified: new Date(+now - 365 * 24 * 3_600_000) });
  put(repositoryKey(), encodeRepositoryFile(newRepositoryFile(now)));
  const said = { version: 1 as const, written: now.toISOString(), by: 'admin' };
  put(policyKey(word), encodePolicy({ ...said, policy: { keepWithinDays: 30, keepLast: 3 } }));
  for (const device of devices) put(deviceWordKey(device, word), encodeDeviceWord({ ...said, state: 'enrolled' }));
}

async function start(name: string, cloud: LightCloud): Promise<LambdaFunction> {
  const environment = {
    AWS_ENDPOINT_URL: cloud.url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    BACKUP_BUCKET: 'backups',
    BACKUP_ENVIRONMENT: 'test',
    BACKUP_S3_ENDPOINT: cloud.url,
    QUEUE_URL: `${cloud.url}/123456789012/night`,
    TOPIC_ARN: 'arn:aws:sns:us-west-2:123456789012:night',
  };
  const started = await startFunction(path.join(folder, `${name}.mjs`), environment, { memoryMiB: MEMORY_MIB });
  const limit = limitCpu(started.pid, MEMORY_MIB / MEMORY_OF_ONE_CPU_MIB);
  isLimited &&= limit.holds;
  return {
    ...started,
    async stop() {
      await started.stop();
      limit.remove();
    },
  };
}

async function workOffAll(workers: readonly LambdaFunction[], messages: readonly string[]): Promise<Usage[]> {
  const usages: Usage[] = [];
  const left = [...messages];
  const work = async (worker: LambdaFunction): Promise<void> => {
    for (let body = left.shift(); body !== undefined; body = left.shift()) {
      await workOff(worker, body);
      usages.push(worker.usage());
    }
  };
  await Promise.all(workers.map(work));
  return usages;
}

async function workOff(worker: LambdaFunction, body: string): Promise<void> {
  const answer = await worker.invoke({ Records: [{ messageId: '1', body }] });
  if (JSON.stringify(answer) !== '{"batchItemFailures":[]}') throw new Error(`a message failed: ${worker.log()}`);
}

try {
  await bundleHandlers(folder);
  await measureFleet();
  await measureLargeDevice();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
