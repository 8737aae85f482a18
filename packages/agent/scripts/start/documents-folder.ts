/** Where this user's documents are, by the customs and in the language of the system. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';

export interface DocumentsSources {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** An existing folder, or undefined. */
export function documentsFolder(sources: DocumentsSources): string | undefined {
  const candidates = [fromSystem(sources), path.join(sources.home, 'Documents')];
  // Where no such folder is set up, the system names the home folder itself: more than what is to be tried out here.
  return candidates.find(
    (folder) => folder !== undefined && path.resolve(folder) !== path.resolve(sources.home) && isFolder(folder),
  );
}

const isFolder = (folder: string): boolean => fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;

function fromSystem({ platform, home, environment }: DocumentsSources): string | undefined {
  if (platform === 'win32') return fromRegistry(environment);
  if (platform === 'darwin') return undefined; // Documents is its name on the disk in every language.
  return (
    outputOf('xdg-user-dir', ['DOCUMENTS'], environment)?.trim() ??
    documentsInUserDirs(path.join(environment['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'user-dirs.dirs'), home)
  );
}

/** `XDG_DOCUMENTS_DIR="$HOME/Dokumente"` */
export function documentsInUserDirs(file: string, home: string): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const [, folder] = /^XDG_DOCUMENTS_DIR="(.+)"$/m.exec(fs.readFileSync(file, 'utf8')) ?? [];
  return folder?.replace(/^\$HOME(?=\/|$)/, () => home).replace(/\\(.)/g, '$1');
}

/** OneDrive and administrators move the folder. */
function fromRegistry(environment: NodeJS.ProcessEnv): string | undefined {
  const key = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\User Shell Folders';
  const [, folder] =
    /Personal\s+REG_\w+\s+(.+)/.exec(outputOf('reg.exe', ['query', key, '/v', 'Personal'], environment) ?? '') ?? [];
  return folder?.trim().replace(/%([^%]+)%/g, (_, name: string) => environment[name] ?? '');
}

function outputOf(program: string, words: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  try {
    return execFileSync(program, words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if (error instanceof Error) return undefined; // Not installed, or it has nothing to say.
    throw error;
  }
}
