import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { BackupError } from '@backup-agent/core';
import type { Command } from '../measure/measure-command.ts';
import { cleanEnvironment, credentialsOf, type Place, type Repository, type Tool } from './tool.ts';

export interface AgentProgram {
  /** The bundled command line. */
  readonly file: string;
  /** The Node that runs it. */
  readonly node: string;
  /** An empty configuration, so that the user's own has no say. */
  readonly configFile: string;
}

/** This repository's agent. */
export async function openAgent(program: AgentProgram, env: NodeJS.ProcessEnv): Promise<Tool> {
  await writeFile(program.configFile, '{}\n');
  const command = (place: Place, verb: string, ...args: string[]): Command => ({
    file: program.node,
    args: [program.file, verb, ...args, ...repositoryArgs(place.repository), '--config', program.configFile, '--json'],
    env: {
      ...cleanEnvironment(env),
      ...credentialsOf(place.repository),
      XDG_STATE_HOME: path.join(place.stateFolder, 'state'),
      XDG_CACHE_HOME: path.join(place.stateFolder, 'cache'),
      XDG_CONFIG_HOME: path.join(place.stateFolder, 'config'),
    },
  });
  return {
    name: 'agent',
    version: await agentVersion(program, env),
    // A local repository comes with the first backup; on S3 the agent creates none by itself.
    init: (place) => (place.repository.kind === 's3' ? command(place, 'init') : undefined),
    backup: (place, folder) => command(place, 'run', folder, '--no-maintain'),
    restore: (place, target) => command(place, 'restore', 'latest', '--target', target),
    restoredRoot: (target) => target,
  };
}

function repositoryArgs(repository: Repository): string[] {
  const device = ['--device', 'bench'];
  if (repository.kind === 'local') return ['--repo', repository.folder, ...device];
  const { bucket, prefix, endpoint, region } = repository;
  return ['--repo', `s3://${bucket}/${prefix}`, ...device, '--endpoint', endpoint, '--region', region];
}

async function agentVersion({ node, file }: AgentProgram, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(node, [file, '--version'], { env: cleanEnvironment(env) });
    return `backup-agent ${stdout.trim()}`;
  } catch (cause) {
    throw new BackupError('FAILED', `${file} does not tell its version`, { cause });
  }
}
