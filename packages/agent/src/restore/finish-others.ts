/** What is made after the files: further names, symlinks, FIFOs, extended attributes, and the folders' own metadata. */
import * as fs from 'node:fs';
import { isNodeError, pathToBytes } from '@backup-agent/core';
import { isFatal, wordsOf } from './entry-planner.ts';
import type { EntryPlanner, PlannedOther } from './entry-planner.ts';
import { setMetadata, setModeOfItself } from './file-metadata.ts';
import { secondsOf } from './file-times.ts';
import { TARGET_FOLDER } from './folder-handles.ts';
import { ownershipOf } from './owners.ts';
import type { RestoreRun } from './restore-run.ts';

/** `lost`: files that could not be restored, and why. Throws Node's errors only where nothing else can be written. */
export async function finishOthers(
  run: RestoreRun,
  planner: EntryPlanner,
  lost: ReadonlyMap<number, string>,
): Promise<void> {
  makeHardLinks(run, planner.hardLinks, lost);
  for (const other of planner.symlinks) attempt(run, other, () => makeSymlink(run, other));
  await makeFifos(run, planner.fifos);
  await writeXattrs(run, planner, lost.keys());
  finishFolders(run, 0);
}

const OWNER_MAY_ALL = 0o700;

/**
 * The restore ends early: what is there gets its metadata, for a repeat may take it as it is. Folders stay open to their
 * owner, or the repeat could put nothing into them. As far as it goes: what ended the restore is told, not this.
 */
export async function finishEarly(run: RestoreRun, planner: EntryPlanner, missing: Iterable<number>): Promise<void> {
  try {
    await writeXattrs(run, planner, missing);
    finishFolders(run, OWNER_MAY_ALL);
  } catch (error) {
    run.tally.detail(`metadata of what was restored is not complete: ${String(error)}`);
  }
}

/** A further name of a file that was lost is lost for the same reason. */
function makeHardLinks(run: RestoreRun, others: readonly PlannedOther[], lost: ReadonlyMap<number, string>): void {
  for (const other of others) {
    const { first } = other;
    if (first === undefined) continue;
    const reason = first.file === undefined ? undefined : lost.get(first.file);
    if (reason !== undefined) {
      run.tally.problem(pathOf(run, other), reason);
      continue;
    }
    attempt(run, other, () => {
      const from = run.folders.handles.entry(first.folder, first.name);
      make(run, other, (place) => fs.linkSync(from, place));
      run.tally.counts.hardLinks++;
    });
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

/** Makes it under its name, or under another and then puts it in the place of what is there. */
function make(run: RestoreRun, other: PlannedOther, create: (place: string | Buffer) => void): void {
  const { handles } = run.folders;
  if (!other.replaces) return create(handles.entry(other.folder, other.name));
  const temporary = `${run.token}-other`;
  try {
    create(handles.entry(other.folder, temporary));
    const folder = handles.path(other.folder);
    fs.renameSync(pathToBytes(`${folder}/${temporary}`), pathToBytes(`${folder}/${other.name}`));
  } finally {
    // Renaming a name onto another of the same file does nothing, and leaves the first.
    fs.rmSync(handles.entry(other.folder, temporary), { force: true });
  }
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
  const byPath = new Map(others.map((other) => [absolutePath(run, pathOf(run, other)), other]));
  const problems = await metadata.makeFifos([...byPath.keys()]);
  for (const { path, reason } of problems) {
    run.tally.problem(pathOf(run, byPath.get(path) as PlannedOther), reason);
    byPath.delete(path);
  }
  for (const other of byPath.values()) attempt(run, other, () => describeFifo(run, other));
}

function describeFifo(run: RestoreRun, other: PlannedOther): void {
  const place = run.folders.handles.entry(other.folder, other.name);
  describe(run, other, place, (mode) => setModeOfItself(place, mode, run.deps.system.platform));
  run.tally.counts.fifos++;
}

function describe(
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

/** Before folders get their modes: one that nobody may enter would hide what is in it. */
async function writeXattrs(run: RestoreRun, planner: EntryPlanner, missing: Iterable<number>): Promise<void> {
  const wanted = new Map<string, Readonly<Record<string, string>>>();
  // In the place of a file that could not be restored there may be another, which is none of ours.
  const missingPaths = new Set<string>();
  if (planner.xattrs.size > 0) for (const file of missing) missingPaths.add(run.pathOf(planner.files, file));
  for (const [path, xattrs] of planner.xattrs) if (!missingPaths.has(path)) wanted.set(absolutePath(run, path), xattrs);
  for (const { id, metadata } of run.folders.described())
    if (metadata.xattrs !== undefined) wanted.set(absolutePath(run, run.folders.pathOf(id)), metadata.xattrs);
  if (wanted.size === 0) return;
  if (run.deps.metadata === undefined) {
    run.tally.warning(`extended attributes of ${wanted.size} files and folders are not restored: no tools for them`);
    return;
  }
  const prefix = `${run.target.path}/`;
  for (const { path, reason } of await run.deps.metadata.writeXattrs(wanted))
    run.tally.problem(path.startsWith(prefix) ? path.slice(prefix.length) : path, `extended attributes: ${reason}`);
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

function attempt(run: RestoreRun, other: PlannedOther, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!isNodeError(error) || isFatal(error)) throw error;
    run.tally.problem(pathOf(run, other), wordsOf(error));
  }
}

const pathOf = (run: RestoreRun, { folder, name }: PlannedOther): string => run.folders.pathOf(folder, name);
const absolutePath = (run: RestoreRun, path: string): string =>
  path === '' ? run.target.path : `${run.target.path}/${path}`;
