/** Further names of restored files; where the target has no hard links, copies. */
import * as fs from 'node:fs';
import { isNodeError } from '@backup-agent/core';
import type { EntryPlanner, PlannedOther } from './entry-planner.ts';
import { setFileMetadata } from './file-metadata.ts';
import { secondsOf } from './file-times.ts';
import { NameSample } from './name-sample.ts';
import { ownershipOf } from './owners.ts';
import { attempt, make, pathOf } from './planned-others.ts';
import type { RestoreRun } from './restore-run.ts';
import { writeAll, writeSparsely } from './write-bytes.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
/** A multiple of the blocks that become holes. */
const COPY_BYTES = 1024 * 1024;

/** What systems answer where a file cannot get a further name; Node on Windows says EISDIR of exFAT. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EISDIR', 'EXDEV'];

export const isForLackOfLinks = (error: unknown): boolean => isNodeError(error, ...NO_LINKS);

/** A further name of a file that was lost is lost for the same reason. */
export function makeHardLinks(run: RestoreRun, planner: EntryPlanner, lost: ReadonlyMap<number, string>): void {
  const copies = new NameSample();
  for (const other of planner.hardLinks) {
    const { first } = other;
    if (first === undefined) continue;
    const reason = first.file === undefined ? undefined : lost.get(first.file);
    if (reason !== undefined) {
      run.tally.problem(pathOf(run, other), reason);
      continue;
    }
    attempt(run, other, () => {
      const from = run.folders.handles.entry(first.folder, first.name);
      const isCopy = make(run, other, (place) => linkOrCopy(run, other, from, place));
      if (isCopy) {
        copies.add(pathOf(run, other));
        planner.noteXattrs(other);
      } else run.tally.counts.hardLinks++;
    });
  }
  if (copies.count > 0)
    run.tally.warning(`hard links cannot be made here, copies are made instead (${copies.count}): ${copies.words}`);
}

/** Whether it is a copy. */
function linkOrCopy(run: RestoreRun, other: PlannedOther, from: string | Buffer, place: string | Buffer): boolean {
  try {
    fs.linkSync(from, place);
    return false;
  } catch (error) {
    if (!isForLackOfLinks(error)) throw error;
  }
  const source = fs.openSync(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!fs.fstatSync(source).isFile()) throw somethingElse();
    copy(run, other, source, place);
  } finally {
    fs.closeSync(source);
  }
  return true;
}

function copy(run: RestoreRun, other: PlannedOther, source: number, place: string | Buffer): void {
  const { entry } = other;
  const { counts } = run.tally;
  const descriptor = fs.openSync(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const bytes = copyBytes(source, descriptor, entry.sparse === true && run.request.sparse);
    if (bytes !== entry.size) throw somethingElse();
    const metadata = { ...ownershipOf(entry, run.ownership), mtime: secondsOf(entry.mtime) };
    run.metadataLosses.note(pathOf(run, other), setFileMetadata(descriptor, metadata));
    if (run.request.fsync) fs.fsyncSync(descriptor);
    counts.files++;
    counts.bytes += bytes;
  } catch (error) {
    fs.unlinkSync(place); // Never half a file under its name.
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

function copyBytes(source: number, descriptor: number, isSparse: boolean): number {
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  const write = isSparse ? writeSparsely : writeAll;
  let at = 0;
  for (let read: number; (read = fs.readSync(source, buffer, 0, COPY_BYTES, at)) > 0; at += read)
    write(descriptor, buffer.subarray(0, read), at);
  fs.ftruncateSync(descriptor, at);
  return at;
}

const somethingElse = (): Error =>
  Object.assign(new Error('its first name is no longer the file that was restored'), { code: 'REASON' });
