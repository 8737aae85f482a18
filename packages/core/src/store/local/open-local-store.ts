/**
 * A repository in a folder. Objects are files named by their keys; they are created exclusively and durably, and never
 * changed. docs/repository-format.md names the layout.
 */
import { link, stat, unlink } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { join, resolve } from 'node:path';
import { BackupError, damage, isNodeError } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import { repositoryKey } from '../../keys.ts';
import type { ObjectStore } from '../ports.ts';
import { createObject } from './create-object.ts';
import type { LocalFs } from './create-object.ts';
import { foldersUnder, isMissing, makeRoot, syncFolder } from './folders.ts';
import type { Folders } from './folders.ts';
import { splitKey } from './key-path.ts';
import { listFolders, listObjects } from './list-objects.ts';
import { inOurWords, rootMissing, rootReplaced } from './local-errors.ts';
import { readExactly, withObjectFile } from './object-file.ts';
import { takeTurns } from './take-turns.ts';
import { removeLeftovers } from './temporary-files.ts';

export interface LocalStoreOptions {
  readonly folder: string;
  /** After it every call rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Makes the folder, and its parents, if it does not exist. */
  readonly create?: boolean;
  readonly fs?: LocalFs;
}

/**
 * Opens the repository in `folder`. Throws REPOSITORY_MISSING if the folder does not exist and is not to be made,
 * ACCESS_DENIED, DISK_FULL, or CONFIG_INVALID if it is not a folder.
 */
export async function openLocalStore(options: LocalStoreOptions): Promise<ObjectStore> {
  const { signal, fs = { link } } = options;
  const root = resolve(options.folder);
  const opened = await inOurWords('open the repository', root, () => openRoot(root, options.create === true));
  const folders = foldersUnder(root);
  const turns = takeTurns();
  let leftovers: Promise<void> | undefined;
  const beforeWriting = (): Promise<void> =>
    (leftovers ??= removeLeftovers(folders).catch((error: unknown) => {
      leftovers = undefined; // A disk that was full may have space when the next object comes.
      throw error;
    }));
  const doing = <T>(what: string, operation: () => Promise<T>): Promise<T> =>
    inOurWords(what, root, async () => {
      signal?.throwIfAborted();
      await requireSame(root, opened);
      try {
        return await operation();
      } finally {
        await requireSame(root, opened); // Whatever came of it, it says nothing of a repository that is away.
      }
    });

  if (options.create === true) await doing('open the repository', beforeWriting);
  return {
    location: root,
    list: (prefix) => doing(`list ${prefix}`, () => listObjects(prefix, { folders, signal })),
    listFolders: (prefix) => doing(`list ${prefix}`, () => listFolders(prefix, { folders, signal })),
    find: (key, bytesMax) => doing(`read ${key}`, () => findObject(root, key, bytesMax)),
    read: (key, bytesMax) =>
      doing(`read ${key}`, async () => (await findObject(root, key, bytesMax)) ?? objectMissing(root, key)),
    readRange: (key, offset, length) =>
      doing(`read ${key}`, async () => {
        const range = await withObjectFile(pathOf(root, key), key, (file) =>
          readExactly(file, { offset, length }, key),
        );
        return range ?? objectMissing(root, key);
      }),
    create: (key, body) =>
      doing(`create ${key}`, async () => {
        await beforeWriting();
        return turns(key, () => createObject(key, body, { folders, fs, signal }));
      }),
    remove: (key) => doing(`remove ${key}`, () => turns(key, () => removeObject(folders, key))),
  };
}

async function openRoot(root: string, create: boolean): Promise<BigIntStats> {
  try {
    if (create) await makeRoot(root);
    const stats = await stat(root, { bigint: true });
    if (stats.isDirectory()) return stats;
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) throw rootMissing(root, error);
    if (!isNodeError(error, 'EEXIST', 'ENOTDIR')) throw error;
  }
  throw new BackupError('CONFIG_INVALID', `${root} is not a folder`, {
    hint: 'name a folder for the repository',
  });
}

/**
 * A disk may be unplugged while it is in use: what is written from then on would go into the empty mount point, and what
 * is not found there would count as removed.
 */
async function requireSame(root: string, opened: BigIntStats): Promise<void> {
  try {
    const { dev, ino } = await stat(root, { bigint: true });
    // Some network drives give a folder another inode number from time to time; an empty mount point has no repository.
    if (dev === opened.dev && (ino === opened.ino || !(await isMissing(join(root, repositoryKey()))))) return;
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) throw rootMissing(root, error);
    throw error;
  }
  throw rootReplaced(root);
}

const pathOf = (root: string, key: ObjectKey): string => {
  const { parents, name } = splitKey(key);
  return join(root, ...parents, name);
};

async function findObject(root: string, key: ObjectKey, bytesMax: number): Promise<Buffer | undefined> {
  return withObjectFile(pathOf(root, key), key, (file) => {
    if (file.bytes <= bytesMax) return readExactly(file, { offset: 0, length: file.bytes }, key);
    throw damage(`${key} has ${file.bytes} bytes, more than the ${bytesMax} it may have`, { key });
  });
}

function objectMissing(root: string, key: ObjectKey): never {
  throw new BackupError('OBJECT_MISSING', `${key} is missing in ${root}`, { key });
}

/** Durable like a creation: packs go after the snapshots that needed them, so no snapshot may come back. */
async function removeObject(folders: Folders, key: ObjectKey): Promise<void> {
  const { parents, name } = splitKey(key);
  const folder = await folders.find(parents);
  if (folder === undefined) return;
  try {
    await unlink(join(folder, name));
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return;
    throw error;
  }
  await syncFolder(folder);
}
