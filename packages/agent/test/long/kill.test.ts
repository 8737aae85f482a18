/**
 * `kill -9` at 50 moments spread over the requests of a clean run to S3: when a request arrives, so in the middle of
 * multipart uploads, between index and snapshot, and just after each answer.
 */
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listPacks, parseDeviceId, readPackDirectory, readSnapshots } from '@backup-agent/core';
import { openS3Store } from '@backup-agent/core/s3';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import { cliEnvironment, runCli, startCli } from '../kit/built-cli.ts';
import { readSnapshotContent } from '../kit/read-snapshot.ts';
import { temporaryFolder } from '../kit/tree.ts';

const POINTS = 50;
const WRITES = new Set(['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload']);

interface Point {
  /** Number of the write request of the run. */
  readonly request: number;
  /** ms after it arrived; 0: at once, before its body is read. */
  readonly delayMs: number;
}

/** A repository with one snapshot of old files, and new files that make some 20 write requests. */
async function prepare() {
  let onWrite: (operation: string, key: string) => void = () => {};
  const endpoint = await startS3Endpoint({
    denies: (call) => {
      if (WRITES.has(call.operation)) onWrite(call.operation, call.key);
      return false;
    },
  });
  const folder = temporaryFolder();
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'old'), randomBytes(100_000));
  const env = cliEnvironment(join(folder, 'home'), { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  const place = ['--repo', 's3://bucket', '--device', 'laptop', '--endpoint', endpoint.url, '--region', 'us-east-1'];
  expect(await runCli(['init', ...place], env)).toMatchObject({ code: 0 });
  expect(await runCli(['run', source, ...place], env)).toMatchObject({ code: 0 });
  for (let i = 0; i < 17; i++) writeFileSync(join(source, `new-${i}`), randomBytes(4_100_000));
  const store = await openS3Store({
    bucket: 'bucket',
    prefix: '',
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    signal: new AbortController().signal,
    random: Math.random,
  });
  return {
    repository: { store, device: parseDeviceId('laptop'), voidRule: true },
    hear: (listener: typeof onWrite) => (onWrite = listener),
    command: ['run', source, ...place],
    env,
    close: async () => {
      await endpoint.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function requestsOfCleanRun(): Promise<string[]> {
  const set = await prepare();
  const requests: string[] = [];
  set.hear((operation, key) => requests.push(`${operation} ${key.replace(/^v1\/devices\/laptop\//, '')}`));
  expect(await runCli(set.command, set.env)).toMatchObject({ code: 0 });
  await set.close();
  return requests;
}

async function killAt(point: Point): Promise<void> {
  const set = await prepare();
  const child = startCli(set.command, set.env);
  const ended = once(child, 'exit');
  let count = 0;
  let killed = false;
  set.hear(() => {
    if (count++ !== point.request) return;
    killed = true;
    if (point.delayMs === 0) child.kill('SIGKILL');
    else void wait(point.delayMs).then(() => child.kill('SIGKILL'));
  });
  await ended;
  set.hear(() => {});
  expect(killed).toBe(true);

  const { valid, damaged } = await readSnapshots(set.repository);
  expect(damaged).toEqual([]);
  for (const { name } of valid) await readSnapshotContent(set.repository, { by: 'name', prefix: name });

  expect(await runCli(set.command, set.env)).toMatchObject({ code: 0 });
  expect((await readSnapshotContent(set.repository)).size).toBe(19);
  const seen = new Set<string>();
  for (const pack of (await listPacks(set.repository)).filter(({ kind }) => kind === 'data')) {
    for (const segment of await readPackDirectory(set.repository, pack)) {
      const ids = Buffer.from(segment.ids).toString('hex').match(/.{64}/g) ?? [];
      expect(ids.filter((id) => seen.has(id))).toEqual([]);
      for (const id of ids) seen.add(id);
    }
  }
  await set.close();
}

test('whenever it is killed, earlier snapshots restore and the next run sends nothing twice', async () => {
  const requests = await requestsOfCleanRun();
  const points: Point[] = Array.from({ length: POINTS }, (_, i) => ({
    request: Math.floor((i * requests.length) / POINTS),
    delayMs: i % 2 === 0 ? 0 : 5 + (i % 7) * 3,
  }));
  for (const [i, point] of points.entries()) {
    process.stdout.write(`kill ${i + 1}: ${point.delayMs} ms after ${requests[point.request]}\n`);
    await killAt(point);
  }
  const hit = new Set(points.map(({ request }) => requests[request]?.split(' ')[0]));
  expect(hit).toEqual(new Set(['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload']));
  expect(points.some(({ request }) => requests[request]?.includes(' snapshots/'))).toBe(true);
  expect(points.some(({ request }) => requests[request]?.includes(' index/'))).toBe(true);
}, 1_500_000);
