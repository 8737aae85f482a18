import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { isBackupError } from '@backup-agent/core';
import type { BackupError } from '@backup-agent/core';
import { bootId } from '../../src/state/machine.ts';
import { openProcessTable } from '../../src/state/processes.ts';
import { takeRunLock } from '../../src/state/run-lock.ts';
import type { RunLock, RunLockDeps } from '../../src/state/run-lock.ts';
import { testOnLinux } from '../kit/tools.ts';
import { temporaryFolder } from '../kit/tree.ts';

const HOLDER = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
const { platform } = process;

const lockFile = (): string => path.join(temporaryFolder(), 'tmp', 'laptop.lock');

const take = (file: string, deps: Partial<RunLockDeps> = {}): RunLock =>
  takeRunLock(file, {
    machine: 'here',
    host: 'this-host',
    processes: openProcessTable({ platform, boot: bootId(platform), now: new Date() }),
    random: randomBytes,
    ...deps,
  });

function refusal(work: () => unknown): BackupError {
  try {
    work();
  } catch (error) {
    if (isBackupError(error)) return error;
    throw error;
  }
  throw new Error('the lock was taken');
}

interface Holder {
  readonly child: ChildProcess;
  readonly said: string;
}

/** A process that has tried to take the lock; it holds one until it is killed or let go. */
async function startHolder(file: string, machine = 'here'): Promise<Holder> {
  const child = spawn(process.execPath, [HOLDER, file, machine], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
    child.once('exit', () => reject(new Error('the holder ended without a word')));
  });
  return { child, said };
}

const ended = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', resolve));

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  vi.useRealTimers();
});

