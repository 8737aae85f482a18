import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { BackupError, isNodeError } from '@backup-agent/core';
import type { Command } from '../measure/measure-command.ts';
import { cleanEnvironment, credentialsOf, type Place, type Repository, type Tool } from './tool.ts';

/** The restic found on the PATH of `env`, with its defaults; undefined if there is none. */
export async function findRestic(env: NodeJS.ProcessEnv): Promise<Tool | undefined> {
  const version = await resticVersion(env);
  if (version === undefined) return undefined;
  const command = (place: Place, ...args: string[]): Command => ({
    file: 'restic',
    args: [
      '--repo',
      address(place.repository),
      '--cache-dir',
      path.join(place.stateFolder, 'cache'),
      '--quiet',
      ...args,
    ],
    env: { ...cleanEnvironment(env), ...credentialsOf(place.repository), RESTIC_PASSWORD: 'bench' },
  });
  return {
    name: 'restic',
    version,
    init: (place) => command(place, 'init'),
    backup: (place, folder) => command(place, 'backup', folder),
    restore: (place, target) => command(place, 'restore', 'latest', '--target', target),
    // restic restores under the whole path that it backed up.
    restoredRoot: (target, folder) => path.join(target, path.relative(path.parse(folder).root, folder)),
  };
}

const address = (repository: Repository) =>
  repository.kind === 'local'
    ? repository.folder
    : `s3:${repository.endpoint}/${repository.bucket}/${repository.prefix}`;

async function resticVersion(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('restic', ['version'], { env });
    return stdout.trim();
  } catch (cause) {
    if (isNodeError(cause, 'ENOENT')) return undefined;
    throw new BackupError('FAILED', 'restic is there but does not tell its version', { cause });
  }
}
