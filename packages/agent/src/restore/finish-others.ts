/** What is made after the files: further names, symlinks, FIFOs, extended attributes, and the folders' own metadata. */
import * as fs from 'node:fs';
import { isNodeError, pathToBytes } from '@backup-agent/core';
import { wordsOf } from './entry-planner.ts';
import type { EntryPlanner, PlannedOther, PlannedXattrs } from './entry-planner.ts';
import { setMetadata, setModeOfItself } from './file-metadata.ts';
import { TARGET_FOLDER } from './folder-handles.ts';
import { makeHardLinks } from './hard-links.ts';
import { attempt, describe, make, pathOf } from './planned-others.ts';
import type { RestoreRun } from './restore-run.ts';
import { forTools, wordsOfPlace } from './tool-places.ts';

/** `lost`: files that could not be restored, and why. Throws Node's errors only where nothing else can be written. */
export async function finishOthers(
  run: RestoreRun,
  planner: EntryPlanner,
  lost: ReadonlyMap<number, string>,
): Promise<void> {
  makeHardLinks(run, planner, lost);
  for (const other of planner.symlinks) attempt(run, other, () => makeSymlink(run, other));
  await makeFifos(run, planner.fifos);
  await writeXattrs(run, planner, lost);
  finishFolders(run, 0);
}

const OWNER_MAY_ALL = 0o700;

/**
 * The restore ends early: what is there gets its metadata, for a repeat may take it as it is. Folders stay open to their
 * owner, or the repeat could put nothing into them. As far as it goes: what ended the restore is told, not this.
 */
export async function finishEarly(run: RestoreRun, planner: EntryPlanner, missing: Missing): Promise<void> {
  try {
    await writeXattrs(run, planner, missing);
    finishFolders(run, OWNER_MAY_ALL);
  } catch (error) {
    run.tally.detail(`metadata of what was restored is not complete: ${String(error)}`);
  }
}

function makeSymlink(run: RestoreRun, other: PlannedOther): void {
  const { entry } = other;
  make(run, other, (place) => {
    fs.symlinkSync(pathToBytes(entry.target ?? ''), place);
    describe(run, other, place, undefined);
  });
  run.tally.counts.symlinks++;
}

async function makeFifos(run: RestoreRun, others: readonly PlannedOther[]): Promise<void> {
  if (others.length === 0) return;
  const { metadata } = run.deps;
  if (metadata === undefined) {
    for (const other of others) run.tally.problem(pathOf(run, other), 'this system has no tool to make FIFOs');
    return;
  }
  for (const other of others)
    if (other.replaces) attempt(run, other, () => fs.unlinkSync(run.folders.handles.entry(other.folder, other.name)));
  await forTools(run, others, async (byPath) => {
    const missing = new Set<PlannedOther>();
    for (const { path, reason } of await metadata.makeFifos([...byPath.keys()])) {
      const other = byPath.get(path) as PlannedOther;
      run.tally.problem(pathOf(run, other), reason);
      missing.add(other);
    }
    for (const other of byPath.values()) if (!missing.has(other)) attempt(run, other, () => describeFifo(run, other));
  });
}

function describeFifo(run: RestoreRun, other: PlannedOther): void {
  const place = run.folders.handles.entry(other.folder, other.name);
  describe(run, other, place, (mode) => setModeOfItself(place, mode, run.deps.system.platform));
  run.tally.counts.fifos++;
}

interface Missing {
  /** Whether the file is not restored: in its place there may be another, which is none of ours. */
  has(file: number): boolean;
}

/** Before folders get their modes: one that nobody may enter would hide what is in it. */
async function writeXattrs(run: RestoreRun, planner: EntryPlanner, missing: Missing): Promise<void> {
  const wanted: PlannedXattrs[] = planner.xattrs.filter(({ file }) => file === undefined || !missing.has(file));
  for (const { id, metadata } of run.folders.described())
    if (metadata.xattrs !== undefined) wanted.push({ folder: id, name: '', file: undefined, xattrs: metadata.xattrs });
  if (wanted.length === 0) return;
  const { metadata } = run.deps;
  if (metadata === undefined) {
    run.tally.warning(`extended attributes of ${wanted.length} files and folders are not restored: no tools for them`);
    return;
  }
  await forTools(run, wanted, async (byPath) => {
    const xattrs = new Map([...byPath].map(([path, place]) => [path, place.xattrs]));
    for (const { path, reason } of await metadata.writeXattrs(xattrs))
      run.tally.problem(wordsOfPlace(run, byPath.get(path) as PlannedXattrs), `extended attributes: ${reason}`);
  });
}

/** Deepest first: what is made in a folder changes its time. `modeToo`: bits that each gets besides its own. */
function finishFolders(run: RestoreRun, modeToo: number): void {
  for (const { id, metadata } of run.folders.described()) {
    const path = id === TARGET_FOLDER ? '.' : run.folders.pathOf(id);
    try {
      const place = run.folders.handles.path(id);
      const unset = setMetadata(metadata, {
        owner: (uid, gid) => fs.chownSync(place, uid, gid),
        mode: (mode) => fs.chmodSync(place, mode | modeToo),
        time: (time) => fs.utimesSync(place, time, time),
      });
      run.metadataLosses.note(path, unset);
    } catch (error) {
      if (!isNodeError(error)) throw error;
      run.tally.problem(path, `its metadata: ${wordsOf(error)}`); // It is no longer the folder that was made.
    }
  }
  if (run.request.fsync) for (const id of run.folders.all()) syncFolder(run, id);
}

function syncFolder(run: RestoreRun, id: number): void {
  try {
    const descriptor = fs.openSync(run.folders.handles.path(id), 'r');
    fs.fsyncSync(descriptor);
    fs.closeSync(descriptor);
  } catch (error) {
    // Windows cannot, and a folder may not be readable for whoever restores.
    if (!isNodeError(error, 'EPERM', 'EACCES', 'EISDIR', 'EINVAL')) throw error;
  }
}
