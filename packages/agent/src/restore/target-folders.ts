/** The folders of a restore: made as they are met, known by number, finished when all is in them. */
import * as fs from 'node:fs';
import { isNodeError } from '@backup-agent/core';
import { fsPath } from '../system/long-paths.ts';
import { FolderHandles, TARGET_FOLDER } from './folder-handles.ts';
import type { FolderRow } from './folder-handles.ts';
import type { RestoreRequest } from './job.ts';
import type { Target } from './target.ts';

/** A folder's own entry, to be applied at the end. */
export interface FolderMetadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly xattrs: Readonly<Record<string, string>> | undefined;
}

interface Folder extends FolderRow {
  /** Made by this restore: nothing is in it but what the restore puts there. */
  readonly isNew: boolean;
  metadata: FolderMetadata | undefined;
}

export class TargetFolders {
  readonly handles: FolderHandles;
  readonly #folders: Folder[];
  readonly #request: RestoreRequest;
  readonly #target: Target;
  #told = 1;

  constructor(target: Target, request: RestoreRequest) {
    this.handles = new FolderHandles(target.root);
    this.#request = request;
    this.#target = target;
    this.#folders = [{ id: TARGET_FOLDER, parent: TARGET_FOLDER, name: '', isNew: target.isNew, metadata: undefined }];
  }

  /** Makes the folder if it is missing. Throws Node's errors; ENOTDIR if something else is there and is to be kept. */
  make(parent: number, name: string): number {
    const isNew = this.#request.dryRun ? this.#isMissing(parent, name) : this.#create(parent, name);
    const folder = { id: this.#folders.length, parent, name, isNew, metadata: undefined };
    this.#folders.push(folder);
    this.handles.add(folder);
    return folder.id;
  }

  isNew(id: number): boolean {
    return this.#folder(id).isNew;
  }

  /** To be applied at the end: to new folders, and to others unless what is there is to be kept. */
  describe(id: number, metadata: FolderMetadata): void {
    const folder = this.#folder(id);
    if (folder.isNew || this.#request.overwrite !== 'never') folder.metadata = metadata;
  }

  /** Relative to the target. */
  pathOf(id: number, name = ''): string {
    const names = name === '' ? [] : [name];
    for (let at = id; at !== TARGET_FOLDER; at = this.#folder(at).parent) names.unshift(this.#folder(at).name);
    return names.join('/');
  }

  /** What is in a place, without following a symlink. Throws Node's errors. */
  statOf(id: number, name: string): fs.BigIntStats | undefined {
    return this.isNew(id)
      ? undefined
      : fs.lstatSync(this.handles.entry(id, name), { bigint: true, throwIfNoEntry: false });
  }

  /** Removes what was made, as long as it is empty: a restore that never began leaves nothing. */
  takeBack(): void {
    if (this.#request.dryRun) return;
    const made = this.#folders.filter(({ id, isNew }) => isNew && id !== TARGET_FOLDER);
    for (const { parent, name } of made.toReversed()) removeIfEmpty(() => this.handles.entry(parent, name));
    this.handles.close();
    if (this.#target.isMade) removeIfEmpty(() => fsPath(this.#target.path));
  }

  /** The folders that nobody was told of yet. */
  takeNew(): FolderRow[] {
    const rows = this.#folders.slice(this.#told).map(({ id, parent, name }) => ({ id, parent, name }));
    this.#told = this.#folders.length;
    return rows;
  }

  /** Deepest first: whoever is later in the list is not above. */
  *described(): Generator<{ readonly id: number; readonly metadata: FolderMetadata }> {
    for (const { id, metadata } of this.#folders.toReversed()) if (metadata !== undefined) yield { id, metadata };
  }

  /** All of them, deepest first. */
  *all(): Generator<number> {
    for (let id = this.#folders.length - 1; id >= 0; id--) yield id;
  }

  #create(parent: number, name: string): boolean {
    const place = this.handles.entry(parent, name);
    try {
      fs.mkdirSync(place, 0o700);
      return true;
    } catch (error) {
      if (!isNodeError(error, 'EEXIST')) throw error;
    }
    if (fs.lstatSync(place).isDirectory()) return false;
    if (this.#request.overwrite !== 'always') throw notAFolder();
    fs.unlinkSync(place);
    fs.mkdirSync(place, 0o700);
    return true;
  }

  #isMissing(parent: number, name: string): boolean {
    const there = this.statOf(parent, name);
    if (there === undefined) return true;
    if (there.isDirectory()) return false;
    if (this.#request.overwrite !== 'always') throw notAFolder();
    return true;
  }

  #folder(id: number): Folder {
    return this.#folders[id] as Folder;
  }
}

/** As the system says when a path leads through something that is not a folder. */
const notAFolder = (): Error =>
  Object.assign(new Error('there is something in its place that is not a folder'), { code: 'ENOTDIR' });

function removeIfEmpty(place: () => string | Buffer): void {
  try {
    fs.rmdirSync(place());
  } catch (error) {
    if (!isNodeError(error)) throw error;
  }
}
