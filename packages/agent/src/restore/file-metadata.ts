/** A restored file's metadata, set on its descriptor: owner first, for a change of owner clears setuid and setgid. */
import * as fs from 'node:fs';
import { OWNER_AS_IS } from './file-flags.ts';
import type { FileHead } from './task-format.ts';
import { fsTime } from './file-times.ts';

/** Throws Node's errors. */
export function setFileMetadata(descriptor: number, head: FileHead): void {
  const { uid, gid, mode, mtime } = head;
  if (uid !== OWNER_AS_IS || gid !== OWNER_AS_IS) fs.fchownSync(descriptor, chownId(uid), chownId(gid));
  fs.fchmodSync(descriptor, mode);
  fs.futimesSync(descriptor, fsTime(mtime), fsTime(mtime));
}

/** What chown takes for "leave it". */
export const chownId = (id: number): number => (id === OWNER_AS_IS ? -1 : id);

const O_PATH = 0o10_000_000;

/** chmod of what has this name, never of what a symlink with this name leads to. Throws Node's errors. */
export function setModeOfItself(place: string | Buffer, mode: number, platform: NodeJS.Platform): void {
  if (platform !== 'linux') return fs.lchmodSync(place, mode);
  const descriptor = fs.openSync(place, O_PATH | fs.constants.O_NOFOLLOW);
  try {
    fs.chmodSync(`/proc/self/fd/${descriptor}`, mode);
  } finally {
    fs.closeSync(descriptor);
  }
}
