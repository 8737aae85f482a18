import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decodeRunRecord, encodeRunRecord, EXIT_CODES } from '@backup-agent/core';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3EndpointOptions } from '@backup-agent/core/test-kit';
import { BUILT_CLI } from '../kit/built-cli.ts';
import type { CliResult } from '../kit/built-cli.ts';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';

/** One sentence on stderr that begins with the program's name, nothing of the program's inside. */
function expectSentence({ stderr, stdout }: CliResult, words: RegExp): void {
  const lines = stderr.trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(/^backup-agent: .+[.?!]$/);
  expect(lines.at(-1)).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at |node:internal|\.ts:\d+/m);
  expect(stdout).toBe('');
}

test('the codes themselves do not change', () => {
  expect(EXIT_CODES).toEqual({
    FAILED: 1,
    STORE_UNREACHABLE: 1,
    KEY_CONFLICT: 1,
    OBJECT_ARCHIVED: 1,
    COMMIT_GIVEN_UP: 1,
    DISK_FULL: 1,
    CONFIG_INVALID: 2,
    FORMAT_UNKNOWN: 2,
    OTHER_MACHINE: 2,
    CLOCK_WRONG: 2,
    INCOMPLETE: 3,
    REPOSITORY_MISSING: 4,
    RUN_ACTIVE: 5,
    ACCESS_DENIED: 6,
    OBJECT_DAMAGED: 7,
    OBJECT_MISSING: 7,
    STOPPED_EARLY: 8,
    INTERRUPTED: 130,
    TERMINATED: 143,
  });
});

test('0: done', async () => {
  const { at, documents } = openCliBench();
  expect(await at('run', documents)).toMatchObject({ code: 0 });
  expect(await at('status')).toMatchObject({ code: 0, stderr: '' });
});

test.each<[string, readonly string[], RegExp]>([
  ['no command', [], /no command is given/],
  ['an unknown command', ['statsu'], /there is no command "statsu"\. Did you mean "stats" or "status"/],
  ['an unknown option', ['run', '--exclud', 'x'], /there is no option --exclud\. Did you mean "--exclude"/],
  ['an option without its value', ['status', '--repo'], /--repo needs a value/],
  ['a value that is no number', ['run', '--concurrency', 'many'], /"many" is not a whole number from 1 to 64/],
  ['a value that is no size', ['run', '--exclude-larger-than', '5 apples'], /"5 apples" is not a size/],
  ['one argument too many', ['status', 'now'], /"now" is one argument too many/],
  ['half a command', ['config'], /"config" needs another word/],
  ['no repository named', ['status'], /no repository is named/],
  ['an address of another kind', ['status', '--repo', 'ftp://x/y'], /"ftp" are not supported/],
  ['a device that is none', ['status', '--repo', '/x', '--device', 'My PC'], /"My PC" is not a device id/],
  ['a configuration file that is not there', ['status', '--config', '/nowhere/c.json'], /no configuration file/],
])('2: %s', async (_, words, sentence) => {
  const result = await openCliBench().cli(...words);
  expect(result.code).toBe(2);
  expectSentence(result, sentence);
});

test('2: nothing to back up', async () => {
  const result = await openCliBench().at('run');
  expect(result.code).toBe(2);
  expectSentence(result, /no folder is named/);
});

test('2: a repository of a later format', async () => {
  const { at, documents, repository } = openCliBench();
  await at('run', documents);
  const body = '{"version":2}\n';
  const sha256 = hash('sha256', body);
  fs.writeFileSync(path.join(repository, 'v1/repository.json'), `${body}{"sha256":"${sha256}"}\n`);
  const result = await at('status');
  expect(result.code).toBe(2);
  expectSentence(result, /format version 2.*newer backup-agent/);
});

