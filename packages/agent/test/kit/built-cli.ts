/** The built command as a child process: what a user runs. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = join(import.meta.dirname, '../..');
export const BUILT_CLI = join(PACKAGE, 'dist/backup-agent.mjs');

/** Builds the command once per test file. */
export function buildCli(): void {
  execFileSync(process.execPath, [join(PACKAGE, 'scripts/build.ts')], { stdio: 'pipe' });
  if (!existsSync(BUILT_CLI)) throw new Error('the build made no command');
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A clean environment: the home, state and caches of nobody else. */
export function cliEnvironment(home: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  mkdirSync(home, { recursive: true });
  return { PATH: process.env['PATH'], HOME: home, USERPROFILE: home, LANG: 'C.UTF-8', NO_COLOR: '1', ...more };
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