/** The lock of a process with these facts. */
function writeLock(file: string, facts: object, machine = 'here'): void {
  const self = openProcessTable({ platform, boot: bootId(platform), now: new Date() }).self;
  const holder = { machine, host: `host-of-${machine}`, process: { ...self, ...facts }, nonce: 'x' };
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(holder)}\n`);
}

test('a lock is held until it is released, and leaves nothing behind', () => {
  const file = lockFile();
  const lock = take(file);
  const { code, message } = refusal(() => take(file));
  expect(code).toBe('RUN_ACTIVE');
  expect(message).toContain(`process ${process.pid}`);
  lock.release();
  take(file).release();
  expect(fs.readdirSync(path.dirname(file))).toEqual([]);
});

test('another process that runs is named; one that was killed is replaced', async () => {
  const file = lockFile();
  const { child, said } = await startHolder(file);
  expect(said).toBe('taken');
  const error = refusal(() => take(file));
  expect(error).toMatchObject({ code: 'RUN_ACTIVE', exitCode: 5 });
  expect(error.message).toContain(`process ${child.pid}`);
  child.kill('SIGKILL');
  await ended(child);
  take(file).release();
});

testOnLinux('a process that has ended but whom nobody has waited for does not hold a lock', async () => {
  const file = lockFile();
  // The shell's child becomes a zombie as long as the shell sleeps without waiting for it.
  const script = `exec 3<&0; "$0" "$1" "$2" here <&3 & exec sleep 60`;
  const shell = spawn('sh', ['-c', script, process.execPath, HOLDER, file], { stdio: ['pipe', 'ignore', 'inherit'] });
  children.add(shell);
  await vi.waitFor(() => expect(fs.existsSync(file)).toBe(true), { timeout: 20_000 });
  const { process: holder } = JSON.parse(fs.readFileSync(file, 'utf8')) as { process: { pid: number } };
  process.kill(holder.pid, 'SIGKILL');
  await vi.waitFor(() => expect(fs.readFileSync(`/proc/${holder.pid}/stat`, 'latin1')).toContain(') Z '));
  take(file).release();
});

test.each([
  ['the system was started anew since', { boot: 'an earlier one' }],
  ['its process is gone', { pid: 0x7ffffffe }],
])('a lock is stale if %s', (_, facts) => {
  const file = lockFile();
  writeLock(file, facts);
  take(file).release();
});

testOnLinux('a lock is stale if its number belongs to a later process', () => {
  const file = lockFile();
  writeLock(file, { started: '1' });
  take(file).release();
});

testOnLinux('in another container only renewals tell whether a process runs', () => {
  const file = lockFile();
  writeLock(file, { space: 'pid:[1]', pid: 0x7ffffffe });
  expect(refusal(() => take(file)).code).toBe('RUN_ACTIVE');
  const longAgo = Date.now() / 1000 - 11 * 60;
  fs.utimesSync(file, longAgo, longAgo);
  take(file).release();
});

test('a lock of another machine is never taken over, and the person is told what to do', () => {
  const file = lockFile();
  writeLock(file, { pid: 0x7ffffffe, boot: 'an earlier one' }, 'elsewhere');
  fs.utimesSync(file, 1, 1);
  const error = refusal(() => take(file));
  expect(error.message).toContain('host-of-elsewhere');
  expect(error.hint).toContain(file);
});

test('what is no lock blocks only while it may be one that is being written', () => {
  const file = lockFile();
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, '{"machine":');
  expect(refusal(() => take(file)).code).toBe('RUN_ACTIVE');
  const before = Date.now() / 1000 - 120;
  fs.utimesSync(file, before, before);
  take(file).release();
});

test('of many that take over one stale lock at once, one wins', async () => {
  const file = lockFile();
  writeLock(file, { pid: 0x7ffffffe });
  const holders = await Promise.all(Array.from({ length: 6 }, () => startHolder(file)));
  const said = holders.map((holder) => holder.said).sort();
  expect(said).toEqual([...Array<string>(5).fill('RUN_ACTIVE'), 'taken']);
});

test('whenever a second taker comes in between, one wins', () => {
  let steps = 0;
  for (const moment of ['before', 'after'] as const) {
    for (let at = 1, reached = true; reached; at++) {
      const file = lockFile();
      writeLock(file, { pid: 0x7ffffffe });
      const outcomes: string[] = [];
      const attempt = (deps: Partial<RunLockDeps>): void => {
        try {
          take(file, deps);
          outcomes.push('taken');
        } catch (error) {
          if (!isBackupError(error, 'RUN_ACTIVE')) throw error;
          outcomes.push(error.code);
        }
      };
      let calls = 0;
      const link: typeof fs.linkSync = (from, to) => {
        const isTurn = ++calls === at;
        if (isTurn && moment === 'before') attempt({});
        try {
          fs.linkSync(from, to);
        } finally {
          if (isTurn && moment === 'after') attempt({});
        }
      };
      attempt({ link });
      reached = calls >= at;
      expect(outcomes.sort(), `${moment} link ${at}`).toEqual(reached ? ['RUN_ACTIVE', 'taken'] : ['taken']);
      steps += Number(reached);
    }
  }
  expect(steps).toBeGreaterThanOrEqual(4);
});

test('a taker that died half-way does not block the next, whose end clears everything away', () => {
  const file = lockFile();
  writeLock(file, { pid: 0x7ffffffe });
  const right = `${file}.${hash('sha256', fs.readFileSync(file)).slice(0, 16)}`;
  writeLock(right, { pid: 0x7ffffffd });
  const lock = take(file);
  writeLock(`${file}.0123456789abcdef`, { pid: 0x7ffffffc });
  lock.release();
  expect(fs.readdirSync(path.dirname(file))).toEqual([]);
});

test('where the file system has no links, a lock is exclusive all the same', () => {
  const file = lockFile();
  const link = (): void => {
    throw Object.assign(new Error('no links here'), { code: 'EPERM' });
  };
  const lock = take(file, { link });
  expect(refusal(() => take(file, { link })).code).toBe('RUN_ACTIVE');
  lock.release();
  writeLock(file, { pid: 0x7ffffffe });
  take(file, { link }).release();
});

test('a lock is renewed every minute', () => {
  vi.useFakeTimers();
  const file = lockFile();
  const lock = take(file);
  fs.utimesSync(file, 1, 1);
  const text = fs.readFileSync(file, 'utf8');
  vi.advanceTimersByTime(60_000);
  expect(fs.statSync(file).mtimeMs).toBeGreaterThan(1_000_000);
  expect(fs.readFileSync(file, 'utf8')).toBe(text);
  fs.rmSync(file);
  vi.advanceTimersByTime(60_000);
  expect(fs.readFileSync(file, 'utf8')).toBe(text);
  expect(lock.lost.aborted).toBe(false);
  lock.release();
});

test('who loses the lock is told, and does not release that of the other', () => {
  vi.useFakeTimers();
  const file = lockFile();
  const lock = take(file);
  writeLock(file, {}, 'elsewhere');
  vi.advanceTimersByTime(60_000);
  expect(lock.lost.reason).toMatchObject({ code: 'RUN_ACTIVE' });
  lock.release();
  expect(fs.existsSync(file)).toBe(true);
});
