import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

interface Shown {
  readonly settings: Readonly<Record<string, { value: unknown; origin: object }>>;
}

const show = async ({ cli }: CliBench, ...words: string[]): Promise<Shown['settings']> =>
  (JSON.parse((await cli('config', 'show', '--json', ...words)).stdout) as Shown).settings;

test('a flag goes before the environment, that before the file, that before the default; each value tells its origin', async () => {
  const env = {
    BACKUP_AGENT_REPO: '/of/environment',
    BACKUP_AGENT_REGION: 'of-environment',
    BACKUP_AGENT_DEVICE: '',
    AWS_PROFILE: 'of-environment',
  };
  const bench = openCliBench({ env });
  bench.writeConfig({ repo: '/of/file', region: 'of-file', device: 'of-file', awsProfile: 'of-file', concurrency: 3 });
  expect(await show(bench, '--repo', '/of/flag')).toMatchObject({
    repo: { value: '/of/flag', origin: { from: 'flag', name: '--repo' } },
    region: { value: 'of-environment', origin: { from: 'environment', name: 'BACKUP_AGENT_REGION' } },
    awsProfile: { value: 'of-environment', origin: { from: 'environment', name: 'AWS_PROFILE' } },
    // An empty variable says nothing.
    device: { value: 'of-file', origin: { from: 'file', path: bench.configFile } },
    concurrency: { value: 3, origin: { from: 'file', path: bench.configFile } },
    compressionLevel: { value: 3, origin: { from: 'default' } },
    kmsKey: { value: null, origin: { from: 'default' } },
  });
});

test('the last of a repeated flag counts, and what looks like a number stays text', async () => {
  const bench = openCliBench();
  const settings = await show(bench, '--device', 'a1', '--device', '20261120', '--region=007');
  expect(settings).toMatchObject({ device: { value: '20261120' }, region: { value: '007' } });
});

test('the device is named after the host unless something says otherwise', async () => {
  expect(await show(openCliBench())).toMatchObject({
    device: {
      value: expect.stringMatching(/^[a-z0-9][a-z0-9-]{1,62}$/) as string,
      origin: { from: 'default', why: 'from the host name' },
    },
  });
});

test('paths in the file count from its own folder, and ~ is the home folder', async () => {
  const bench = openCliBench();
  const folder = path.dirname(bench.configFile);
  bench.writeConfig({
    repo: '../backup',
    sources: ['~/documents', 'here', '/abs*'],
    excludeFiles: ['x'],
    logFile: '~/log',
  });
  expect(await show(bench)).toMatchObject({
    repo: { value: path.resolve(folder, '../backup') },
    sources: { value: [bench.documents, path.join(folder, 'here'), '/abs*'] },
    excludeFiles: { value: [path.join(folder, 'x')] },
    logFile: { value: path.join(bench.home, 'log') },
  });
});

test('an address stays as it is; a size is told in bytes', async () => {
  const bench = openCliBench();
  bench.writeConfig({ repo: 's3://bucket/office', excludeLargerThan: '1.5GiB' });
  expect(await show(bench)).toMatchObject({
    repo: { value: 's3://bucket/office' },
    excludeLargerThan: { value: 1.5 * 1024 ** 3 },
  });
});

test('packs go to Intelligent-Tiering on Amazon S3, nowhere else unless the file says so', async () => {
  const bench = openCliBench();
  expect(await show(bench)).toMatchObject({ packTiering: { value: 'intelligent', origin: { why: 'for Amazon S3' } } });
  const endpoint = ['--endpoint', 'http://127.0.0.1:9'];
  expect(await show(bench, ...endpoint)).toMatchObject({ packTiering: { value: 'none' } });
  bench.writeConfig({ packTiering: 'glacier' });
  expect(await show(bench, ...endpoint)).toMatchObject({ packTiering: { value: 'glacier', origin: { from: 'file' } } });
  bench.writeConfig({ packTiering: 'cold' });
  const wrong = await bench.cli('config', 'show');
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/"packTiering": must be one of none, intelligent/),
  ]);
});

test('another file is named by --config or the environment', async () => {
  const bench = openCliBench();
  const file = path.join(bench.top, 'other.json');
  fs.writeFileSync(file, '\uFEFF{"region": "of-other"}');
  expect(await show(bench, '--config', file)).toMatchObject({ region: { value: 'of-other' } });
  const byEnvironment = openCliBench({ env: { BACKUP_AGENT_CONFIG: file } });
  expect(await show(byEnvironment)).toMatchObject({ region: { value: 'of-other' } });
});

test.each<[string, object | string, RegExp]>([
  ['a key that is not known', { sorces: [] }, /no key "sorces"\. Did you mean "sources"/],
  ['a key far from all others', { secretAccessKey: 'x' }, /no key "secretAccessKey"/],
  ['a value of another type', { concurrency: 'four' }, /"concurrency": .*expected/],
  ['a number out of range', { concurrency: 0 }, /"concurrency": .*>=1/],
  ['a device that is none', { device: 'My PC' }, /"device": is not a device id/],
  ['an address that is none', { endpoint: 'localhost:9000' }, /"endpoint": is not an http or https address/],
  ['a size that is none', { excludeLargerThan: 'big' }, /"excludeLargerThan": "big" is not a size/],
  ['a list in which one is wrong', { exclude: ['a', 5] }, /"exclude\.1"/],
  ['no object', [], /expected object/],
  ['no JSON', '{"repo": "a"\n "device": "b"}', /is not JSON \(line 2\)/],
])('%s is an error that names file and key', async (_, config, sentence) => {
  const bench = openCliBench();
  bench.writeConfig(config);
  const { code, stderr, stdout } = await bench.cli('config', 'show');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(bench.configFile);
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('run takes everything from the file, and flags go before it', async () => {
  const bench = openCliBench({ tree: { 'a.txt': 'a', 'b.iso': 'b', 'c.tmp': 'c' } });
  bench.writeConfig({
    repo: bench.repository,
    device: 'of-file',
    sources: [bench.documents],
    exclude: ['*.iso'],
    tags: ['daily'],
  });
  const first = await bench.cli('run', '--json');
  expect(JSON.parse(first.stdout)).toMatchObject({ device: 'of-file', counts: { filesNew: 2 } });
  const second = await bench.cli('run', '--json', '--device', 'of-flag', '--exclude', '*.tmp');
  expect(JSON.parse(second.stdout)).toMatchObject({ device: 'of-flag', counts: { filesNew: 1 } });
});

test('init writes a file that run can use, and never replaces one', async () => {
  const bench = openCliBench();
  const words = ['init', '--repo', bench.repository, '--source', bench.documents, '--write-config'];
  expect(await bench.cli(...words)).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(fs.readFileSync(bench.configFile, 'utf8'))).toMatchObject({
    repo: bench.repository,
    sources: [bench.documents],
  });
  expect(await bench.cli('run', '--quiet')).toMatchObject({ code: 0, stderr: '' });
  const again = await bench.cli(...words);
  expect(again).toMatchObject({ code: 2, stdout: '' });
  expect(again.stderr).toContain('exists already and is not changed');
});
