/** Whether a file is as an earlier run saved it, so that it need not be read. */
import type { CatalogEntry } from '@backup-agent/core';
import type { WalkedEntry } from '../walk/walked-entry.ts';
import type { BackupJob } from './job.ts';

/** A file written to so shortly before it was opened may be written to again within the same tick of its clock. */
const RACY_NS = 2_000_000_000n;

export function isUnchanged(
  saved: CatalogEntry,
  walked: WalkedEntry,
  job: Pick<BackupJob, 'force' | 'ignoreInode' | 'ignoreCtime'>,
): boolean {
  return (
    saved.kind === walked.kind &&
    saved.mode === walked.mode &&
    saved.uid === walked.uid &&
    saved.gid === walked.gid &&
    saved.unreadableSince === undefined &&
    saved.mtime === walked.mtime.toString() &&
    (job.ignoreCtime || saved.ctime === walked.ctime.toString()) &&
    (job.ignoreInode || saved.inode === walked.inode.toString()) &&
    (saved.kind !== 'file' || isSameContent(saved, walked, job)) &&
    (saved.kind !== 'symlink' || saved.target === walked.target)
  );
}

const isSameContent = (saved: CatalogEntry, walked: WalkedEntry, job: Pick<BackupJob, 'force'>): boolean =>
  !job.force && saved.size === walked.size && saved.racy === undefined && saved.changedWhileRead === undefined;

/**
 * Whether a change right after this read could leave all times as they are. `opened`: a moment before the file was
 * opened, ms since 1970.
 */
export const isRacy = (times: { readonly mtime: bigint; readonly ctime: bigint }, opened: number): boolean => {
  const limit = BigInt(Math.floor(opened)) * 1_000_000n - RACY_NS;
  return times.mtime > limit || times.ctime > limit;
};
