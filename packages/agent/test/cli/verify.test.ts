/** `verify` as a user types it. */
import * as fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

/** A backed-up folder with a file that does not compress. */
async function openBench(): Promise<CliBench> {
  const bench = openCliBench({ tree: { 'letter.txt': 'Dear reader', 'noise.bin': randomBytes(100_000) } });
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
  return bench;
}

/** The only file below this folder of the device. */
function objectIn(bench: CliBench, folder: string): { readonly file: string; readonly key: string } {
  const device = path.join(bench.repository, 'v1/devices/laptop', folder);
  const [entry] = fs.readdirSync(device, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const file = path.join(entry?.parentPath ?? '', entry?.name ?? '');
  return { file, key: path.relative(bench.repository, file).split(path.sep).join('/') };
}

function flip(file: string, at: number): void {
  const bytes = fs.readFileSync(file);
  bytes[at] = (bytes[at] as number) ^ 1;
  fs.chmodSync(file, 0o600);
  fs.writeFileSync(file, bytes);
}

test('a whole repository: exit code 0, by structure and with data', async () => {
  const bench = await openBench();
  expect(await bench.at('verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('No damage') as string });
  expect(await bench.at('verify', 'latest', '--read-data')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/Read all packs, .*\nAll that this snapshot needs is whole\.\n$/) as string,
  });
  expect(await bench.json('verify', '--read-data=1%')).toMatchObject({
    outcome: 'whole',
    exitCode: 0,
    dataShare: 0.01,
    counts: { packs: 2, packsRead: 1 },
    findings: [],
  });
});

test('a flipped byte in a pack: exit code 7, the key, and the file that it costs', async () => {
  const bench = await openBench();
  const { file, key } = objectIn(bench, 'data');
  flip(file, 50_000);
  expect(await bench.at('verify')).toMatchObject({ code: 0 });
  const { code, stdout } = await bench.at('verify', '--read-data');
  expect(code).toBe(7);
  expect(stdout).toContain(`Damaged: ${key}\n`);
  expect(stdout).toContain(path.join(bench.documents, 'noise.bin'));
  expect(stdout).not.toContain('letter.txt');
  const failed = await bench.at('verify', '--read-data', '--json');
  expect(failed.code).toBe(7);
  expect(JSON.parse(failed.stdout)).toMatchObject({ outcome: 'damaged', exitCode: 7, findings: [{ key }] });
});

test('a damaged repository.json does not keep the rest from being checked', async () => {
  const bench = await openBench();
  const { file, key } = objectIn(bench, 'snapshots');
  flip(file, 30);
  flip(path.join(bench.repository, 'v1/repository.json'), 3);
  const { code, stdout } = await bench.at('verify');
  expect(code).toBe(7);
  expect(stdout).toContain('Damaged: v1/repository.json\n');
  expect(stdout).toContain(`Damaged: ${key}\n`);
});

test('what the advice says holds: the next run makes good what is noted, for the old snapshot too', async () => {
  const bench = await openBench();
  const { file, key } = objectIn(bench, 'data');
  const { snapshots } = (await bench.json('snapshots')) as { snapshots: { name: string }[] };
  flip(file, 50_000);
  const { code, stdout } = await bench.at('verify', '--read-data');
  expect([code, stdout]).toEqual([7, expect.stringContaining('its next run reads the files again that need it')]);
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
  for (const snapshot of ['latest', snapshots[0]?.name ?? '']) {
    const target = path.join(bench.top, snapshot);
    expect(await bench.at('restore', snapshot, '--target', target)).toMatchObject({ code: 0 });
    for (const name of ['letter.txt', 'noise.bin'])
      expect(fs.readFileSync(path.join(target, name)).equals(fs.readFileSync(path.join(bench.documents, name)))).toBe(
        true,
      );
  }
  expect(await bench.json('verify', '--read-data')).toMatchObject({ findings: [{ key, costs: { snapshots: [] } }] });
});

test('what the advice says holds: what a missing pack held is saved anew', async () => {
  const bench = await openBench();
  const { file } = objectIn(bench, 'data');
  fs.renameSync(file, path.join(bench.top, 'set aside'));
  expect(await bench.at('verify')).toMatchObject({ code: 7 });
  expect(await bench.at('run', bench.documents)).toMatchObject({ code: 0 });
  expect(await bench.at('verify', 'latest', '--read-data')).toMatchObject({ code: 0 });
});

test.each(['5', '0%', '101%', 'all', '-1%'])('--read-data=%s is refused', async (share) => {
  const bench = openCliBench();
  expect(await bench.at('verify', `--read-data=${share}`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not a share') as string,
  });
});

test('where nothing is, there is no repository: exit code 4', async () => {
  const bench = openCliBench();
  expect(await bench.at('verify')).toMatchObject({ code: 4 });
  fs.mkdirSync(bench.repository);
  expect(await bench.at('verify')).toMatchObject({ code: 4 });
});

test('on S3, packs of several parts and their ETags are as their uploader saw them', async () => {
  const endpoint = await startS3Endpoint({});
  onTestFinished(() => endpoint.close());
  const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const bench = openCliBench({ tree: { 'noise.bin': randomBytes(20_000_000) }, env: keys });
  const place = ['--repo', 's3://bucket', '--device', 'laptop', '--endpoint', endpoint.url, '--region', 'us-east-1'];
  expect(await bench.cli('init', '--no-probe', ...place)).toMatchObject({ code: 0 });
  expect(await bench.cli('run', bench.documents, ...place)).toMatchObject({ code: 0 });
  const { code, stdout } = await bench.cli('verify', '--read-data', '--json', ...place);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'whole', findings: [], counts: { packs: 2, packsRead: 2 } });
});
