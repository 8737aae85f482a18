/** Drops roots that lie within others, and gives each one that stays a label. */
import * as fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { comparePaths, pathFromBytes } from '@backup-agent/core';
import { fsPath } from '../system/long-paths.ts';

export interface SourceRoot {
  /** Absolute, in the system's own form. */
  readonly path: string;
  /** The folder's name in a restore of several roots; unique, also where case does not count. */
  readonly label: string;
}

export interface MergeOptions {
  /** Whether the walk of a root ends at the borders of its file system: what lies behind one is no duplicate. */
  readonly oneFileSystem: boolean;
  /** Whether the walk of a root leaves out a path below it (relative): then it is no duplicate either. */
  readonly isLeftOut: (rootPath: string, path: string) => boolean;
}

export interface MergedRoots {
  /** Sorted by the bytes of their paths. */
  readonly roots: readonly SourceRoot[];
  /** What was dropped and why, a sentence each. */
  readonly notes: readonly string[];
  /** Missing folders within others: nothing but this sentence will tell of them. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** A path with what identifies it and all folders above it, itself first. */
interface Located {
  readonly path: string;
  readonly realPath: string;
  readonly isMissing: boolean;
  readonly chain: readonly { readonly device: bigint; readonly id: string }[];
}

export function mergeRoots(paths: readonly string[], options: MergeOptions): MergedRoots {
  const notes: string[] = [];
  const problems: { path: string; message: string }[] = [];
  const kept: Located[] = [];
  // Outer folders first; of two names of one folder the real one.
  const located = [...new Set(paths)]
    .map(locate)
    .toSorted(
      (a, b) =>
        a.chain.length - b.chain.length ||
        Number(a.path !== a.realPath) - Number(b.path !== b.realPath) ||
        comparePaths(a.path, b.path),
    );
  for (const root of located) {
    const around = kept.find((other) => !other.isMissing && covers(other, root, options));
    if (around === undefined) kept.push(root);
    else if (root.isMissing) problems.push({ path: root.path, message: `${root.path} does not exist` });
    else notes.push(`${root.path} is backed up as part of ${around.path}`);
  }
  const used = new Set<string>();
  const roots = kept
    .toSorted((a, b) => comparePaths(slashed(a.path), slashed(b.path)))
    .map(({ path }) => ({ path, label: uniqueLabel(path, used) }));
  return { roots, notes, problems };
}

function covers(outer: Located, inner: Located, { oneFileSystem, isLeftOut }: MergeOptions): boolean {
  const [top] = outer.chain;
  const depth = inner.chain.findIndex(({ id }) => id === top?.id);
  if (top === undefined || depth < 0) return false;
  if (depth === 0) return true;
  const between = inner.chain.slice(0, depth);
  if (oneFileSystem && between.some(({ device }) => device !== top.device)) return false;
  return !isLeftOut(outer.path, slashed(inner.realPath).split('/').slice(-depth).join('/'));
}

/** What does not exist is located by its path below the folder that does. */
function locate(path: string): Located {
  const realPath = realPathOf(path);
  const chain: { device: bigint; id: string }[] = [];
  const missing: string[] = [];
  for (let at = realPath; ; at = dirname(at)) {
    const stat = statOf(at);
    if (stat === undefined) missing.push(at);
    // Some network file systems number nothing: there only the path identifies.
    else chain.push({ device: stat.dev, id: stat.ino === 0n ? at : `${stat.dev}:${stat.ino}` });
    if (dirname(at) === at) break;
  }
  const device = chain[0]?.device ?? 0n;
  return { path, realPath, isMissing: missing.length > 0, chain: [...missing.map((id) => ({ device, id })), ...chain] };
}

function realPathOf(path: string): string {
  try {
    return pathFromBytes(fs.realpathSync.native(fsPath(path), { encoding: 'buffer' }));
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return path; // Missing or closed: the walk tells.
    throw error;
  }
}

function statOf(path: string): fs.BigIntStats | undefined {
  try {
    return fs.lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}

/** The last name of the path; `root` or the drive's letter where there is none; `~2`, `~3` behind it if it is taken. */
function uniqueLabel(path: string, used: Set<string>): string {
  const name = basename(path) || path.replaceAll(/[\\/:]/g, '') || 'root';
  for (let number = 1; ; number++) {
    const label = number === 1 ? name : `${name}~${number}`;
    if (used.has(label.toLowerCase())) continue;
    used.add(label.toLowerCase());
    return label;
  }
}

const slashed = (path: string): string => (process.platform === 'win32' ? path.replaceAll('\\', '/') : path);
