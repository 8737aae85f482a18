import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { NightResult } from '@backup-agent/core';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';
import type { CliResult } from '../kit/built-cli.ts';

interface Fleet {
  readonly endpoint: S3Endpoint;
  readonly bench: CliBench;
  at(...words: string[]): Promise<CliResult>;
}

async function emptyRepository(options: Parameters<typeof startS3Endpoint>[0] = {}): Promise<Fleet> {
  const endpoint = await startS3Endpoint(options);
  onTestFinished(() => endpoint.close());
  const bench = openCliBench({ env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } });
  const at = (...words: string[]): Promise<CliResult> =>
    bench.cli(...words, '--repo', 's3://bucket/office', '--endpoint', endpoint.url);
  await at('init', '--no-probe');
  return { endpoint, bench, at };
}

/** Two devices with a backup each, and one that never came. */
async function smallFleet(): Promise<Fleet> {
  const { endpoint, bench, at } = await emptyRepository();
  for (const device of ['laptop', 'desk-1']) await at('run', bench.documents, '--device', device);
  await at('device', 'enroll', 'desk-2');
  return { endpoint, bench, at };
}

test('maintain on S3 does all devices or one, leaves a report of all, and says whether somebody has to act', async () => {
  const { endpoint, at } = await smallFleet();
  const writes = (): number => endpoint.count('PutObject') + endpoint.count('DeleteObject');
  const before = writes();
  const dry = await at('maintain', '--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.stdout.match(/stays +within 30 days/g)).toHaveLength(2);
  expect(writes()).toBe(before);

  const { code, stdout } = await at('maintain');
  expect(code).toBe(0);
  expect(stdout).toContain('Nobody has to act.');
  const [, report = ''] = /^Report: s3:\/\/bucket\/(\S+\.html)$/m.exec(stdout) ?? [];
  expect(endpoint.object('bucket', report)?.toString()).toContain('desk-2');

  expect(JSON.parse((await at('maintain', '--json')).stdout)).toMatchObject({
    dryRun: false,
    totals: { devices: 3, good: 2, verificationFailures: 0 },
    rows: expect.arrayContaining([expect.objectContaining({ device: 'laptop', state: 'good' })]) as unknown,
  });

  const one = await at('maintain', '--device', 'laptop');
  expect([one.code, one.stdout]).toEqual([0, expect.stringContaining('Device laptop: 1 snapshot')]);
  expect(one.stdout).not.toContain('Report');

  const undo = await at('maintain', '--undo', '20260105T020000Z-0a1b2c3d', '--device', 'laptop');
  expect(undo.code).toBe(2);
  expect(undo.stderr).toContain('night 20260105T020000Z-0a1b2c3d left no result for device laptop');
  endpoint.settings.denies = ({ key }) => key.startsWith('office/v1/devices/');
  expect(await at('maintain')).toMatchObject({ code: 6 });
});

test('what a person should do is told line by line, and a dry run names no report', async () => {
  const { at } = await smallFleet();
  await at('maintain'); // One that came to be expected since the night before is not missed yet.
  const { stdout } = await at('maintain');
  expect(stdout).toMatch(/^1\. No backup yet of desk-2$/m);
  expect(stdout).not.toContain('\\n');
  expect(stdout.match(/report\.html/g)).toHaveLength(1);
  const dry = await at('maintain', '--dry-run');
  expect(dry.stdout).toMatch(/^1\. No backup yet of desk-2$/m);
  expect(dry.stdout).not.toContain('report.html');
});

test('without devices nobody has to act', async () => {
  const { at } = await emptyRepository();
  expect(await at('maintain', '--dry-run')).toMatchObject({ code: 0, stdout: 'Nobody has to act.\n' });
});

test('a device that there is not, and a policy for one device alone, are refused', async () => {
  const { endpoint, at } = await smallFleet();
  const before = endpoint.count('PutObject');
  const mistyped = await at('maintain', '--device', 'lapto');
  expect([mistyped.code, mistyped.stderr]).toEqual([2, expect.stringContaining('there is no device "lapto"')]);
  const policy = await at('maintain', '--set-policy', '--keep-within-days', '5', '--device', 'laptop');
  expect([policy.code, policy.stderr]).toEqual([2, expect.stringContaining('do not go together')]);
  expect(endpoint.count('PutObject')).toBe(before);
  expect(await at('maintain', '--device', 'desk-2')).toMatchObject({ code: 0 });
});

test('a hold that cannot be read is exit code 7, whether all devices are maintained or that one', async () => {
  const { endpoint, at } = await smallFleet();
  expect((await at('hold', 'set', 'laptop')).stdout).toBe(
    'Device laptop is held: maintenance that begins from now on removes nothing of it.\n',
  );
  const { key } = endpoint.log.findLast(({ operation, key }) => operation === 'PutObject' && key.includes('/holds/'))!;
  endpoint.place('bucket', key, Buffer.from('spoiled'));
  for (const words of [['maintain'], ['maintain', '--dry-run'], ['maintain', '--device', 'laptop']]) {
    const { code, stdout } = await at(...words);
    expect({ words, code }).toEqual({ words, code: 7 });
    expect(stdout).toMatch(/Nothing (was|would be) removed: .*holds\/laptop\/.* is damaged/);
  }
  expect(await at('maintain', '--device', 'desk-1')).toMatchObject({ code: 0 });
});

test('a policy that may not be stored is refused, with the role that it needs', async () => {
  const { endpoint, at } = await smallFleet();
  endpoint.settings.denies = ({ key }) => key.startsWith('office/v1/system/policy/');
  const policy = await at('maintain', '--set-policy', '--keep-last', '1');
  expect([policy.code, policy.stderr]).toEqual([6, expect.stringContaining("needs the administrator's role")]);
  endpoint.settings.denies = () => false;
  expect((await at('maintain', '--set-policy', '--keep-last', '1')).stdout).toContain('newest of 1 day with backups');
});

/** All of the local repository that the bucket does not have, as if it had been written so many hours ago. */
function placeAsOf(hours: number, endpoint: S3Endpoint, { repository }: CliBench): void {
  endpoint.setClock(new Date(Date.now() - hours * 60 * 60_000));
  const devices = path.join(repository, 'v1/devices');
  for (const entry of fs.readdirSync(devices, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const key = `office/${path.relative(repository, file).replaceAll(path.sep, '/')}`;
    if (entry.isFile() && endpoint.object('bucket', key) === undefined)
      endpoint.place('bucket', key, fs.readFileSync(file));
  }
  endpoint.setClock(undefined);
}

test.each([
  ['brings back what it keeps', true, 0, /Brought back 1 snapshot and 0 packs/],
  ['tells what it does not keep', false, 3, /gone for good: v1\/devices\/laptop\/snapshots\//],
])('undo on a bucket with or without versions %s', async (_, versions, code, text) => {
  const { endpoint, bench, at } = await emptyRepository({ versions });
  for (const hours of [40 * 24, 2]) {
    fs.writeFileSync(path.join(bench.documents, 'letter.txt'), `of ${hours} hours ago`);
    await bench.at('run', bench.documents, '--no-maintain');
    placeAsOf(hours, endpoint, bench);
  }
  await at('maintain', '--set-policy', '--keep-last', '1');
  const night = JSON.parse((await at('maintain', '--device', 'laptop', '--json')).stdout) as NightResult;
  expect(night.snapshots.removed).toHaveLength(1);
  const undone = await at('maintain', '--undo', night.night, '--device', 'laptop');
  expect([undone.code, undone.stdout]).toEqual([code, expect.stringMatching(text)]);
  expect(undone.stdout).toContain('Nothing of laptop is removed until "backup-agent hold clear laptop"');
});
