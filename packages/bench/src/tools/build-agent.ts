import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BackupError } from '@backup-agent/core';
import { walkTree } from '../corpus/walk-tree.ts';

/** The package's folder, and the files and folders that its bundle is made from. */
export interface AgentSources {
  readonly packageFolder: string;
  readonly madeFrom: readonly string[];
}

/** Where this workspace has the agent and the core that is bundled into it. */
export function agentSources(): AgentSources {
  const packageFolder = path.dirname(fileURLToPath(import.meta.resolve('backup-agent/package.json')));
  const coreFolder = path.dirname(fileURLToPath(import.meta.resolve('@backup-agent/core')));
  const fromAgent = ['src', 'scripts', 'package.json'].map((name) => path.join(packageFolder, name));
  return { packageFolder, madeFrom: [...fromAgent, coreFolder] };
}

/** The agent's bundle, built first (as `pnpm build` does) if it is missing or older than any of its sources. */
export async function ensureAgentBuilt(sources: AgentSources, node: string): Promise<string> {
  const bundle = path.join(sources.packageFolder, 'dist/backup-agent.mjs');
  if (isNewerThanAll(bundle, sources.madeFrom)) return bundle;
  try {
    await promisify(execFile)(node, ['scripts/build.ts'], { cwd: sources.packageFolder });
  } catch (cause) {
    throw new BackupError('FAILED', 'the agent cannot be built', { hint: 'try "pnpm build"', cause });
  }
  if (!existsSync(bundle)) throw new BackupError('FAILED', `building the agent made no ${bundle}`);
  return bundle;
}

function isNewerThanAll(bundle: string, sources: readonly string[]): boolean {
  if (!existsSync(bundle)) return false;
  const builtMs = statSync(bundle).mtimeMs;
  return sources.flatMap(filesUnder).every((file) => statSync(file).mtimeMs <= builtMs);
}

function filesUnder(place: string): string[] {
  if (!statSync(place, { throwIfNoEntry: false })?.isDirectory()) return existsSync(place) ? [place] : [];
  return [...walkTree(place)].filter((entry) => entry.kind === 'file').map((entry) => path.join(place, entry.name));
}
