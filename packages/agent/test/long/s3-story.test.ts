/**
 * One story against a real S3 server (BACKUP_AGENT_TEST_S3_ENDPOINT) through the built command: backup, second backup,
 * restore, verify, and what a person sees when something is wrong. A proxy in front of the server makes the faults.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { longestChain, makeBucket, removeBucket, skippedSuite, startCountingProxy } from '@backup-agent/core/test-kit';
import type { CountingProxy, Interception } from '@backup-agent/core/test-kit';
import { cliEnvironment, runCli } from '../kit/built-cli.ts';
import type { CliResult } from '../kit/built-cli.ts';
import { readTree } from '../kit/read-tree.ts';
import { symlink, writeTree } from '../kit/tree.ts';

const server = process.env['BACKUP_AGENT_TEST_S3_ENDPOINT'];
const CANARY = `canary${randomBytes(8).toString('hex')}`;

if (server === undefined)
  skippedSuite('the story on a real S3 server', 'no S3 server: set BACKUP_AGENT_TEST_S3_ENDPOINT');
else describe('the story on a real S3 server', () => tellStory(server));

function tellStory(endpoint: string): void {
  const credentials = {
    accessKeyId: process.env['BACKUP_AGENT_TEST_S3_ACCESS_KEY'] ?? 'test',
    secretAccessKey: process.env['BACKUP_AGENT_TEST_S3_SECRET'] ?? 'test',
  };
  const bucket = `backup-agent-story-${randomBytes(4).toString('hex')}`;
  let proxy: CountingProxy;
  let intercept: (operation: string, key: string) => Interception | undefined = () => undefined;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const said: string[] = [];

  const place = (address = `s3://${bucket}/office`): string[] => [
    '--repo',
    address,
    '--device',
    'laptop',
    '--endpoint',
    proxy.url,
    '--region',
    'us-east-1',
  ];
  const agent = async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<CliResult> => {
    const result = await runCli(args, { ...env, ...more });
    said.push(result.stdout, result.stderr);
    return result;
  };

  beforeAll(async () => {
    await makeBucket({ endpoint, credentials, bucket });
    proxy = await startCountingProxy(endpoint, ({ operation, key }) => intercept(operation, key));
  }, 120_000);
  afterAll(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
    await removeBucket({ endpoint, credentials, bucket });
  }, 120_000);

  test('backup, second backup, restore, verify', async () => {
    folder = mkdtempSync(join(tmpdir(), 'backup-agent-story-'));
    env = cliEnvironment(join(folder, 'home'), {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: '',
    });
    const source = join(folder, 'documents');
    mkdirSync(source);
    writeTree(source, {
      letters: { 'a.txt': 'hello', 'caf\udce9': 'bytes' },
      'photo.jpg': randomBytes(3_000_000),
      'archive.zip': randomBytes(20_000_000),
      link: symlink('letters'),
      empty: {},
    });
    expect(await agent(['init', ...place()])).toMatchObject({ code: 0 });
    expect(await agent(['run', source, ...place()])).toMatchObject({ code: 0 });
    appendFileSync(join(source, 'letters/a.txt'), ' again');
    expect(await agent(['run', source, ...place()])).toMatchObject({ code: 0 });
    const listed = await agent(['snapshots', '--json', ...place()]);
    expect(JSON.parse(listed.stdout)).toMatchObject({ snapshots: [{}, {}] });
    const target = join(folder, 'restored');
    expect(await agent(['restore', 'latest', '--target', target, ...place()])).toMatchObject({ code: 0 });
    expect(readTree(target)).toEqual(readTree(source));
    expect(await agent(['verify', '--read-data', ...place()])).toMatchObject({ code: 0 });
  }, 120_000);

  test.each<[string, (operation: string) => Interception | undefined, number, RegExp]>([
    [
      'a missing permission on the KMS key',
      (operation) =>
        operation === 'PutObject'
          ? {
              type: 'answer',
              status: 403,
              code: 'AccessDenied',
              message: 'not authorized to perform: kms:GenerateDataKey',
            }
          : undefined,
      6,
      /kms:GenerateDataKey/,
    ],
    [
      'wrong credentials',
      () => ({ type: 'answer', status: 403, code: 'InvalidAccessKeyId', message: 'The key does not exist' }),
      6,
      /credentials|access key/i,
    ],
    [
      'a wrong secret',
      () => ({ type: 'answer', status: 403, code: 'SignatureDoesNotMatch', message: 'The signature does not match' }),
      6,
      /secret|credentials/i,
    ],
    [
      'a clock that is off',
      () => ({ type: 'answer', status: 403, code: 'RequestTimeTooSkewed', message: 'The difference is too large' }),
      2,
      /clock/,
    ],
  ])(
    '%s is one sentence with what to do',
    async (_, meet, code, words) => {
      writeFileSync(join(folder, 'documents/new.txt'), randomBytes(100));
      intercept = meet;
      const result = await agent(['run', join(folder, 'documents'), ...place()]);
      intercept = () => undefined;
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toMatch(words);
      expect(result.stderr).not.toMatch(/\n {4}at /);
      expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    },
    120_000,
  );

  test('a missing bucket is said, exit code 4', async () => {
    const result = await agent(['snapshots', ...place(`s3://${bucket}-not/office`)]);
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toContain(`${bucket}-not`);
  });

  test('throttled and cut in mid-upload, a run succeeds all the same', async () => {
    writeFileSync(join(folder, 'documents/more.bin'), randomBytes(20_000_000));
    let throttled = 0;
    let cut = 0;
    intercept = (operation) => {
      if (operation === 'PutObject' && throttled < 3) {
        throttled++;
        return { type: 'answer', status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
      }
      if (operation === 'UploadPart' && cut < 2) {
        cut++;
        return { type: 'cut', afterBytes: 1_000_000 };
      }
      return undefined;
    };
    const result = await agent(['run', join(folder, 'documents'), ...place()]);
    intercept = () => undefined;
    expect(result).toMatchObject({ code: 0 });
    expect([throttled, cut]).toEqual([3, 2]);
    const target = join(folder, 'restored-again');
    expect(await agent(['restore', 'latest', '--target', target, ...place()])).toMatchObject({ code: 0 });
    expect(readTree(target)).toEqual(readTree(join(folder, 'documents')));
  }, 180_000);

  test('one small file of 100,000 is restored without any cache in at most 8 dependent requests and 1 MiB', async () => {
    const many = join(folder, 'many');
    for (let i = 0; i < 1000; i++) {
      mkdirSync(join(many, `folder-${i}`), { recursive: true });
      for (let j = 0; j < 100; j++) writeFileSync(join(many, `folder-${i}/file-${j}.txt`), `${i} ${j} `.repeat(20));
    }
    const at = place(`s3://${bucket}/many`);
    expect(await agent(['init', ...at])).toMatchObject({ code: 0 });
    expect(await agent(['run', many, ...at])).toMatchObject({ code: 0 });
    proxy.clear();
    const target = join(folder, 'one');
    const fresh = cliEnvironment(join(folder, 'another-home'), {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
    const path = join(many, 'folder-512/file-33.txt');
    expect(await runCli(['restore', 'latest', path, '--target', target, ...at], fresh)).toMatchObject({ code: 0 });
    const bytes = proxy.log.reduce((sum, request) => sum + request.bytesReceived, 0);
    process.stdout.write(
      `one of 100,000: ${proxy.log.length} requests, ${longestChain(proxy.log)} dependent, ${bytes} bytes\n`,
    );
    expect(longestChain(proxy.log)).toBeLessThanOrEqual(8);
    expect(bytes).toBeLessThan(2 * 1024 * 1024); // Of which a segment of at most 1.25 MiB is the file's own.
  }, 300_000);

  test('no secret was said anywhere', async () => {
    const env = { AWS_SECRET_ACCESS_KEY: CANARY, AWS_SESSION_TOKEN: `${CANARY}-token` };
    await agent(['run', join(folder, 'documents'), '--verbose', '--log-file', join(folder, 'log'), ...place()], env);
    expect(said.join('\n')).not.toContain(CANARY);
  }, 60_000);
}
