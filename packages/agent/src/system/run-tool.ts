/** Runs one of the system's tools to its end. A tool that fails or is missing is a result, never an exception. */
import { spawn } from 'node:child_process';
import { pathToBytes } from '@backup-agent/core';

export interface ToolResult {
  /** The exit code; undefined if it did not start or was killed. */
  readonly code: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Tools are searched here, and only here: a list in the form of the variable PATH. */
export interface ToolContext {
  readonly searchPath: string;
}

export function runTool(
  program: string,
  args: readonly string[],
  input: Uint8Array,
  { searchPath }: ToolContext,
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const end = (code: number | null, message = ''): void =>
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat([...stderr, Buffer.from(message)]),
      });
    // In the C locale messages are English and every byte that is not ASCII is told as it is or in octal.
    const child = spawn(program, args, { env: { PATH: searchPath, LC_ALL: 'C' }, stdio: 'pipe', windowsHide: true });
    child.on('error', (error) => end(null, error.message));
    child.on('close', (code, signal) => end(code, signal === null ? '' : `ended by ${signal}`));
    child.stdout.on('data', (data: Buffer) => stdout.push(data));
    child.stderr.on('data', (data: Buffer) => stderr.push(data));
    child.stdin.on('error', () => {}); // A tool that ends before it has read all tells why by its exit code.
    child.stdin.end(input);
  });
}

/** Runs the tool for all paths, in as few processes as the system's limit on arguments permits. Never with none. */
export async function runForPaths(
  program: string,
  args: readonly string[],
  paths: readonly string[],
  context: ToolContext,
): Promise<ToolResult> {
  if (paths.length === 0) return { code: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  return runTool('xargs', ['-0', program, ...args], nulSeparated(paths), context);
}

/** The first line of what the tool complained about. */
export const complaintOf = (result: ToolResult, program: string): string =>
  result.stderr.toString('utf8').split('\n')[0]?.trim() || `${program} failed`;

const nulSeparated = (paths: readonly string[]): Buffer => {
  const text = `${paths.join('\0')}\0`;
  return text.isWellFormed()
    ? Buffer.from(text, 'utf8')
    : Buffer.concat(paths.flatMap((path) => [pathToBytes(path), Buffer.from([0])]));
};
