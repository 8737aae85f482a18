/** Restored metadata, each part by itself: what a file system does not have costs neither the content nor the rest. */
import * as fs from 'node:fs';
import { isNodeError } from '@backup-agent/core';
import { OWNER_AS_IS } from './file-flags.ts';
import type { FileHead } from './task-format.ts';
import { fsTime } from './file-times.ts';

/** A part of the metadata that could not be set. */
export interface MetadataFailure {
  readonly what: 'owner' | 'mode' | 'time';
  /** Node's. */
  readonly code: string;
}

export interface MetadataCalls {
  owner(uid: number, gid: number): void;
  /** Undefined for symlinks, which have none. */
  readonly mode: ((mode: number) => void) | undefined;
  time(time: number | string): void;
}

type Described = Pick<FileHead, 'uid' | 'gid' | 'mode' | 'mtime'>;

const SETUID_AND_SETGID = 0o6000;

/**
 * Owner first, for a change of owner clears setuid and setgid; where the owner stays another, the two are left out: the
 * program would act for somebody else than it did.
 */
export function setMetadata({ uid, gid, mode, mtime }: Described, calls: MetadataCalls): readonly MetadataFailure[] {
  const failures: MetadataFailure[] = [];
  const attempt = (what: MetadataFailure['what'], set: () => void): void => {
    try {
      set();
    } catch (error) {
      if (!isNodeError(error)) throw error;
      failures.push({ what, code: String(error.code) });
    }
  };
  if (uid !== OWNER_AS_IS || gid !== OWNER_AS_IS) attempt('owner', () => calls.owner(chownId(uid), chownId(gid)));
  const safeMode = failures.length === 0 ? mode : mode & ~SETUID_AND_SETGID;
  attempt('mode', () => calls.mode?.(safeMode));
  attempt('time', () => calls.time(fsTime(mtime)));
  return failures;
}

/** Of an open file. */
export const setFileMetadata = (descriptor: number, head: Described): readonly MetadataFailure[] =>
  setMetadata(head, {
    owner: (uid, gid) => fs.fchownSync(descriptor, uid, gid),
    mode: (mode) => fs.fchmodSync(descriptor, mode),
    time: (time) => fs.futimesSync(descriptor, time, time),
  });

/** What chown takes for "leave it". */
const chownId = (id: number): number => (id === OWNER_AS_IS ? -1 : id);

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