test("2: another machine's device, until it is adopted", async () => {
  const { at, documents, repository } = openCliBench();
  await at('run', documents);
  const runs = path.join(repository, 'v1/devices/laptop/runs');
  const [name = ''] = fs.readdirSync(runs);
  const record = decodeRunRecord(fs.readFileSync(path.join(runs, name)), name);
  const elsewhere = { ...record, machine: { ...record.machine, id: 'other', host: 'old-laptop' } };
  fs.writeFileSync(path.join(runs, name), encodeRunRecord(elsewhere));
  const refused = await at('run', documents);
  expect(refused.code).toBe(2);
  expectSentence(refused, /was backed up until .* by old-laptop.*backup-agent adopt/);
  expect(await at('adopt')).toMatchObject({ code: 0, stdout: expect.stringContaining('old-laptop') as string });
  expect(await at('run', documents)).toMatchObject({ code: 0 });
});

test('3: a folder that is missing, while the rest is backed up', async () => {
  const { at, json, documents } = openCliBench();
  const result = await at('run', documents, path.join(documents, '../gone'));
  expect(result).toMatchObject({ code: 3, stdout: expect.stringContaining('Snapshot ') as string });
  expect(result.stderr).toMatch(/gone: .*missing/);
  expect(await json('status')).toMatchObject({ runs: [{ outcome: 'incomplete', exitCode: 3 }] });
});

test('4: no repository', async () => {
  const { at, top, cli } = openCliBench();
  const missing = await at('status');
  expect(missing.code).toBe(4);
  expectSentence(missing, /no repository/);
  fs.mkdirSync(path.join(top, 'empty'));
  expect((await cli('status', '--repo', path.join(top, 'empty'))).code).toBe(4);
});

test('4: a repository that was there when this machine last backed up is not made anew', async () => {
  const { at, documents, repository } = openCliBench();
  await at('run', documents);
  fs.renameSync(repository, `${repository}-unplugged`);
  fs.mkdirSync(repository);
  const result = await at('run', documents);
  expect(result.code).toBe(4);
  expectSentence(result, /is gone.*connect its disk/i);
  expect(fs.readdirSync(repository)).toEqual([]);
});

test('5: another run is active', async () => {
  const { at, documents, repository } = openCliBench();
  await at('run', documents);
  const lock = {
    machine: 'other',
    host: 'kitchen-pc',
    process: { pid: 1, seen: '2026-11-20T10:00:00.000Z' },
    nonce: '',
  };
  fs.writeFileSync(path.join(repository, 'tmp/laptop.lock'), JSON.stringify(lock));
  const result = await at('run', documents);
  expect(result.code).toBe(5);
  expectSentence(result, /another run is active on kitchen-pc: process 1, since 2026-11-20 10:00 UTC/);
});

/** A command on a repository that is in `bucket` of a test endpoint. */
async function onS3(options: S3EndpointOptions, address: string): Promise<CliResult> {
  const endpoint = await startS3Endpoint(options);
  try {
    const { cli } = openCliBench({ env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } });
    return await cli('status', '--endpoint', endpoint.url, '--region', 'us-east-1', '--repo', address);
  } finally {
    await endpoint.close();
  }
}

test.each<[string, number, S3EndpointOptions, string, RegExp]>([
  ['4: a bucket that does not exist', 4, {}, 's3://other-bucket/office', /no bucket "other-bucket"/],
  ['4: a bucket without a repository', 4, {}, 's3://bucket/office', /no repository at s3:\/\/bucket\/office/],
  ['6: access denied', 6, { denies: () => true }, 's3://bucket/office', /not allowed to/],
  ['6: an unknown access key', 6, { accessKeys: {} }, 's3://bucket/office', /does not know the access key/],
  ['6: a wrong secret', 6, { accessKeys: { test: 'x' } }, 's3://bucket/office', /the secret access key is wrong/],
])('%s', async (_, code, options, address, sentence) => {
  const result = await onS3(options, address);
  expect(result.code).toBe(code);
  expectSentence(result, sentence);
});

const asRoot = process.getuid?.() === 0;
(asRoot || process.platform === 'win32' ? test.skip : test)(
  `6: a folder that may not be opened${asRoot ? ' (skipped: needs a user whom permissions bind)' : ''}`,
  async () => {
    const { at, repository } = openCliBench();
    fs.mkdirSync(repository, { mode: 0o000 });
    expect((await at('status')).code).toBe(6);
  },
);

