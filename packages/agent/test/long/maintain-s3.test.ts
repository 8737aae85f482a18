import { expect, onTestFinished, test } from 'vitest';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliResult } from '../kit/built-cli.ts';

interface Fleet {
  readonly endpoint: S3Endpoint;
  at(...words: string[]): Promise<CliResult>;
}

/** Two devices with a backup each, and one that never came. */
async function smallFleet(): Promise<Fleet> {
  const endpoint = await startS3Endpoint();
  onTestFinished(() => endpoint.close());
  const bench = openCliBench({ env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } });
  const at = (...words: string[]): Promise<CliResult> =>
    bench.cli(...words, '--repo', 's3://bucket/office', '--endpoint', endpoint.url);
  await at('init', '--no-probe');
  for (const device of ['laptop', 'desk-1']) await at('run', bench.documents, '--device', device);
  await at('device', 'enroll', 'desk-2');
  return { endpoint, at };
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
