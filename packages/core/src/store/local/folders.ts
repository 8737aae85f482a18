/**
 * The folders of a local repository: made when an object needs them, durable before anything in them counts as
 * durable, and never entered through a symbolic link, so that nobody makes us write elsewhere.
 */
import { lstat, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Stats } from 'node:fs';
import { BackupError, isNodeError } from '../../errors.ts';
import { makeFolders } from './make-folders.ts';

/** Documents lie in it unencrypted: nobody else may read them. */
const FOLDER_MODE = 0o700;

export interface Folders {
  readonly root: string;
  /**
   * The path of the folder of these names under the root; makes what is missing, but not the root, and is durable.
   * Throws ACCESS_DENIED if a part of the way is a symbolic link.
   */
  ensure(names: readonly string[]): Promise<string>;
  /** The same path if all of its folders exist, else undefined. */
  find(names: readonly string[]): Promise<string | undefined>;
}

export function foldersUnder(root: string): Folders {
  /** Folders whose entry in their parent this process has seen fsynced. Those of a process that died may not be. */
  const durable = new Set<string>();

  const ensureOne = async (parent: string, folder: string): Promise<void> => {
    if ((await findFolder(folder)) === undefined) {
      durable.delete(folder);
      await makeFolder(folder);
    }
    if (durable.has(folder)) return;
    await syncFolder(parent);
    durable.add(folder);
  };

  return {
    root,
    async ensure(names) {
      let folder = root;
      for (const name of names) {
        const parent = folder;
        folder = join(parent, name);
        await ensureOne(parent, folder);
      }
      return folder;
    },
    async find(names) {
      let folder = root;
      for (const name of names) {
        folder = join(folder, name);
        if ((await findFolder(folder)) === undefined) return undefined;
      }
      return folder;
    },
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (!isNodeError(error, 'EEXIST')) throw error;
    await findFolder(folder); // Somebody else made it meanwhile: it has to be a folder all the same.
  }
}

/** What lies there, if anything; throws if that is not a folder. */
async function findFolder(folder: string): Promise<Stats | undefined> {
  try {
    const stats = await lstat(folder);
    if (stats.isDirectory()) return stats;
    const what = stats.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
    throw new BackupError(
      'ACCESS_DENIED',
      `the repository's folder ${folder} is ${what}: refusing to write through it`,
      {
        hint: 'replace it by a real folder; to move a repository, move all of it',
      },
    );
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Makes the root itself, with its parents. */
export async function makeRoot(root: string): Promise<void> {
  const first = makeFolders(root, FOLDER_MODE);
  if (first === undefined) return;
  for (let folder = root; folder.length >= first.length; folder = dirname(folder)) await syncFolder(dirname(folder));
}

export async function isMissing(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'ENOTDIR')) return true;
    throw error;
  }
}

/** Resolves when the entries of this folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows has no fsync for folders; NTFS journals the entries itself.
    if (process.platform !== 'win32' || !isNodeError(error, 'EPERM', 'EISDIR', 'EINVAL')) throw error;
  }
}
