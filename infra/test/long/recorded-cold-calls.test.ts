/**
 * What the command asks of S3 where packs lie in Glacier, recorded under the policies for that, with devices that have
 * certificates. The server is core's own, for it knows how archives behave.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3Endpoint } from '@backup-agent/core/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEST_CREDENTIALS } from '../kit/cloud.ts';
import { commandsAt } from '../kit/recording/commands.ts';
import type { StartCommand } from '../kit/recording/commands.ts';
import { describeRecordings, RECORDINGS } from '../kit/recording/files.ts';
import { startGuardedServer } from '../kit/recording/guarded-server.ts';
import type { GuardedServer } from '../kit/recording/guarded-server.ts';
import { accessKeyOf } from '../kit/recording/request.ts';
import { BUCKET, REGION } from '../kit/resolve-template.ts';
import type { Who } from '../kit/simulate.ts';
import { WITH_ALL } from '../kit/stacks.ts';

const DEVICE: Who = 'certificate dev-1';
const PRINCIPALS: readonly Who[] = [...RECORDINGS.cold, 'administrator'];
const MiB = 1024 ** 2;

const folder = fs.mkdtempSync(path.join(tmpdir(), 'recorded-cold-'));
const documents = path.join(folder, 'documents');
let endpoint: S3Endpoint;
let server: GuardedServer;
let start: StartCommand;

beforeAll(async () => {
  const accessKeys = Object.fromEntries(PRINCIPALS.map((who) => [accessKeyOf(who), TEST_CREDENTIALS.secretAccessKey]));
  endpoint = await startS3Endpoint({ accessKeys, buckets: [BUCKET], region: REGION });
  server = await startGuardedServer(endpoint.url, { principals: PRINCIPALS, synthesized: WITH_ALL });
  start = commandsAt({ url: server.url, folder, deviceConfig: { packTiering: 'glacier' } });
  fs.mkdirSync(documents);
});
afterAll(async () => {
  await server.close();
  await endpoint.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Backs up a new file, and the lifecycle rule moves its packs. */
async function runThenFreeze(bytes: number): Promise<void> {
  const before = endpoint.log.length;
  fs.writeFileSync(path.join(documents, `${bytes}.jpg`), randomBytes(bytes));
  await start(DEVICE, 'run', documents).done();
  const packs = endpoint.log
    .slice(before)
    .filter(
      ({ operation, key }) => /^(?:PutObject|CompleteMultipartUpload)$/.test(operation) && key.includes('/data/'),
    );
  expect(packs.length).toBeGreaterThan(0);
  for (const { key } of packs) endpoint.archive(BUCKET, key, 'GLACIER');
}

/** Copies are there as soon as they were asked for. */
async function restoreThawing(who: Who, target: string): Promise<void> {
  const thawed = endpoint.count('RestoreObject');
  const looking = setInterval(() => endpoint.finishThawing(BUCKET), 100);
  try {
    await start(who, 'restore', 'latest', '--target', target, '--thaw', 'bulk', '--device', 'dev-1').done();
  } finally {
    clearInterval(looking);
  }
  expect(endpoint.count('RestoreObject')).toBeGreaterThan(thawed);
  expect(fs.readdirSync(target).toSorted()).toEqual(fs.readdirSync(documents).toSorted());
}

test('a device sends its packs with the tag that lets a rule move them, and restores them from Glacier', async () => {
  await start('administrator', 'init', '--no-probe').done();
  await runThenFreeze(2 * MiB);
  await runThenFreeze(12 * MiB);
  await start(DEVICE, 'verify', '--read-data').done();
  await restoreThawing(DEVICE, path.join(folder, 'restored-by-device'));
}, 240_000);

test('the restore operator does so, too', async () => {
  await runThenFreeze(1 * MiB);
  await restoreThawing('restore', path.join(folder, 'restored-by-operator'));
}, 240_000);

describeRecordings(['cold'], () => server);
