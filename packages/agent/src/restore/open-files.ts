/**
 * Files that are written by several tasks: opened by the main thread, written through their descriptors by any worker,
 * and put under their names when all is there. A new one lies under another name until then.
 */
import * as fs from 'node:fs';
import { isNodeError, pathFromBytes } from '@backup-agent/core';
import { IN_PLACE, REPLACES } from './file-flags.ts';
import { setFileMetadata } from './file-metadata.ts';
import type { MetadataFailure } from './file-metadata.ts';
import type { FilePlan } from './file-plan.ts';
import { isForLackOfLinks } from './hard-links.ts';
import type { TargetFolders } from './target-folders.ts';

const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW = 0 } = fs.constants;
/** More are closed and opened again when their next part comes. */
const OPEN_MAX = 256;

interface OpenFile {
  /** Undefined while it is closed. */
  descriptor: number | undefined;
  /** Parts on their way to a worker. */
  pending: number;
  /** The name it has for now. */
  readonly name: string;
  /** To be removed as soon as no worker writes to it: its descriptor must not become another file's before. */
  isDoomed: boolean;
}

export class OpenFiles {
  readonly #plan: FilePlan;
  readonly #folders: TargetFolders;
  readonly #token: string;
  readonly #fsync: boolean;
  readonly #files = new Map<number, OpenFile>();
  #openCount = 0;

  constructor(plan: FilePlan, folders: TargetFolders, options: { readonly token: string; readonly fsync: boolean }) {
    this.#plan = plan;
    this.#folders = folders;
    this.#token = options.token;
    this.#fsync = options.fsync;
  }

  /** The descriptor to write a part to, until `release`. Throws Node's errors. */
  acquire(file: number): number {
    const open = this.#files.get(file) ?? this.#create(file);
    open.descriptor ??= this.#open(file, open.name, 0);
    open.pending++;
    return open.descriptor;
  }

  release(file: number): void {
    const open = this.#files.get(file);
    if (open === undefined) return;
    open.pending--;
    if (open.pending === 0 && open.isDoomed) this.discard(file);
  }

  /** Puts a file whose parts are all written under its name, with its metadata. Returns what of it could not be set. Throws Node's errors. */
  finish(file: number): readonly MetadataFailure[] {
    const descriptor = this.acquire(file);
    this.release(file);
    const flags = this.#plan.flagsOf(file);
    fs.ftruncateSync(descriptor, this.#plan.sizeOf(file));
    const unset = setFileMetadata(descriptor, this.#plan.headOf(file));
    if (this.#fsync) fs.fsyncSync(descriptor);
    const { name } = this.#close(file) as OpenFile;
    this.#files.delete(file);
    if ((flags & IN_PLACE) !== 0) return unset;
    const { handles } = this.#folders;
    const folder = this.#plan.folderOf(file);
    try {
      // Both paths lie in one folder, so the second look-up does not end the first.
      const from = handles.entry(folder, name);
      putInPlace(from, handles.entry(folder, this.#nameOf(file)), (flags & REPLACES) !== 0);
    } catch (error) {
      this.#unlink(folder, name);
      throw error;
    }
    return unset;
  }

  /** Removes what was written of a file. One that is changed in place stays as it is by now. */
  discard(file: number): void {
    const doomed = this.#files.get(file);
    if (doomed !== undefined && doomed.pending > 0) {
      doomed.isDoomed = true;
      return;
    }
    const open = this.#close(file);
    this.#files.delete(file);
    if (open !== undefined && (this.#plan.flagsOf(file) & IN_PLACE) === 0)
      this.#unlink(this.#plan.folderOf(file), open.name);
  }

  /** Removes all unfinished files: the restore ends early, and no worker is writing any more. */
  discardAll(): void {
    for (const [file, open] of this.#files) {
      open.pending = 0;
      this.discard(file);
    }
  }

  #create(file: number): OpenFile {
    const inPlace = (this.#plan.flagsOf(file) & IN_PLACE) !== 0;
    const name = inPlace ? this.#nameOf(file) : `${this.#token}-${file}`;
    const descriptor = this.#open(file, name, inPlace ? 0 : O_CREAT | O_EXCL);
    const open = { descriptor, pending: 0, name, isDoomed: false };
    this.#files.set(file, open);
    return open;
  }

  #open(file: number, name: string, flags: number): number {
    if (this.#openCount >= OPEN_MAX) this.#closeIdle();
    const place = this.#folders.handles.entry(this.#plan.folderOf(file), name);
    const descriptor = fs.openSync(place, O_RDWR | O_NOFOLLOW | flags, 0o600);
    this.#openCount++;
    return descriptor;
  }

  #closeIdle(): void {
    for (const [file, open] of this.#files) {
      if (open.pending > 0 || open.descriptor === undefined) continue;
      this.#close(file);
      return;
    }
  }

  #close(file: number): OpenFile | undefined {
    const open = this.#files.get(file);
    if (open?.descriptor === undefined) return open;
    fs.closeSync(open.descriptor);
    open.descriptor = undefined;
    this.#openCount--;
    return open;
  }

  #nameOf(file: number): string {
    return pathFromBytes(this.#plan.nameOf(file));
  }

  #unlink(folder: number, name: string): void {
    try {
      fs.unlinkSync(this.#folders.handles.entry(folder, name));
    } catch (error) {
      if (!isNodeError(error, 'ENOENT')) throw error; // It has got its name already.
    }
  }
}

/** Gives a finished file its name. Throws EEXIST if something is there that is not to be replaced. */
function putInPlace(from: string | Buffer, to: string | Buffer, replaces: boolean): void {
  if (!replaces) {
    try {
      fs.linkSync(from, to); // Unlike rename it never replaces anything.
      fs.unlinkSync(from);
      return;
    } catch (error) {
      if (!isForLackOfLinks(error)) throw error;
    }
    if (fs.lstatSync(to, { throwIfNoEntry: false }) !== undefined)
      throw Object.assign(new Error('something appeared in its place'), { code: 'EEXIST' });
  }
  fs.renameSync(from, to);
}
