/**
 * Turns catalog entries, in order, into what is to be made below the target. Folders are made at once; files are
 * planned in flat arrays; the few others are lists.
 */
import { hash } from 'node:crypto';
import type * as fs from 'node:fs';
import { isEscapedPath, isNodeError, isSafePath, pathToBytes } from '@backup-agent/core';
import type { CatalogEntry, SnapshotRoot } from '@backup-agent/core';
import { wordsOfCode } from '../walk/error-words.ts';
import { ESCAPED_NAME, IN_PLACE, REPLACES, SPARSE } from './file-flags.ts';
import { FilePlan } from './file-plan.ts';
import { secondsOf } from './file-times.ts';
import { TARGET_FOLDER } from './folder-handles.ts';
import type { RestoreRequest } from './job.ts';
import { differenceOf, KeptFiles } from './kept-files.ts';
import { ownershipOf } from './owners.ts';
import type { OwnershipRules } from './owners.ts';
import type { PathFilter } from './path-filter.ts';
import type { Selection } from './selection.ts';
import type { Tally } from './tally.ts';
import type { TargetFolders } from './target-folders.ts';
import { mayRename, nameFor } from './target-names.ts';
import type { Target } from './target.ts';

/** A symlink, FIFO or further name of a file, to be made after the files. */
export interface PlannedOther {
  readonly entry: CatalogEntry;
  readonly folder: number;
  readonly name: string;
  readonly replaces: boolean;
  /** Of a further name. */
  readonly first?: FirstName;
}

/** The name under which a file with several names is restored, or found as it should be. */
export interface FirstName {
  readonly folder: number;
  readonly name: string;
  /** Number of the planned file; undefined if it is there already. */
  readonly file: number | undefined;
}

/** Extended attributes of a file. */
export interface PlannedXattrs {
  readonly folder: number;
  readonly name: string;
  /** Number of the planned file; undefined if it is there for certain. */
  readonly file: number | undefined;
  readonly xattrs: Readonly<Record<string, string>>;
}

export interface PlannerInput {
  readonly request: RestoreRequest;
  readonly ownership: OwnershipRules;
  readonly target: Target;
  readonly folders: TargetFolders;
  readonly filter: PathFilter;
  readonly roots: readonly SnapshotRoot[];
  readonly tally: Tally;
}

/** A folder on the way to the entry at hand, as its path was in the snapshot. */
interface Frame {
  readonly path: string;
  /** A reason: nothing can be put into it. Undefined: made when something is. */
  folder: number | string | undefined;
  readonly entry: CatalogEntry | undefined;
  readonly names: Set<string>;
}

export class EntryPlanner {
  readonly files = new FilePlan();
  readonly symlinks: PlannedOther[] = [];
  readonly fifos: PlannedOther[] = [];
  readonly hardLinks: PlannedOther[] = [];
  readonly xattrs: PlannedXattrs[] = [];
  readonly kept: KeptFiles;
  readonly #input: PlannerInput;
  readonly #firstNames = new Map<string, FirstName>();
  #frames: Frame[] = [{ path: '', folder: TARGET_FOLDER, entry: undefined, names: new Set() }];
  #ownersChanged = false;

  constructor(input: PlannerInput) {
    this.#input = input;
    this.kept = new KeptFiles(input.tally);
  }

  /** Whether an owner or group could not be kept. */
  get ownersChanged(): boolean {
    return this.#ownersChanged;
  }

  /** Entries come in the catalog's order, each once: CatalogView sees to it. */
  add(entry: CatalogEntry, selection: Selection): void {
    const path = this.#pathBelowTarget(entry, selection);
    if (!isSafePath(path)) return this.#input.tally.problem(path, 'its path would lead out of the target');
    try {
      this.#place(entry, path, selection);
    } catch (error) {
      if (!isNodeError(error) || isFatal(error)) throw error;
      this.#input.tally.problem(path, wordsOf(error));
    }
  }

