/**
 * Creates an object so that it is there whole and durable, or not at all: written and fsynced under `tmp/`, then
 * linked to its final name, which fails if the name is taken.
 */
import { lstat, rename } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { BackupError, isNodeError } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import type { Created } from '../ports.ts';
import { isMissing, syncFolder } from './folders.ts';
import type { Folders } from './folders.ts';
import { splitKey } from './key-path.ts';
import { holdsBytes, withObjectFile } from './object-file.ts';
import { removeTemporary, writeTemporary } from './temporary-files.ts';

/** The file operations that not every file system has. A test gives others. */
export interface LocalFs {
  /** As `fs.promises.link`: fails with EEXIST if `target` exists. */
  link(existing: string, target: string): Promise<void>;
}

/** File systems without hard links, and network shares that refuse them, answer with one of these. */
const NO_LINKS = [
  'EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EINVAL', 'EISDIR', 'UNKNOWN',
]; // prettier-ignore
/** The name was taken and free again so often: somebody creates and removes the same key in a loop. */
const ATTEMPTS_MAX = 10;

export interface CreateDeps {
  readonly folders: Folders;
  readonly fs: LocalFs;
  readonly signal: AbortSignal | undefined;
}

export async function createObject(key: ObjectKey, body: readonly Uint8Array[], deps: CreateDeps): Promise<Created> {
  const temporary = await writeTemporary(deps.folders, body, deps.signal);
  try {
    return await publish(temporary, key, body, deps);
  } finally {
    await removeTemporary(temporary);
  }
}

async function publish(
  temporary: string,
  key: ObjectKey,
  body: readonly Uint8Array[],
  deps: CreateDeps,
): Promise<Created> {
  const { parents, name } = splitKey(key);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const folder = await deps.folders.ensure(parents);
    const target = join(folder, name);
    deps.signal?.throwIfAborted();
    const placed = await place(temporary, target, deps.fs);
    if (placed !== undefined) {
      await syncFolder(folder);
      return { outcome: 'created', etag: undefined, checksum: undefined, date: changed(placed) };
    }
    const same = await withObjectFile(target, key, (file) => holdsBytes(file, body, key));
    if (same === undefined) continue; // It was removed in between, or its folder was.
    await syncFolder(folder); // Who created it may have died before its name was durable.
    const date = changed(await lstat(temporary));
    return { outcome: same ? 'created' : 'already-there', etag: undefined, checksum: undefined, date };
  }
  throw new BackupError('KEY_CONFLICT', `${key} was created and removed by others again and again`, { key });
}

/** Gives the file its final name, unless that is taken: undefined. Its state afterwards tells the time of the answer. */
async function place(temporary: string, target: string, fs: LocalFs): Promise<Stats | undefined> {
  try {
    await fs.link(temporary, target);
    return await lstat(temporary);
  } catch (error) {
    if (isNodeError(error, 'EEXIST')) return undefined;
    if (isNodeError(error, 'ENOENT') && !(await isMissing(temporary))) return undefined; // The folder was removed.
    if (!isNodeError(error, ...NO_LINKS)) throw error;
    return placeByRename(temporary, target);
  }
}

/** Only the run lock, and the order of calls in this process, keep others from taking the name in between. */
async function placeByRename(temporary: string, target: string): Promise<Stats | undefined> {
  try {
    await lstat(target);
    return undefined;
  } catch (error) {
    if (!isNodeError(error, 'ENOENT')) throw error;
  }
  await rename(temporary, target);
  return lstat(target);
}

/** Linking and renaming set ctime; a file system that keeps no ctime shows the time of the last write. */
const changed = ({ ctime, mtime }: Stats): Date => (ctime > mtime ? ctime : mtime);
