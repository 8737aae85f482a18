/**
 * Backups whose packs a lifecycle rule has moved to an archive, through the built command: against an endpoint in this
 * process, and against a real S3 server (BACKUP_AGENT_TEST_S3_ENDPOINT), which thaws at once.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { archiveObjects, makeBucket, removeBucket, skippedSuite, startS3Endpoint } from '@backup-agent/core/test-kit';
import type { S3Endpoint } from '@backup-agent/core/test-kit';
import { BUILT_CLI } from '../kit/built-cli.ts';
import type { CliResult } from '../kit/built-cli.ts';
import { openCliBench } from '../kit/cli-bench.ts';
import type { CliBench } from '../kit/cli-bench.ts';
import { readTree } from '../kit/read-tree.ts';

interface Office {
  readonly bench: CliBench;
  readonly endpoint: S3Endpoint;
  readonly target: string;
  at(...words: string[]): Promise<CliResult>;
}

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** One backup, every pack of documents in the archive. */
async function archivedOffice(): Promise<Office> {
  const endpoint = await startS3Endpoint();
  onTestFinished(() => endpoint.close());
  const bench = openCliBench({ env: CREDENTIALS });
  bench.writeConfig({ repo: 's3://bucket/office', endpoint: endpoint.url, device: 'laptop', packTiering: 'glacier' });
  await bench.cli('init', '--no-probe');
  expect(await bench.cli('run', bench.documents)).toMatchObject({ code: 0 });
  const tagged = endpoint.log.filter(({ headers }) => headers['x-amz-tagging'] === 'pack=data');
  expect(tagged.map(({ key }) => key)).toEqual([expect.stringContaining('/data/')]);
  for (const { key } of tagged) endpoint.archive('bucket', key, 'GLACIER');
  return { bench, endpoint, target: path.join(bench.top, 'restored'), at: (...given) => bench.cli(...given) };
}

test('without a terminal nothing is thawed that nobody has asked for, and the sentence tells time and cost', async () => {
  const { at, target, endpoint } = await archivedOffice();
  const { code, stderr, stdout } = await at('restore', 'latest', '--target', target);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /nothing is restored: the pack that this restore needs \([\d.]+ (K|B).*\) lies in an archive and must be thawed first.*--thaw.*bulk \(5 to 12 hours, less than \$0\.01\), standard \(3 to 5 hours, less than \$0\.01\), expedited \(1 to 5 minutes, about \$0\.01\)/s,
  );
  expect(stdout).toBe('');
  expect(fs.existsSync(target)).toBe(false);
  expect(endpoint.count('RestoreObject')).toBe(0);

  const dry = await at('restore', 'latest', '--target', target, '--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/lies in an archive(.|\n)*bulk +5 to 12 hours/) as string,
  });
  const json = await at('restore', 'latest', '--target', target, '--dry-run', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ thaw: { packs: 1, days: 7, offers: [{ speed: 'bulk' }, {}, {}] } });
});

test('asked for and not waited for: 8, and the same command restores when all is thawed', async () => {
  const { bench, at, target, endpoint } = await archivedOffice();
  const restore = () => at('restore', 'latest', '--target', target, '--thaw', 'bulk', '--no-wait');
  const first = await restore();
  expect(first).toMatchObject({ code: 8, stderr: expect.stringContaining('5 to 12 hours') as string });
  expect(await restore()).toMatchObject({ code: 8 });
  endpoint.finishThawing('bucket');
  expect(await restore()).toMatchObject({ code: 0 });
  expect(readTree(target)).toEqual(readTree(bench.documents));
  expect(endpoint.count('RestoreObject')).toBe(1);
});

test('a pack that no index tells of is thawed too: what is in it may be what is missing', async () => {
  const { bench, at, target, endpoint } = await archivedOffice();
  const index = endpoint.log.findLast(({ operation, key }) => operation === 'PutObject' && key.includes('/index/'));
  endpoint.place('bucket', index?.key ?? '', Buffer.from('spoiled'));
  const cat = await at('cat', 'latest', 'letter.txt');
  expect([cat.code, cat.stderr]).toEqual([1, expect.stringContaining('lies in an archive and must be thawed first')]);
  const dry = await at('restore', 'latest', '--target', target, '--dry-run', '--json');
  expect(JSON.parse(dry.stdout)).toMatchObject({ thaw: { packs: 1 } });
  const restore = () => at('restore', 'latest', '--target', target, '--thaw', 'bulk', '--no-wait');
  expect(await restore()).toMatchObject({ code: 8 });
  expect(fs.existsSync(target)).toBe(false);
  endpoint.finishThawing('bucket');
  expect(await restore()).toMatchObject({ code: 0 });
  expect(readTree(target)).toEqual(readTree(bench.documents));
});

