/** Reads files as they are, and notices when they change meanwhile. Synchronous: it runs in a worker. */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isNodeError } from '@backup-agent/core';
import { openForReading } from '../../system/long-paths.ts';
import type { FileStat, FileToSave, SavedFile } from './protocol.ts';

/** How often a file that changes while it is read is read again before it is saved as it is. */
export const REREADS_MAX = 2;

export type Failure = Exclude<SavedFile, { outcome: 'saved' }>;

/** Opens the file, calls `use` and closes it. Errors of the file are values; errors of ours are thrown. */
export function withOpenFile<T>(file: FileToSave, use: (descriptor: number, stat: FileStat) => T): T | Failure {
  let descriptor: number | undefined;
  try {
    descriptor = openForReading(file.root, file.path);
    const stat = statOf(descriptor);
    return stat === undefined ? { outcome: 'gone' } : use(descriptor, stat);
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    if (isNodeError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return { outcome: 'gone' };
    return { outcome: 'unreadable', reason: reasonOf(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const reasonOf = (error: Error & { code?: unknown }): string => {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EBUSY':
      return 'in use by another program';
    case 'EIO':
      return 'the disk reports a read error';
    default:
      return typeof error.code === 'string' ? error.code : error.message;
  }
};

/** Of a regular file; undefined if something else has taken its place. */
export function statOf(descriptor: number): FileStat | undefined {
  const stat: BigIntStats = fstatSync(descriptor, { bigint: true });
  if (!stat.isFile()) return undefined;
  return {
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    bytes: Number(stat.size),
    mtime: stat.mtimeNs,
    ctime: stat.ctimeNs,
    // Node reads them as signed numbers.
    device: BigInt.asUintN(64, stat.dev),
    inode: BigInt.asUintN(64, stat.ino),
    links: Number(stat.nlink),
    bytesOnDisk: Number(stat.blocks) * 512,
  };
}

/** Whether a file is as it was: the same one, of the same length, not written to or changed otherwise. */
export const sameFile = (a: FileStat, b: FileStat): boolean =>
  a.bytes === b.bytes && a.mtime === b.mtime && a.ctime === b.ctime && a.inode === b.inode && a.device === b.device;

/** Fills `into` from `offset` of the file; returns how many bytes there were. */
export function readFully(descriptor: number, into: Uint8Array, offset: number): number {
  let done = 0;
  while (done < into.length) {
    const count = readSync(descriptor, into, done, into.length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}
