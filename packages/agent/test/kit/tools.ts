/**
 * Which of the system's tools a test may use; where one is missing the test is skipped and its name says so.
 */
import { spawnSync } from 'node:child_process';
import { test } from 'vitest';

/** Whether a program of this name starts at all. */
const hasTool = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;

const missing = (tools: readonly string[]): string[] => tools.filter((name) => !hasTool(name));

/** `test` where the system is Linux and has all these tools, else a skipped test that names what is missing. */
export function testWithTools(name: string, tools: readonly string[], run: () => void | Promise<void>): void {
  const absent = process.platform === 'linux' ? missing(tools) : ['Linux'];
  if (absent.length === 0) test(name, run);
  else test.skip(`${name} (skipped: needs ${absent.join(', ')})`, () => {});
}

/** `test` on Linux only, with the reason in the name elsewhere. */
export const testOnLinux = (name: string, run: () => void | Promise<void>): void => testWithTools(name, [], run);