test('waited for: it goes on as soon as the packs are back', async () => {
  const { bench, at, target, endpoint } = await archivedOffice();
  const watch = setInterval(() => {
    if (endpoint.count('RestoreObject') > 0) endpoint.finishThawing('bucket');
  }, 1000);
  onTestFinished(() => clearInterval(watch));
  const { code, stderr } = await at('restore', 'latest', '--target', target, '--thaw', 'expedited');
  expect([code, stderr]).toEqual([0, expect.stringContaining('expedited (1 to 5 minutes, about $0.01)')]);
  expect(readTree(target)).toEqual(readTree(bench.documents));
});

test('other commands that would read documents say what lies in the archive', async () => {
  const { bench, at } = await archivedOffice();
  const cat = await at('cat', 'latest', path.join(bench.documents, 'letter.txt'));
  expect(cat).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/lies in an archive.*"restore"/s) as string,
  });
  const verify = await at('verify', '--read-data');
  expect(verify.code).toBe(0);
  expect(verify.stdout).toContain('1 pack lies in an archive: seen to be there, never read');
  expect(verify.stdout).toContain('No damage was found.');
  expect(verify.stdout).not.toContain('whole');
  // The next run saves what changes, without reading any of it.
  fs.writeFileSync(path.join(bench.documents, 'new.txt'), 'new');
  expect(await at('run', bench.documents)).toMatchObject({ code: 0 });
});

/** Runs the command at a terminal of its own, types, and gives what the terminal shows. */
async function atTerminal(
  bench: CliBench,
  words: readonly string[],
  typed: string,
): Promise<{ code: number; shown: string }> {
  const command = [process.execPath, BUILT_CLI, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...bench.env, TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.on('data', (piece: Buffer) => {
    const before = shown.split('Thaw them?').length;
    shown += piece.toString();
    if (before === 1 && shown.includes('Thaw them?')) child.stdin.write(typed);
  });
  const code = await new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? -1)));
  return { code, shown };
}

test.runIf(process.platform === 'linux').each([
  ['no\n', 8, 'nothing is thawed, and nothing restored'],
  ['\n', 8, 'nothing is thawed, and nothing restored'],
  ['perhaps\nwhat\nbulk\n', 8, '1 pack is being thawed, which takes 5 to 12 hours'],
  ['\u0004', 8, 'nothing is thawed, and nothing restored'],
  ['\u0003', 130, 'interrupted'],
])('at a terminal a person is asked: %j', async (typed, code, said) => {
  const { bench, target } = await archivedOffice();
  const told = await atTerminal(bench, ['restore', 'latest', '--target', target, '--no-wait'], typed);
  expect(told.shown).toMatch(/lies in an archive(.|\r?\n)*bulk +5 to 12 hours +less than \$0\.01/);
  expect([told.code, told.shown]).toEqual([code, expect.stringContaining(said)]);
});

const server = process.env['BACKUP_AGENT_TEST_S3_ENDPOINT'];
if (server === undefined)
  skippedSuite('archives on a real S3 server', 'no S3 server: set BACKUP_AGENT_TEST_S3_ENDPOINT');
else
  test('archives on a real S3 server', async () => {
    const credentials = {
      accessKeyId: process.env['BACKUP_AGENT_TEST_S3_ACCESS_KEY'] ?? 'test',
      secretAccessKey: process.env['BACKUP_AGENT_TEST_S3_SECRET'] ?? 'test',
    };
    const bucket = `backup-agent-archive-${randomBytes(4).toString('hex')}`;
    await makeBucket({ endpoint: server, credentials, bucket });
    onTestFinished(() => removeBucket({ endpoint: server, credentials, bucket }));
    const bench = openCliBench({
      env: { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
      tree: { 'letter.txt': 'Dear reader', 'large.bin': randomBytes(20_000_000) },
    });
    bench.writeConfig({ repo: `s3://${bucket}`, endpoint: server, region: 'us-east-1', packTiering: 'glacier' });
    expect(await bench.cli('init')).toMatchObject({ code: 0 });
    expect(await bench.cli('run', bench.documents)).toMatchObject({ code: 0 });
    expect(await archiveObjects({ endpoint: server, credentials, bucket }, '/data/', 'GLACIER')).not.toEqual([]);
    const target = path.join(bench.top, 'restored');
    expect(await bench.cli('restore', 'latest', '--target', target)).toMatchObject({ code: 1 });
    expect(await bench.cli('restore', 'latest', '--target', target, '--thaw', 'standard')).toMatchObject({ code: 0 });
    expect(readTree(target)).toEqual(readTree(bench.documents));
  });
