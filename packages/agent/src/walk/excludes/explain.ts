/**
 * Says why a path of a root is not backed up: for --verbose, and for a folder that is asked for although a rule of the
 * root around it leaves it out.
 */
import * as fs from 'node:fs';
import { fsPath, joinPath } from '../../system/long-paths.ts';
import { makeRootExcludes } from './excludes.ts';
import type { ExcludeOptions } from './excludes.ts';
import type { ExcludableKind, ExcludeRule } from './rule.ts';

export interface Exclusion {
  readonly rule: ExcludeRule;
  /** The path itself, or the folder above it that is left out or whose content is. */
  readonly at: string;
}

/** Undefined if no rule leaves the path out. `path` is relative to the root; what does not exist counts as a file. */
export function explainExclusion(rootPath: string, path: string, options: ExcludeOptions): Exclusion | undefined {
  const excludes = makeRootExcludes(options, rootPath);
  let within = excludes.top;
  let folder = '';
  for (const name of path === '' ? [] : path.split('/')) {
    const reached = joinPath(rootPath, folder);
    const verdict = excludes.enter(folder, reached, namesIn(reached), within);
    if (verdict.only !== undefined && verdict.only.name !== name) return { rule: verdict.only.rule, at: folder };
    within = verdict.excludes;
    const at = folder === '' ? name : `${folder}/${name}`;
    const { kind, bytes } = look(joinPath(rootPath, at));
    const rule = excludes.match(folder, name, kind, bytes, within);
    if (rule !== undefined) return { rule, at };
    folder = at;
  }
  return undefined;
}

function look(path: string): { kind: ExcludableKind; bytes: number } {
  const stat = orUndefined(() => fs.lstatSync(fsPath(path)));
  if (stat === undefined || stat.isFile()) return { kind: 'file', bytes: stat?.size ?? 0 };
  return { kind: stat.isDirectory() ? 'folder' : 'other', bytes: 0 };
}

/** Only UTF-8 names matter here: no file that says something about its folder has another. */
const namesIn = (folder: string): readonly string[] => orUndefined(() => fs.readdirSync(fsPath(folder))) ?? [];

function orUndefined<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return undefined; // What cannot be looked at decides nothing; the walk itself reports it.
  }
}
