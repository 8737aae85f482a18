import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BUILT_CLI } from '../../kit/built-cli.ts';
import { openCliBench } from '../../kit/cli-bench.ts';
import type { CliBench } from '../../kit/cli-bench.ts';
import { testOnLinux, testWithTools } from '../../kit/tools.ts';

const ESCAPE = '\u001b';

test('with --json stdout is one object on one line, also when something failed', async () => {
  const { at, documents } = openCliBench();
  const run = await at('run', documents, '--json');
  expect(run.stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(run.stdout)).toMatchObject({
    snapshot: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/) as string,
    device: 'laptop',
    outcome: 'finished',
    exitCode: 0,
    roots: [documents],
    counts: { filesNew: 2, filesChanged: 0, filesUnchanged: 0 },
    bytes: { total: 15 },
    problemCount: 0,
    problems: [],
  });
  const failed = await at('run', '--json');
  expect(JSON.parse(failed.stdout)).toEqual({
    error: {
      code: 'CONFIG_INVALID',
      message: 'no folder is named that is to be backed up',
      hint: expect.stringContaining('name folders') as string,
      exitCode: 2,
    },
  });
  expect(failed.stderr).toMatch(/^backup-agent: no folder/);
});

test('status --json tells the runs and the age of the newest snapshot', async () => {
  const { at, json, documents } = openCliBench();
  await at('run', documents);
  await at('run', documents);
  expect(await json('status', '--runs', '1')).toEqual({
    device: 'laptop',
    repository: expect.any(String) as string,
    newestSnapshot: {
      name: expect.any(String) as string,
      landed: expect.any(String) as string,
      ageSeconds: expect.any(Number) as number,
      finished: true,
    },
    runs: [expect.objectContaining({ outcome: 'finished', landed: expect.any(String) as string }) as object],
    runsTotal: 2,
  });
});

test('with --json --progress stdout is JSON lines, the result last', async () => {
  const { at, documents } = openCliBench();
  const { stdout } = await at('run', documents, '--json', '--progress');
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['progress', 'pack-uploaded', 'snapshot-committed']) as string[],
  );
  expect(events.at(-1)).toMatchObject({ type: 'result', outcome: 'finished' });
});

test('--quiet leaves only results, problems and errors, --verbose tells more', async () => {
  const { at, documents } = openCliBench();
  expect((await at('run', documents)).stderr).toContain('Made a new repository');
  expect((await at('run', documents, '--quiet')).stderr).toBe('');
  expect((await at('run', documents, '/not/there', '--quiet')).stderr).toBe('/not/there: missing\n');
  fs.writeFileSync(path.join(documents, 'new.txt'), 'new');
  expect((await at('run', documents, '--verbose')).stderr).toMatch(/uploaded v1\/devices\/laptop\/data\//);
});

test('the log file holds what was done as JSON lines, readable by the user only', async () => {
  const { at, cli, documents, repository, home } = openCliBench();
  const log = path.join(home, 'logs/agent.log');
  await at('run', documents, '--log-file', log);
  await cli('status', '--repo', repository, '--device', 'A', '--log-file', log);
  const records = fs
    .readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ level: 'info', type: 'started', command: 'run' }),
      expect.objectContaining({ type: 'snapshot-committed', command: 'run' }),
      expect.objectContaining({ type: 'ended', exitCode: 0, command: 'run' }),
      expect.objectContaining({ level: 'error', code: 'CONFIG_INVALID', command: 'status' }),
      expect.objectContaining({ type: 'ended', exitCode: 2, command: 'status' }),
    ]),
  );
  if (process.platform !== 'win32') expect(fs.statSync(log).mode & 0o777).toBe(0o600);
});

