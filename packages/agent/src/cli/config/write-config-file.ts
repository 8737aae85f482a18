import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { BackupError, isNodeError, makeFolders } from '@backup-agent/core';
import type { CommandContext } from '../context.ts';
import { expandHome } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';

/**
 * Writes what flags and environment said of the repository, and the sources, to a new configuration file; '' stands for
 * the usual one. Its path. Throws CONFIG_INVALID if it exists: what a person wrote is never replaced.
 */
export function writeConfigFile(named: string, sources: readonly string[], context: CommandContext): string {
  const { settings, surroundings, folders } = context;
  const { workingFolder, home } = surroundings;
  const absolute = (place: string): string => path.resolve(workingFolder, expandHome(place, home));
  const file = named === '' ? path.join(folders.config, 'config.json') : absolute(named);
  const place = context.repositoryPlace();
  const config: ConfigFile = {
    repo: place.type === 'local' ? place.path : settings.repo.value,
    device: context.device(),
    ...(settings.region.value === undefined ? {} : { region: settings.region.value }),
    ...(settings.endpoint.value === undefined ? {} : { endpoint: settings.endpoint.value }),
    ...(settings.kmsKey.value === undefined ? {} : { kmsKey: settings.kmsKey.value }),
    // Whatever starts the backups later will not have the variable.
    ...(settings.awsProfile.value === undefined || place.type === 'local'
      ? {}
      : { awsProfile: settings.awsProfile.value }),
    sources: sources.map(absolute),
  };
  try {
    makeFolders(path.dirname(file), 0o700);
    writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (!isNodeError(cause, 'EEXIST')) throw cause;
    throw new BackupError('CONFIG_INVALID', `${file} exists already and is not changed`, {
      hint: 'edit it, or name another file with --write-config=<file>',
      cause,
    });
  }
  return file;
}
