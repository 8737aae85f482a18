/** From what a person names (folders, files, patterns such as `~/work-*`) to the roots of a backup. */
import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { BackupError, isNodeError } from '@backup-agent/core';
import type { BackupRoot } from '../backup/job.ts';
import { labelRoots } from './label-roots.ts';

export interface SourceOptions {
  /** What relative paths are relative to. */
  readonly workingFolder: string;
  readonly platform: NodeJS.Platform;
  /** Another file system within a root is a root of its own only if the walk does not go there anyway. */
  readonly oneFileSystem: boolean;
}

export interface ResolvedSources {
  /** Sorted by path. */
  readonly roots: readonly BackupRoot[];
  /** What lies within a root that is named too, and so is backed up with it. */
  readonly merged: readonly { readonly path: string; readonly within: string }[];
  /** Patterns that nothing fits at the moment. */
  readonly unmatched: readonly string[];
}

/**
 * A name that exists means itself, even if it looks like a pattern; one that does not exist and is no pattern stays a
 * root, for its disk may only be unplugged. Throws CONFIG_INVALID if nothing is named.
 */
export async function resolveSources(sources: readonly string[], options: SourceOptions): Promise<ResolvedSources> {
  const found: string[] = [];
  const unmatched: string[] = [];
  for (const source of sources) {
    const absolute = path.resolve(options.workingFolder, source);
    if (!isPattern(source) || existsSync(absolute)) {
      found.push(absolute);
      continue;
    }
    const matches = await matchPattern(source, options);
    if (matches.length === 0) unmatched.push(source);
    found.push(...matches);
  }
  if (found.length === 0)
    throw new BackupError('CONFIG_INVALID', nothingToBackUp(unmatched), {
      hint: 'name folders after "run", or as "sources" in the configuration file',
    });
  const { kept, merged } = mergeNested(found, options);
  return { roots: labelRoots(kept, options.platform), merged, unmatched };
}

const nothingToBackUp = ([pattern]: readonly string[]): string =>
  pattern === undefined ? 'no folder is named that is to be backed up' : `nothing fits the pattern ${pattern}`;

const isPattern = (source: string): boolean => /[*?{}[\]]|[!@+]\(/.test(source);

async function matchPattern(source: string, { workingFolder, platform }: SourceOptions): Promise<string[]> {
  const { default: glob } = await import('fast-glob');
  // A backslash separates folders on Windows; fast-glob knows it only as an escape.
  const pattern = platform === 'win32' ? source.replaceAll('\\', '/') : source;
  const matches = await glob(pattern, {
    cwd: workingFolder,
    absolute: true,
    onlyFiles: false,
    dot: true,
    followSymbolicLinks: false,
    suppressErrors: true,
    caseSensitiveMatch: platform === 'linux',
  });
  return matches.map((match) => path.resolve(match));
}

interface Place {
  readonly path: string;
  /** Without symlinks, if it exists. */
  readonly real: string;
  readonly device: number | undefined;
}

function mergeNested(
  found: readonly string[],
  { platform, oneFileSystem }: SourceOptions,
): { kept: string[]; merged: { path: string; within: string }[] } {
  const kept: Place[] = [];
  const merged: { path: string; within: string }[] = [];
  const places = [...new Set(found)]
    .map(placeOf)
    .sort((a, b) => a.real.length - b.real.length || compare(a.path, b.path));
  for (const place of places) {
    const outer = kept.find((other) => contains(other, place, platform));
    const isReached =
      outer !== undefined && (!oneFileSystem || outer.device === place.device || outer.real === place.real);
    if (isReached) merged.push({ path: place.path, within: outer.path });
    else kept.push(place);
  }
  return { kept: kept.map((place) => place.path).sort(compare), merged };
}

function placeOf(found: string): Place {
  try {
    const real = lstatSync(found).isSymbolicLink() ? realpathSync.native(found) : realOf(found);
    return { path: found, real, device: statSync(real).dev };
  } catch (error) {
    if (!isNodeError(error)) throw error;
    return { path: found, real: found, device: undefined };
  }
}

/** The folder's own name stays; only what leads to it is resolved, as the walk does. */
const realOf = (found: string): string => path.join(realpathSync.native(path.dirname(found)), path.basename(found));

function contains(outer: Place, inner: Place, platform: NodeJS.Platform): boolean {
  const [a, b] = platform === 'linux' ? [outer.real, inner.real] : [outer.real.toLowerCase(), inner.real.toLowerCase()];
  const relative = path.relative(a, b);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
