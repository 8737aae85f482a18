/** The folder that is restored into: checked, made, and known for what names it can hold. */
import * as fs from 'node:fs';
import path from 'node:path';
import { BackupError, isNodeError, makeFolders } from '@backup-agent/core';
import { wordsOfCode } from '../walk/error-words.ts';
import { openTargetRoot } from './folder-handles.ts';
import type { TargetRoot } from './folder-handles.ts';
import type { RestoreDeps, RestoreRequest } from './job.ts';
import type { NameRules } from './target-names.ts';

export interface Target {
  /** Without symlinks. */
  readonly path: string;
  readonly root: TargetRoot;
  /** It was not there, or nothing was in it: it becomes what the snapshot says of the folder restored to it. */
  readonly isNew: boolean;
  /** It was not there. */
  readonly isMade: boolean;
  readonly names: NameRules;
  /** New files may get another group than that of the process. */
  readonly inheritsGroup: boolean;
  close(): void;
}

/**
 * Throws CONFIG_INVALID if it lies in the repository or is no folder, ACCESS_DENIED or FAILED if it cannot be made.
 * A dry run makes nothing: its target then has no descriptor.
 */
export function openTarget(request: RestoreRequest, deps: RestoreDeps, token: string): Target {
  const { platform } = deps.system;
  refuseRepository(request.target, deps.repositoryFolder);
  const before = statOf(request.target);
  if (before !== undefined && !before.isDirectory())
    throw new BackupError('CONFIG_INVALID', `${request.target} is not a folder`, { hint: 'choose another --target' });
  const isNew = before === undefined || isEmpty(request.target);
  const windows = platform === 'win32';
  if (request.dryRun) {
    const root = { path: request.target, descriptor: undefined };
    const names = { windows, foldsCase: windows || platform === 'darwin' };
    return { path: request.target, root, isNew, isMade: false, names, inheritsGroup: false, close: () => {} };
  }
  make(request.target);
  const real = fs.realpathSync(request.target);
  const root = openTargetRoot(real, platform);
  return {
    path: real,
    root,
    isNew,
    isMade: before === undefined,
    names: { windows, foldsCase: foldsCase(real, token) },
    inheritsGroup: platform !== 'linux' || (fs.statSync(real).mode & 0o2000) !== 0,
    close: () => {
      if (root.descriptor !== undefined) fs.closeSync(root.descriptor);
    },
  };
}

function refuseRepository(target: string, repositoryFolder: string | undefined): void {
  if (repositoryFolder === undefined) return;
  const relative = path.relative(realPathOf(repositoryFolder), realPathOf(target));
  if (relative === '' || !(relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)))
    throw new BackupError('CONFIG_INVALID', `${target} lies in the repository: nothing is restored there`, {
      hint: 'choose another --target',
    });
}

/** The path without symlinks, as far as it exists. */
function realPathOf(name: string): string {
  try {
    return fs.realpathSync(name);
  } catch (error) {
    if (!isNodeError(error, 'ENOENT', 'ENOTDIR') || path.dirname(name) === name) throw error;
    return path.join(realPathOf(path.dirname(name)), path.basename(name));
  }
}

const statOf = (name: string): fs.Stats | undefined => fs.statSync(name, { throwIfNoEntry: false });

/** A folder that cannot be listed counts as one with something in it. */
function isEmpty(folder: string): boolean {
  try {
    return fs.readdirSync(folder).length === 0;
  } catch (error) {
    if (!isNodeError(error, 'EACCES', 'EPERM')) throw error;
    return false;
  }
}

function make(target: string): void {
  try {
    makeFolders(target);
  } catch (cause) {
    const code = isNodeError(cause) ? String(cause.code) : 'UNKNOWN';
    const isDenied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
    throw new BackupError(isDenied ? 'ACCESS_DENIED' : 'FAILED', `cannot make ${target}: ${wordsOfCode(code)}`, {
      cause,
      hint: 'choose another --target, or make this folder and give yourself the right to write to it',
    });
  }
}

/** Whether the file system takes two names that differ in case for one: seen by trying. */
function foldsCase(folder: string, token: string): boolean {
  const name = path.join(folder, `${token}-case`);
  try {
    fs.writeFileSync(name, '', { flag: 'wx' });
  } catch {
    return false; // Whatever is in the way will be told of the first file.
  }
  const folds = statOf(path.join(folder, `${token}-CASE`)) !== undefined;
  fs.unlinkSync(name);
  return folds;
}
