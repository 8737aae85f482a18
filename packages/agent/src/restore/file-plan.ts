/** The files to be written, and the chunks they are made of, in flat arrays. */
import { decodeChunkList } from '@backup-agent/core';
import type { ChunkId } from '@backup-agent/core';
import { ByteArena, Column, wideColumn } from './columns.ts';
import { IN_PLACE, REPLACES } from './file-flags.ts';
import type { FileHead } from './task-format.ts';

const ID_BYTES = 32;

export interface PlannedFile extends FileHead {
  /** As bytes on the disk. */
  readonly name: Uint8Array;
  readonly size: number;
}

export class FilePlan {
  /** Number of the file that each use of a chunk belongs to. */
  readonly useFile = new Column();
  readonly #ids = new ByteArena();
  readonly #names = new ByteArena();
  readonly #nameAt = new Column();
  readonly #nameBytes = new Column();
  readonly #flags = new Column();
  readonly #folder = new Column();
  readonly #mode = new Column();
  readonly #uid = new Column();
  readonly #gid = new Column();
  readonly #mtime = wideColumn();
  readonly #size = wideColumn();
  readonly #firstUse = new Column();
  readonly #useCount = new Column();
  /** Sum of the files' sizes. */
  totalBytes = 0;
  readonly #listed: { readonly file: number; readonly lists: readonly ChunkId[] }[] = [];

  get count(): number {
    return this.#flags.length;
  }

  /** Ids of all uses of chunks, 32 bytes each. */
  get ids(): Buffer {
    return this.#ids.bytes;
  }

  /** Files whose chunks are still to be read from lists: resolved by `resolveLists`. */
  get listed(): readonly { readonly file: number; readonly lists: readonly ChunkId[] }[] {
    return this.#listed;
  }

  add(file: PlannedFile, named: { readonly chunks?: readonly ChunkId[]; readonly lists?: readonly ChunkId[] }): number {
    const number = this.#flags.push(file.flags);
    this.#folder.push(file.folder);
    this.#mode.push(file.mode);
    this.#uid.push(file.uid);
    this.#gid.push(file.gid);
    this.#mtime.push(file.mtime);
    this.#size.push(file.size);
    this.totalBytes += file.size;
    this.#nameAt.push(this.#names.length);
    this.#nameBytes.push(file.name.length);
    this.#names.add(file.name);
    this.#firstUse.push(this.useFile.length);
    this.#useCount.push(named.chunks?.length ?? 0);
    for (const id of named.chunks ?? []) {
      this.#ids.addText(id, 'hex');
      this.useFile.push(number);
    }
    if (named.lists !== undefined) this.#listed.push({ file: number, lists: named.lists });
    return number;
  }

  /** Gives a listed file its chunks, from the bytes of its lists. Throws OBJECT_DAMAGED. */
  resolveLists(file: number, lists: readonly Uint8Array[]): void {
    const first = this.useFile.length;
    const ids = lists.map((bytes) => decodeChunkList(bytes, 'a list of chunks')).flat();
    this.#firstUse.set(file, first);
    this.#useCount.set(file, ids.length);
    for (const id of ids) {
      this.#ids.addText(id, 'hex');
      this.useFile.push(file);
    }
  }

  /** A file that was to be changed in place is written anew instead. */
  replaceWhole(file: number): void {
    this.#flags.set(file, (this.#flags.at(file) & ~IN_PLACE) | REPLACES);
  }

  idOf(use: number): Buffer {
    return this.#ids.slice(use * ID_BYTES, ID_BYTES);
  }

  sizeOf(file: number): number {
    return this.#size.at(file);
  }

  flagsOf(file: number): number {
    return this.#flags.at(file);
  }

  folderOf(file: number): number {
    return this.#folder.at(file);
  }

  nameOf(file: number): Buffer {
    return this.#names.slice(this.#nameAt.at(file), this.#nameBytes.at(file));
  }

  headOf(file: number): FileHead {
    return {
      flags: this.#flags.at(file),
      folder: this.#folder.at(file),
      mode: this.#mode.at(file),
      uid: this.#uid.at(file),
      gid: this.#gid.at(file),
      mtime: this.#mtime.at(file),
    };
  }

  /** The file's uses of chunks: [first, end), in the order of its bytes. */
  usesOf(file: number): [first: number, end: number] {
    const first = this.#firstUse.at(file);
    return [first, first + this.#useCount.at(file)];
  }
}
