/** The command line as a child process: the bundle if it is newer than its sources, else the sources themselves. */
import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';

const PACKAGE_FOLDER = path.resolve(import.meta.dirname, '../..');
const BUNDLE = path.join(PACKAGE_FOLDER, 'dist/backup-agent.mjs');
const SOURCE = path.join(PACKAGE_FOLDER, 'src/cli/main.ts');
const MADE_FROM = ['src', 'scripts', 'package.json', '../core/src', '../core/package.json'];

export interface CommandPlace {
  /** What relative paths are relative to. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command with this terminal; its exit code. */
export function runCommand(words: readonly string[], { folder, env }: CommandPlace): Promise<number> {
  const program = isFresh() ? BUNDLE : SOURCE;
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, env, stdio: 'inherit' });
  const terminate = (): void => void child.kill('SIGTERM');
  process.once('SIGTERM', terminate);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', terminate);
      resolve(code ?? 128 + (signal === null ? 1 : os.constants.signals[signal]));
    });
  });
}

/** Builds the bundle if it is missing or older than what it is made from. */
export function ensureBundle(): void {
  if (!isFresh()) execFileSync(process.execPath, [path.join(PACKAGE_FOLDER, 'scripts/build.ts')], { stdio: 'inherit' });
}

function isFresh(): boolean {
  const built = fs.statSync(BUNDLE, { throwIfNoEntry: false });
  if (built === undefined) return false;
  return MADE_FROM.flatMap((name) => filesUnder(path.join(PACKAGE_FOLDER, name))).every(
    (file) => fs.statSync(file).mtimeMs <= built.mtimeMs,
  );
}

/** The file itself, or all files below the folder. */
function filesUnder(place: string): string[] {
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs
    .readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