testOnLinux('names with control characters never reach a terminal as they are', async () => {
  const name = `evil${ESCAPE}[31m\nsecond\u009bline\u202ecod.exe`;
  const bench = openCliBench({ tree: { [name]: 'x' } });
  const missing = path.join(bench.documents, name, 'below');
  const { stdout, stderr } = await bench.at('run', bench.documents, missing, '--verbose');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(stderr).toContain('evil\\x1b[31m\\nsecond\\x9bline\\u202ecod.exe');
  const asJson = await bench.at('run', bench.documents, missing, '--json');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(asJson.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

/** What the command writes to a terminal of this width: `script` gives it one. */
function onTerminal(bench: CliBench, words: readonly string[], env: Record<string, string> = {}): string {
  const command = [process.execPath, BUILT_CLI, ...words].map((word) => `'${word}'`).join(' ');
  const script = path.join(bench.top, 'typescript');
  execFileSync('script', ['-q', '-e', '-c', `stty cols 60; ${command}`, script], {
    env: { ...bench.env, TERM: 'xterm', ...env },
    stdio: 'pipe',
  });
  return fs.readFileSync(script, 'utf8').split('\n').slice(1, -2).join('\n');
}

testWithTools('on a terminal a progress line fits it and is gone at the end', ['script'], () => {
  const bench = openCliBench({
    tree: Object.fromEntries([...Array(400).keys()].map((i) => [`f${i}`, 'x'.repeat(5000)])),
  });
  const written = onTerminal(bench, ['run', bench.documents, '--repo', bench.repository]);
  const drawn = written.split(`\r${ESCAPE}[K`);
  expect(drawn.some((line) => line.startsWith('backup: '))).toBe(true);
  for (const line of drawn.filter((text) => text.startsWith('backup: '))) expect(line.length).toBeLessThan(60);
  // Between the last line drawn and the result it is cleared.
  expect(drawn.at(-1)).toMatch(/^Snapshot /);
});

testWithTools('colours are for terminals, and not where NO_COLOR says so', ['script'], async () => {
  const bench = openCliBench();
  await bench.at('run', bench.documents);
  const words = ['status', '--repo', bench.repository, '--device', 'laptop'];
  expect(onTerminal(bench, words, { NO_COLOR: '' })).toContain(`${ESCAPE}[1m`);
  expect(onTerminal(bench, words, { NO_COLOR: '1' })).not.toContain(ESCAPE);
  expect(onTerminal(bench, words, { NO_COLOR: '', TERM: 'dumb' })).not.toContain(ESCAPE);
  expect((await bench.cli(...words)).stdout).not.toContain(ESCAPE);
});

testOnLinux('a reader that goes away is no error', async () => {
  const bench = openCliBench();
  await bench.at('run', bench.documents);
  const command = `"$0" "$1" status --repo "$2" --device laptop; echo "code $?" >&2`;
  const script = `(${command}) 2>&1 >&- | cat; (${command}) 2>"$3" | true; sleep 0.2; cat "$3"`;
  const file = path.join(bench.top, 'stderr');
  const written = execFileSync('sh', ['-c', script, process.execPath, BUILT_CLI, bench.repository, file], {
    env: bench.env,
    encoding: 'utf8',
  });
  expect(written.trim().split('\n')).toEqual(['code 0', 'code 0']);
});

test('cat --json of a file that is damaged half-way is one object with the pieces until there, and the error', async () => {
  const bench = openCliBench({ tree: { large: noise(12_000_000) } });
  await bench.at('run', bench.documents);
  const folder = path.join(bench.repository, 'v1/devices/laptop/data');
  const packs = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const [pack] = packs.map(({ parentPath, name }) => path.join(parentPath, name)).toSorted();
  const bytes = fs.readFileSync(pack as string);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] as number) ^ 1;
  fs.chmodSync(pack as string, 0o600);
  fs.writeFileSync(pack as string, bytes);
  const { code, stdout } = await bench.at('cat', 'latest', 'large', '--json');
  expect(code).toBe(7);
  const { base64, error } = JSON.parse(stdout) as { base64: string[]; error: object };
  expect(base64.length).toBeGreaterThan(0);
  expect(error).toMatchObject({ code: 'OBJECT_DAMAGED', exitCode: 7 });
});

/** Bytes that no two chunks share. */
const noise = (length: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
