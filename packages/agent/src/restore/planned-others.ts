/** How each thing that is made after the files gets its place and its metadata, and what becomes of it if it fails. */
import * as fs from 'node:fs';
import { isNodeError, pathToBytes } from '@backup-agent/core';
import { isFatal, wordsOf } from './entry-planner.ts';
import type { PlannedOther } from './entry-planner.ts';
import { setMetadata } from './file-metadata.ts';
import { secondsOf } from './file-times.ts';
import { ownershipOf } from './owners.ts';
import type { RestoreRun } from './restore-run.ts';

export function attempt(run: RestoreRun, other: PlannedOther, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!isNodeError(error) || isFatal(error)) throw error;
    run.tally.problem(pathOf(run, other), wordsOf(error));
  }
}

/** Makes it under its name, or under another and then puts it in the place of what is there. */
export function make<Made>(run: RestoreRun, other: PlannedOther, create: (place: string | Buffer) => Made): Made {
  const { handles } = run.folders;
  if (!other.replaces) return create(handles.entry(other.folder, other.name));
  const temporary = `${run.token}-other`;
  try {
    const made = create(handles.entry(other.folder, temporary));
    const folder = handles.path(other.folder);
    fs.renameSync(pathToBytes(`${folder}/${temporary}`), pathToBytes(`${folder}/${other.name}`));
    return made;
  } finally {
    // Renaming a name onto another of the same file does nothing, and leaves the first.
    fs.rmSync(handles.entry(other.folder, temporary), { force: true });
  }
}

/** Gives it its metadata, never to what a symlink leads to. `mode`: how it gets one, if it has one. */
export function describe(
  run: RestoreRun,
  other: PlannedOther,
  place: string | Buffer,
  mode: ((mode: number) => void) | undefined,
): void {
  const { entry } = other;
  const unset = setMetadata(
    { ...ownershipOf(entry, run.ownership), mtime: secondsOf(entry.mtime) },
    {
      owner: (uid, gid) => fs.lchownSync(place, uid, gid),
      mode,
      time: (time) => fs.lutimesSync(place, time, time),
    },
  );
  run.metadataLosses.note(pathOf(run, other), unset);
}

export const pathOf = (run: RestoreRun, { folder, name }: PlannedOther): string => run.folders.pathOf(folder, name);
