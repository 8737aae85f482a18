import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import { openCliBench } from '../kit/cli-bench.ts';

const canary = (name: string): string => `canary-${name}-${randomBytes(8).toString('hex')}`;

/** All files below, as text. */
const textsIn = (folder: string): string =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

test('credentials of the environment, of files and of addresses appear in no output, log or record', async () => {
  const secrets = {
    secret: canary('secret'),
    token: canary('token'),
    other: canary('other'),
    user: canary('user'),
    password: canary('password'),
    config: canary('config'),
  };
  const endpoint = await startS3Endpoint();
  const env = {
    AWS_ACCESS_KEY_ID: 'AKIACANARY0123456789',
    AWS_SECRET_ACCESS_KEY: secrets.secret,
    AWS_SESSION_TOKEN: secrets.token,
    SOME_API_TOKEN: secrets.other,
    BACKUP_AGENT_DEBUG: '1',
  };
  const bench = openCliBench({ env });
  const log = path.join(bench.home, 'agent.log');
  const userInfo = `${secrets.user}:${secrets.password}@`;
  const address = endpoint.url.replace('://', `://${userInfo}`);
  const said: string[] = [];
  const say = async (...words: string[]): Promise<void> => {
    for (const more of [[], ['--json'], ['--verbose', '--json', '--progress']]) {
      const { stdout, stderr } = await bench.cli(...words, ...more, '--log-file', log);
      said.push(stdout, stderr);
    }
  };
  try {
    const s3 = ['--repo', 's3://bucket/office', '--endpoint', endpoint.url, '--region', 'us-east-1'];
    await say('init', ...s3);
    await say('run', bench.documents, ...s3);
    await say('status', ...s3, '--endpoint', address);
    await say('config', 'show', ...s3, '--endpoint', address);
    await say('status', '--repo', `s3://${userInfo}bucket/office`);
    await say('status', '--repo', `https://${userInfo}host/bucket`);
    await say('run', bench.documents, '--repo', bench.repository);
    await say('run', '--repo', bench.repository, '--exclude-file', secrets.other);
    bench.writeConfig({ secretAccessKey: secrets.config });
    await say('config', 'show');
    bench.writeConfig(`{"repo": "${secrets.config}`);
    await say('config', 'show');
  } finally {
    await endpoint.close();
  }
  const everything = [...said, textsIn(bench.home), textsIn(path.join(bench.repository, 'v1'))].join('\n');
  // Only the file that the person wrote may hold one.
  const kept = everything.replaceAll(fs.readFileSync(bench.configFile, 'latin1'), '');
  for (const [name, secret] of Object.entries(secrets)) expect(kept.includes(secret), name).toBe(false);
  expect(kept).not.toContain(env.AWS_ACCESS_KEY_ID);
  expect(said.join('')).toContain('[redacted]');
  expect(said.join('')).toContain('"outcome":"finished"');
});
