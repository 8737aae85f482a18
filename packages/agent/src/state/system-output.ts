import { execFileSync } from 'node:child_process';

/** What a program of the system prints; undefined if it cannot be run, fails, or takes longer than ten seconds. */
export function outputOf(program: string, words: readonly string[]): string | undefined {
  try {
    return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
