import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import { BackupError, isNodeError } from '@backup-agent/core';
import { childrenCpuMs, watchMemory } from './process-tree.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
}

/** CPU and memory are undefined where the system does not tell them. */
export interface Measurement {
  readonly wallMs: number;
  /** User and system time of the command and all processes it waited for. */
  readonly cpuMs: number | undefined;
  /** Of the command and all its processes. */
  readonly peakBytes: number | undefined;
}

/** Reading /proc this often costs about 1 % of one core; what a process grows in its last moments is missed. */
const SAMPLE_INTERVAL_MS = 20;
const STDERR_TAIL_CHARS = 4000;

/**
 * Runs a command to its end and measures it. CPU time is what the kernel adds to this process when it has waited for
 * the child, so no other child may end meanwhile: one measurement at a time.
 * @throws BackupError FAILED with the end of its stderr if it cannot be started or does not exit with 0.
 */
export async function measureCommand(command: Command, signal: AbortSignal): Promise<Measurement> {
  const cpuBeforeMs = childrenCpuMs();
  const started = process.hrtime.bigint();
  const child = spawn(command.file, command.args, { env: command.env, stdio: ['ignore', 'ignore', 'pipe'], signal });
  const memory = child.pid === undefined ? undefined : watchMemory(child.pid);
  const sampling = setInterval(() => memory?.sample(), SAMPLE_INTERVAL_MS);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_TAIL_CHARS)));

  let ended = started;
  let cpuAfterMs: number | undefined;
  child.once('exit', () => {
    ended = process.hrtime.bigint();
    cpuAfterMs = childrenCpuMs();
    clearInterval(sampling);
  });
  try {
    await finished(command, child, { signal, stderr: () => stderr });
  } finally {
    clearInterval(sampling);
  }
  return {
    wallMs: Number(ended - started) / 1e6,
    cpuMs: cpuAfterMs === undefined || cpuBeforeMs === undefined ? undefined : cpuAfterMs - cpuBeforeMs,
    peakBytes: memory?.peakBytes(),
  };
}

interface Watched {
  readonly signal: AbortSignal;
  stderr(): string;
}

/** Resolves when the command has exited with 0 and its stderr has been read. */
function finished(command: Command, child: ChildProcess, { signal, stderr }: Watched): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      // One that was killed is waited for: it may still be writing where the bench tidies up next.
      if (child.pid === undefined) reject(new BackupError('FAILED', `cannot start ${command.file}`, { cause }));
    });
    child.once('close', (exitCode, killedBy) => {
      if (signal.aborted) return reject(new BackupError('INTERRUPTED', `interrupted during ${nameOf(command)}`));
      if (exitCode === 0) return resolve();
      const how = killedBy === null ? `exit code ${exitCode}` : `signal ${killedBy}`;
      reject(new BackupError('FAILED', `${nameOf(command)} ended with ${how}: ${stderr().trim() || 'no message'}`));
    });
  });
}

const nameOf = ({ file, args }: Command) => [file, ...args.slice(0, 3)].join(' ');

/**
 * Has the system write out what waits in memory, so that one command's writes do not slow the next one down.
 * Does nothing where there is no `sync` command.
 */
export async function syncDisks(): Promise<void> {
  await promisify(execFile)('sync').catch((error: unknown) => {
    if (!isNodeError(error, 'ENOENT')) throw error;
  });
}
