/**
 * Folders of a restore's target, addressed so that no symlink leads out of it. On Linux each folder is opened from its
 * parent's descriptor without following links, and what is in it is addressed through its descriptor: somebody who
 * swaps a folder for a symlink meanwhile gains nothing, and no path is too long. Elsewhere paths are used as they are;
 * each folder was made, or seen to be a folder and no link, by the restore itself.
 */
import * as fs from 'node:fs';
import { fsPath } from '../system/long-paths.ts';

const O_PATH = 0o10_000_000;
const { O_DIRECTORY = 0, O_NOFOLLOW = 0 } = fs.constants;
/** Open folders per thread; a restore visits the files of one folder after the other. */
const OPEN_MAX = 128;

export interface FolderRow {
  readonly id: number;
  readonly parent: number;
  /** As on the disk, bytes that are not UTF-8 escaped. */
  readonly name: string;
}

export interface TargetRoot {
  readonly path: string;
  /** An O_PATH descriptor of it, valid in all threads; undefined where folders are not addressed so. */
  readonly descriptor: number | undefined;
}

/** The number of the target itself. */
export const TARGET_FOLDER = 0;

/** Opens the target, which may be reached through symlinks: the person named it. */
export function openTargetRoot(path: string, platform: NodeJS.Platform): TargetRoot {
  if (platform !== 'linux' || !fs.existsSync('/proc/self/fd')) return { path, descriptor: undefined };
  return { path, descriptor: fs.openSync(fsPath(path), O_PATH | O_DIRECTORY) };
}

export class FolderHandles {
  readonly #root: TargetRoot;
  readonly #rows = new Map<number, FolderRow>();
  readonly #open = new Map<number, number>();

  constructor(root: TargetRoot) {
    this.#root = root;
  }

  add(row: FolderRow): void {
    this.#rows.set(row.id, row);
  }

  /** A path for fs functions of this process, valid for the next calls of this object. Throws Node's errors. */
  path(id: number): string {
    if (this.#root.descriptor === undefined) return this.#plainPath(id);
    return `/proc/self/fd/${this.#descriptor(id)}`;
  }

  /** The path of a name in a folder, as valid. */
  entry(id: number, name: string): string | Buffer {
    return fsPath(`${this.path(id)}/${name}`);
  }

  close(): void {
    for (const descriptor of this.#open.values()) fs.closeSync(descriptor);
    this.#open.clear();
  }

  #descriptor(id: number): number {
    if (id === TARGET_FOLDER) return this.#root.descriptor as number;
    const known = this.#open.get(id);
    if (known !== undefined) {
      this.#open.delete(id);
      this.#open.set(id, known); // The folder used last is the last to be closed.
      return known;
    }
    const { parent, name } = this.#rowOf(id);
    const place = fsPath(`/proc/self/fd/${this.#descriptor(parent)}/${name}`);
    const descriptor = fs.openSync(place, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (this.#open.size >= OPEN_MAX) this.#closeOldest();
    this.#open.set(id, descriptor);
    return descriptor;
  }

  #closeOldest(): void {
    for (const [id, descriptor] of this.#open) {
      this.#open.delete(id);
      fs.closeSync(descriptor);
      return;
    }
  }

  #plainPath(id: number): string {
    if (id === TARGET_FOLDER) return this.#root.path;
    const { parent, name } = this.#rowOf(id);
    return `${this.#plainPath(parent)}/${name}`;
  }

  #rowOf(id: number): FolderRow {
    const row = this.#rows.get(id);
    if (row === undefined) throw new Error('a folder is added before anything is put into it');
    return row;
  }
}
