/** Reading the file of one object. Symbolic links, pipes and devices under a key are never opened as objects. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { damage, isNodeError } from '../../errors.ts';

/**
 * Without O_NONBLOCK a pipe planted under a key would keep us waiting for ever. Windows knows neither flag: there they
 * are undefined, which adds nothing.
 */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Large enough to be quick, small enough to keep several in memory. */
const COMPARED_BYTES = 1024 * 1024;

export interface ObjectFile {
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** Opens the file of `key`, hands it to `use` and closes it; undefined if there is none. */
export async function withObjectFile<T>(
  path: string,
  key: string,
  use: (file: ObjectFile) => Promise<T>,
): Promise<T | undefined> {
  const handle = await openObject(path, key);
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) return undefined; // A folder of objects, not an object.
    if (!stats.isFile()) throw damage(`${key} is not a regular file`, { key });
    return await use({ handle, bytes: stats.size });
  } finally {
    await handle.close();
  }
}

async function openObject(path: string, key: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, FLAGS);
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
    if (isNodeError(error, 'ELOOP', 'ENXIO')) throw damage(`${key} is not a regular file`, { key, cause: error });
    throw error;
  }
}

/** Exactly these bytes; throws OBJECT_DAMAGED if the file ends before. */
export async function readExactly(
  { handle, bytes }: ObjectFile,
  range: { readonly offset: number; readonly length: number },
  key: string,
): Promise<Buffer> {
  const { offset, length } = range;
  if (offset + length > bytes) {
    throw damage(`${key} ends at byte ${bytes}, before byte ${offset + length}`, { key });
  }
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const bytesRead = await readSome(handle, buffer, { filled, position: offset + filled }, key);
    if (bytesRead === 0) throw damage(`${key} became shorter while it was read`, { key });
    filled += bytesRead;
  }
  return buffer;
}

/** A sector that the disk cannot read costs what lies in it; that the file is open tells that the disk is there. */
async function readSome(
  handle: FileHandle,
  buffer: Buffer,
  { filled, position }: { readonly filled: number; readonly position: number },
  key: string,
): Promise<number> {
  try {
    return (await handle.read(buffer, filled, buffer.length - filled, position)).bytesRead;
  } catch (error) {
    if (!isNodeError(error, 'EIO', 'EUCLEAN', 'EBADMSG')) throw error;
    throw damage(`${key} is damaged: the disk cannot read it`, { key, cause: error });
  }
}

/** Whether the file holds just these bytes. */
export async function holdsBytes(file: ObjectFile, body: readonly Uint8Array[], key: string): Promise<boolean> {
  if (file.bytes !== body.reduce((sum, piece) => sum + piece.length, 0)) return false;
  let offset = 0;
  for (const piece of body) {
    for (let at = 0; at < piece.length; at += COMPARED_BYTES) {
      const expected = piece.subarray(at, at + COMPARED_BYTES);
      const found = await readExactly(file, { offset, length: expected.length }, key);
      if (!found.equals(expected)) return false;
      offset += expected.length;
    }
  }
  return true;
}