  /** Where the entry goes, with the names it had in the snapshot. */
  #pathBelowTarget(entry: CatalogEntry, { path, isTop, root }: Selection): string {
    const { roots } = this.#input;
    const label = roots[root]?.label ?? `root ${root}`;
    if (isTop && entry.path !== path) return path === '' ? entry.path : entry.path.slice(path.length + 1);
    if (isTop && entry.kind === 'folder') return '';
    if (isTop) return entry.path === '' ? label : entry.path.slice(entry.path.lastIndexOf('/') + 1);
    if (roots.length === 1) return entry.path === '' && entry.kind !== 'folder' ? label : entry.path;
    return entry.path === '' ? label : `${label}/${entry.path}`;
  }

  #place(entry: CatalogEntry, path: string, selection: Selection): void {
    const isFolder = entry.kind === 'folder';
    const isWanted = this.#input.filter.wants(entry.path, isFolder) && !selection.alone;
    if (path === '') {
      this.#describe(TARGET_FOLDER, entry); // Only folders have this path.
      return;
    }
    const frame = this.#frameAbove(path);
    if (isFolder) {
      this.#frames.push({ path, folder: undefined, entry, names: new Set() });
      if (isWanted) this.#make(this.#frames.length - 1);
    } else if (isWanted) {
      this.#plan(entry, this.#make(this.#frames.length - 1), path, frame);
      this.#frames.push({ path, folder: 'what it lies in is no folder', entry, names: new Set() });
    }
  }

  /** The frame of the entry's folder; makes frames for folders that the catalog does not have. */
  #frameAbove(path: string): Frame {
    while (!isAbove((this.#frames.at(-1) as Frame).path, path)) this.#frames.pop();
    const end = path.lastIndexOf('/');
    for (let at = (this.#frames.at(-1) as Frame).path.length; at < end;) {
      const next = path.indexOf('/', at + 1);
      this.#frames.push({ path: path.slice(0, next), folder: undefined, entry: undefined, names: new Set() });
      at = next;
    }
    return this.#frames.at(-1) as Frame;
  }

  /** The number of a frame's folder, made together with those above. Throws Node's errors. */
  #make(depth: number): number {
    const frame = this.#frames[depth] as Frame;
    if (typeof frame.folder === 'string') throw Object.assign(new Error(frame.folder), { code: 'REASON' });
    if (frame.folder !== undefined) return frame.folder;
    const parent = this.#make(depth - 1);
    const above = this.#frames[depth - 1] as Frame;
    const wanted = frame.path.slice(frame.path.lastIndexOf('/') + 1);
    try {
      const name = this.#nameIn(above, wanted, parent);
      frame.folder = this.#input.folders.make(parent, name);
    } catch (error) {
      if (!isNodeError(error) || isFatal(error)) throw error;
      frame.folder = `its folder ${frame.path} cannot be made: ${wordsOf(error)}`;
      throw error;
    }
    if (this.#input.folders.isNew(frame.folder)) this.#input.tally.counts.folders++;
    if (frame.entry !== undefined) this.#describe(frame.folder, frame.entry);
    return frame.folder;
  }

  #nameIn(frame: Frame, wanted: string, folder: number): string {
    const { target, folders, tally } = this.#input;
    if (!mayRename(target.names)) return wanted;
    const name = nameFor(wanted, frame.names, target.names);
    if (name !== wanted) tally.rename(folders.pathOf(folder, wanted), folders.pathOf(folder, name));
    return name;
  }

  #describe(folder: number, entry: CatalogEntry): void {
    const { xattrs } = entry;
    this.#input.folders.describe(folder, {
      ...this.#ownership(entry, this.#input.folders.isNew(folder)),
      mtime: secondsOf(entry.mtime),
      xattrs,
    });
  }

  #ownership(entry: CatalogEntry, isNew: boolean) {
    const { uid, gid, mode, isChanged } = ownershipOf(entry, this.#input.ownership, { isNew });
    this.#ownersChanged ||= isChanged;
    return { uid, gid, mode };
  }

  #plan(entry: CatalogEntry, folder: number, path: string, frame: Frame): void {
    const name = this.#nameIn(frame, path.slice(path.lastIndexOf('/') + 1), folder);
    const there = this.#input.folders.statOf(folder, name);
    const place = { entry, folder, name, replaces: there !== undefined };
    const fate = there === undefined ? 'write' : this.#fateOf(entry, there, place);
    if (fate === 'kept') return;
    const link = linkOf(entry);
    const first = entry.kind === 'file' && link !== undefined ? this.#firstNames.get(link) : undefined;
    if (first !== undefined) this.hardLinks.push({ ...place, first });
    else if (fate === 'unchanged') this.#noteUnchanged(place);
    else if (entry.kind === 'file') this.#planFile(place, there);
    else if (entry.kind === 'symlink') this.symlinks.push(place);
    else this.fifos.push(place);
  }

  #noteUnchanged({ entry, folder, name }: PlannedOther): void {
    this.#input.tally.counts.unchanged++;
    const link = linkOf(entry);
    if (link !== undefined) this.#firstNames.set(link, { folder, name, file: undefined });
  }

  #fateOf(entry: CatalogEntry, there: fs.BigIntStats, place: PlannedOther): 'kept' | 'unchanged' | 'write' {
    const { overwrite } = this.#input.request;
    const { folders } = this.#input;
    const { folder, name } = place;
    if (overwrite === 'never') {
      this.kept.note(folders.pathOf(folder, name), differenceOf(entry, there, folders.handles.entry(folder, name)));
      return 'kept';
    }
    if (there.isDirectory()) throw Object.assign(new Error('there is a folder in its place'), { code: 'REASON' });
    if (overwrite === 'always') return 'write';
    return differenceOf(entry, there, folders.handles.entry(folder, name)) === undefined ? 'unchanged' : 'write';
  }

  #planFile({ entry, folder, name, replaces }: PlannedOther, there: fs.BigIntStats | undefined): void {
    const { request } = this.#input;
    // Other names of an existing file would change with it, so it is replaced as a whole.
    const inPlace = request.delta && there?.isFile() === true && there.nlink === 1n;
    const flags =
      (replaces && !inPlace ? REPLACES : 0) |
      (inPlace ? IN_PLACE : 0) |
      (entry.sparse === true && request.sparse && !inPlace ? SPARSE : 0) |
      (isEscapedPath(name) ? ESCAPED_NAME : 0);
    const planned = {
      ...this.#ownership(entry, !inPlace),
      flags,
      folder,
      name: pathToBytes(name),
      mtime: secondsOf(entry.mtime),
      size: entry.size ?? 0,
    };
    const file = this.files.add(planned, entry);
    const link = linkOf(entry);
    if (link !== undefined) this.#firstNames.set(link, { folder, name, file });
    this.noteXattrs({ entry, folder, name }, file);
  }

  /** To be written when all files are there. */
  noteXattrs({ entry, folder, name }: Pick<PlannedOther, 'entry' | 'folder' | 'name'>, file?: number): void {
    if (entry.xattrs !== undefined) this.xattrs.push({ folder, name, file, xattrs: entry.xattrs });
  }
}

const isAbove = (folder: string, path: string): boolean => folder === '' || path.startsWith(`${folder}/`);

/** Nothing else can be restored either. */
export const isFatal = (error: unknown): boolean => isNodeError(error, 'ENOSPC', 'EDQUOT', 'EROFS');

/** Why a file could not be made, for a person. */
export function wordsOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'REASON':
      return error.message;
    case 'ENOTDIR':
    case 'ELOOP':
      return 'something that is not a folder is in the place of a folder above it';
    case 'EEXIST':
      return 'something appeared in its place';
    default:
      return wordsOfCode(String(error.code));
  }
}

/**
 * The same for names of one file. Device and inode alone may meet again by chance: an entry carried forward from a disk
 * that is not mounted, beside one of a disk that is.
 */
function linkOf({ link, size, chunks, lists }: CatalogEntry): string | undefined {
  return link === undefined ? undefined : `${link} ${hash('sha256', JSON.stringify([size, chunks, lists]))}`;
}
