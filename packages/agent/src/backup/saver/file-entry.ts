/** The catalog's entry of a file as it was read. */
import { decodeEntry, encodeEntry } from '@backup-agent/core';
import type { CatalogEntry } from '@backup-agent/core';
import type { OwnerNames } from '../../system/owner-names.ts';
import { EntryLines, catalogBytesOf } from '../entry-lines.ts';
import { isRacy } from '../unchanged.ts';
import type { FileStat } from './protocol.ts';

export type NamesOfOwners = Pick<OwnerNames, 'userName' | 'groupName'>;

export interface FileRead {
  readonly root: number;
  readonly path: string;
  readonly stat: FileStat;
  /** A moment before it was opened, ms since 1970. */
  readonly opened: number;
  /** It kept changing while it was read. */
  readonly changed: boolean;
}

/** All but its chunks and its extended attributes. */
export function fileEntry({ root, path, stat, opened, changed }: FileRead, names: NamesOfOwners): CatalogEntry {
  return {
    root,
    path,
    kind: 'file',
    ...ownership(stat, names),
    size: stat.bytes,
    mtime: stat.mtime.toString(),
    ctime: stat.ctime.toString(),
    inode: stat.inode.toString(),
    ...(stat.links > 1 ? { link: `${stat.device}:${stat.inode}` } : {}),
    ...(isSparse(stat) ? { sparse: true as const } : {}),
    ...(isRacy(stat, opened) ? { racy: true as const } : {}),
    ...(changed ? { changedWhileRead: true as const } : {}),
  };
}

export function ownership({ mode, uid, gid }: { mode: number; uid: number; gid: number }, names: NamesOfOwners) {
  const user = names.userName(uid);
  const group = names.groupName(gid);
  return {
    mode,
    uid,
    gid,
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
  };
}

/** The line, in the form of entry-lines.ts, with attributes: a saver thread that makes it knows nothing of them. */
export function withXattrs(line: Uint8Array, xattrs: CatalogEntry['xattrs']): Uint8Array {
  if (xattrs === undefined) return line;
  const text = Buffer.from(catalogBytesOf(line)).toString('utf8');
  const lines = new EntryLines();
  lines.add(encodeEntry({ ...decodeEntry(text, 'an entry just made'), xattrs }));
  return lines.take();
}

/** Fewer blocks than bytes: there are holes (or the file system compresses; then holes cost nothing either). */
const isSparse = (stat: FileStat): boolean => stat.bytes > 4096 && stat.bytesOnDisk < stat.bytes - 4096;
