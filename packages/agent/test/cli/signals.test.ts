import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { startS3Endpoint } from '@backup-agent/core/test-kit';
import { BUILT_CLI } from '../kit/built-cli.ts';
import { openCliBench } from '../kit/cli-bench.ts';

const isWindows = process.platform === 'win32';
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

/** A run that waits for a server which has stopped answering. */
async function startStalledRun() {
  const endpoint = await startS3Endpoint();
  const bench = openCliBench({ env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' } });
  const s3 = ['--repo', 's3://bucket/office', '--endpoint', endpoint.url, '--region', 'us-east-1'];
  await bench.cli('init', '--no-probe', ...s3);
  fs.writeFileSync(path.join(bench.documents, 'more.bin'), randomBytes(100_000));
  endpoint.faults.add({ on: 'PutObject', times: 100, effect: { type: 'stall', before: 'reading' } });
  const before = endpoint.count('PutObject');
  const child = spawn(process.execPath, [BUILT_CLI, 'run', bench.documents, ...s3], { env: bench.env });
  children.add(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said.stderr += bytes.toString()));
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  await vi.waitFor(() => expect(endpoint.count('PutObject')).toBeGreaterThan(before), { timeout: 20_000 });
  return { child, ended, said, endpoint, bench };
}

test.skipIf(isWindows).each([
  ['SIGINT', 130, /^backup-agent: interrupted\.$/m],
  ['SIGTERM', 143, /^backup-agent: terminated\.$/m],
  ['SIGHUP', 143, /^backup-agent: terminated\.$/m],
] as const)('%s ends a run cleanly with %i', async (signal, code, sentence) => {
  const { child, ended, said, endpoint } = await startStalledRun();
  child.kill(signal);
  expect(await ended).toBe(code);
  expect(said.stderr).toMatch(sentence);
  expect(said.stderr).not.toMatch(/^\s+at /m);
  expect(said.stdout).toBe('');
  await endpoint.close();
});

test.skipIf(isWindows)('a run that was stopped leaves no lock', async () => {
  const { child, ended, endpoint, bench } = await startStalledRun();
  const locks = (): string[] =>
    fs
      .readdirSync(path.join(bench.home, '.local/state'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('run.lock'));
  expect(locks()).toHaveLength(1);
  child.kill('SIGTERM');
  await ended;
  expect(locks()).toEqual([]);
  await endpoint.close();
});

test.skipIf(isWindows)('a second SIGINT ends it at once', async () => {
  const { child, ended, endpoint } = await startStalledRun();
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  await endpoint.close();
});