test('7: a damaged repository', async () => {
  const { at, documents, repository } = openCliBench();
  await at('run', documents);
  const file = path.join(repository, 'v1/repository.json');
  const bytes = fs.readFileSync(file);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  fs.writeFileSync(file, bytes);
  const result = await at('status');
  expect(result.code).toBe(7);
  expectSentence(result, /v1\/repository\.json is damaged/);
});

test('1: a server that cannot be reached', async () => {
  const bench = openCliBench({ env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } });
  const result = await bench.cli('status', '--endpoint', 'http://127.0.0.1:1', '--repo', 's3://bucket/office');
  expect(result.code).toBe(1);
  expectSentence(result, /cannot reach 127\.0\.0\.1:1/);
});

test('1: a defect is one sentence, and shows its place when asked', async () => {
  const bench = openCliBench({ env: { NODE_OPTIONS: '--import data:text/javascript,Intl.DateTimeFormat=undefined' } });
  const words = ['init', '--repo', bench.repository, '--time-zone', 'UTC'];
  const result = await bench.cli(...words);
  expect(result.code).toBe(1);
  expectSentence(result, /unexpected failure, a defect of this program .*BACKUP_AGENT_DEBUG=1/);
  const { stderr } = await runWith(bench, { BACKUP_AGENT_DEBUG: '1' }, words);
  expect(stderr).toMatch(/^\s+at /m);
});

test('1: a defect in something that nobody waits for is one sentence, too', async () => {
  // As soon as somebody listens for such errors, there is one.
  const rejection = "process.on('newListener',(e)=>e==='uncaughtException'&&Promise.reject(new Error('nobody waits')))";
  const { at, documents } = openCliBench({
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(rejection)}` },
  });
  const result = await at('run', documents);
  expect(result.code).toBe(1);
  expectSentence(result, /unexpected failure, a defect of this program \(Error: nobody waits\)/);
});

const runWith = (bench: CliBench, env: Record<string, string>, words: readonly string[]): Promise<{ stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [BUILT_CLI, ...words], { env: { ...bench.env, ...env } }, (_, __, stderr) =>
      resolve({ stderr }),
    );
  });

test('--help and --version come without anything else', async () => {
  const { cli } = openCliBench();
  expect(await cli('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
  });
  for (const words of [['--help'], ['help'], ['run', '--help'], ['config', 'show', '-h']]) {
    const result = await cli(...words);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^backup-agent /);
  }
});

test('--help and --version are answered whatever stands beside them', async () => {
  const { cli } = openCliBench();
  const version = (await cli('--version')).stdout;
  for (const words of [
    ['--version', '--verbose'],
    ['status', '--version'],
    ['--version', 'of-what'],
    ['--version', '--json=false'],
  ])
    expect([words, await cli(...words)]).toEqual([words, { code: 0, stdout: version, stderr: '' }]);
  for (const words of [
    ['--version', '--json'],
    ['--json', '--version'],
  ])
    expect(JSON.parse((await cli(...words)).stdout)).toEqual({ version: version.trim() });
  const help = [await cli('--help'), await cli('run', '--help')];
  for (const words of [
    ['--help', '--json'],
    ['help', '--verbose'],
    ['-h', '--version'],
  ])
    expect([words, await cli(...words)]).toEqual([words, help[0]]);
  for (const words of [
    ['help', 'run'],
    ['--help', 'run'],
    ['run', '--help', '--version'],
    ['run', 'src', '-h', '--nonsense'],
  ])
    expect([words, await cli(...words)]).toEqual([words, help[1]]);
});

test('the completion script is a script, with --json too', async () => {
  const { cli } = openCliBench({ env: { SHELL: '/bin/bash' } });
  const plain = await cli('completion');
  expect(plain.stdout).toMatch(/^###-begin/);
  expect(await cli('completion', '--json')).toEqual(plain);
});
