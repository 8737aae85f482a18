/**
 * Files under `tmp/`: bodies that are not complete, and the clock. Store time is the mtime of a file just made there,
 * so that a repository on a network share goes by one clock, the server's.
 */
import { randomBytes } from 'node:crypto';
import { lstat, open, opendir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isNodeError } from '../../errors.ts';
import type { Folders } from './folders.ts';

export const TEMPORARY_FOLDER = 'tmp';

const OWN_NAME = /^[0-9a-f]{32}\.part$/;
const FILE_MODE = 0o600;
/** A file that nobody wrote to for so long belongs to a process that died. */
const LEFTOVER_AGE_MS = 24 * 60 * 60_000;
/** Buffers per writev: systems refuse more than 1024. */
const PIECES_PER_WRITE = 512;

/** Makes a file with a name that nobody else has, hands it to `write`, and gives its path. */
async function makeTemporary(folders: Folders, write: (handle: FileHandle) => Promise<void>): Promise<string> {
  const path = join(await folders.ensure([TEMPORARY_FOLDER]), `${randomBytes(16).toString('hex')}.part`);
  const handle = await open(path, 'wx', FILE_MODE);
  try {
    try {
      await write(handle);
    } finally {
      await handle.close();
    }
    return path;
  } catch (error) {
    await removeTemporary(path);
    throw error;
  }
}

/** A temporary file of these bytes, on the disk. */
export async function writeTemporary(
  folders: Folders,
  body: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<string> {
  return makeTemporary(folders, async (handle) => {
    let pending = body.filter((piece) => piece.length > 0);
    while (pending.length > 0) {
      signal?.throwIfAborted();
      const batch = pending.slice(0, PIECES_PER_WRITE);
      const { bytesWritten } = await handle.writev(batch);
      pending = [...withoutFirst(batch, bytesWritten), ...pending.slice(PIECES_PER_WRITE)];
    }
    await handle.sync();
  });
}

/** What is left of the pieces when the first `bytes` are written: a write may end anywhere. */
function withoutFirst(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let written = bytes;
  return pieces.flatMap((piece) => {
    const here = Math.min(written, piece.length);
    written -= here;
    return here === piece.length ? [] : [piece.subarray(here)];
  });
}

export async function removeTemporary(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return;
    // On Windows a virus scanner may hold what was just written; a later opening of the repository removes it.
    if (process.platform !== 'win32' || !isNodeError(error, 'EBUSY', 'EPERM', 'EACCES')) throw error;
  }
}

/** The store's time now. Writes nothing that stays. */
export async function storeTime(folders: Folders): Promise<Date> {
  let time = new Date(0);
  const path = await makeTemporary(folders, async (handle) => {
    time = (await handle.stat()).mtime;
  });
  await removeTemporary(path);
  return time;
}

/** Removes what processes that died left behind more than a day ago; run locks and strangers' files stay. */
export async function removeLeftovers(folders: Folders): Promise<void> {
  const now = await storeTime(folders);
  const folder = await folders.ensure([TEMPORARY_FOLDER]);
  for await (const { name } of await opendir(folder)) {
    if (OWN_NAME.test(name) && (await isLeftover(join(folder, name), now))) await removeTemporary(join(folder, name));
  }
}

async function isLeftover(path: string, now: Date): Promise<boolean> {
  try {
    const stats = await lstat(path);
    return stats.isFile() && now.getTime() - stats.mtime.getTime() > LEFTOVER_AGE_MS;
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return false; // Its process has just finished with it.
    throw error;
  }
}
