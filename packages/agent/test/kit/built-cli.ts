/** The built command (build-cli.ts) as a child process: what a user runs. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = join(import.meta.dirname, '../..');
export const BUILT_CLI = join(PACKAGE, 'dist/backup-agent.mjs');

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Compiled code is shared by all, as it is by the runs of one user; a home of its own would be cold each time. */
const compiled = process.env['NODE_COMPILE_CACHE'];

/** A clean environment: the home, state and caches of nobody else. */
export function cliEnvironment(home: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  mkdirSync(home, { recursive: true });
  return {
    PATH: process.env['PATH'],
    HOME: home,
    USERPROFILE: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
    ...more,
  };
}

export const runCli = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<CliResult> =>
  new Promise((resolve) => {
    execFile(process.execPath, [BUILT_CLI, ...args], { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });

export const startCli = (args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess =>
  spawn(process.execPath, [BUILT_CLI, ...args], { env, stdio: 'ignore' });
