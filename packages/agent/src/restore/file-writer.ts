/** The part of a restore that a worker does: opens segments, verifies chunks, creates and writes files. */
import * as fs from 'node:fs';
import { hash } from 'node:crypto';
import { giveBack, openSegment, pathFromBytes } from '@backup-agent/core';
import { ESCAPED_NAME, REPLACES, SPARSE } from './file-flags.ts';
import { setFileMetadata } from './file-metadata.ts';
import type { MetadataFailure } from './file-metadata.ts';
import { FolderHandles } from './folder-handles.ts';
import { failureOf } from './protocol.ts';
import type { RestoreReply, RestoreRequest, RestoreWorkerData } from './protocol.ts';
import { readTask } from './task-format.ts';
import type { PartTarget, WholeTarget } from './task-format.ts';
import { writeAll, writeSparsely } from './write-bytes.ts';

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY, O_NOFOLLOW = 0 } = fs.constants;
const CHUNK_BYTES_MAX = 8 * 1024 * 1024;
const ID_BYTES = 32;
const NOTHING: RestoreReply = { badChunks: [], failures: [], unset: [], different: [] };

export class FileWriter {
  readonly #options: RestoreWorkerData;
  readonly #thread: number;
  readonly #folders: FolderHandles;
  #unfinished = 0;
  #buffer: Buffer | undefined;

  constructor(options: RestoreWorkerData, thread: number) {
    this.#options = options;
    this.#thread = thread;
    this.#folders = new FolderHandles(options.root);
  }

  handle(request: RestoreRequest): RestoreReply {
    switch (request.type) {
      case 'folders':
        for (const row of request.rows) this.#folders.add(row);
        return NOTHING;
      case 'segment':
        return this.#restoreSegment(request);
      case 'compare':
        return { ...NOTHING, different: this.#compare(request) };
    }
  }

  /** Closes what is open; a thread that ends needs no such call. */
  close(): void {
    this.#folders.close();
  }

  #restoreSegment({ stored, rawBytes, where, task }: Extract<RestoreRequest, { type: 'segment' }>): RestoreReply {
    const badChunks: { chunk: number; reason: string }[] = [];
    const failures: RestoreReply['failures'][number][] = [];
    const unset: RestoreReply['unset'][number][] = [];
    const raw = opened(stored, rawBytes, where);
    let number = -1;
    let bytes: Uint8Array = new Uint8Array();
    const attempt = (target: number, write: () => void): void => {
      try {
        write();
      } catch (error) {
        failures.push({ target, ...failureOf(error) });
      }
    };
    readTask(task, {
      chunk: (id, offset, length) => {
        number++;
        const reason = typeof raw === 'string' ? raw : problemOf(raw, id, offset, length, where);
        if (reason === undefined) bytes = (raw as Uint8Array).subarray(offset, offset + length);
        else badChunks.push({ chunk: number, reason });
        return reason === undefined;
      },
      whole: (target, n) =>
        attempt(n, () => {
          for (const failure of this.#writeFile(target, bytes)) unset.push({ target: n, ...failure });
        }),
      part: (target, n) => attempt(n, () => writePart(target, bytes)),
    });
    giveBack(stored);
    if (typeof raw !== 'string') giveBack(raw);
    const isPlain = badChunks.length === 0 && failures.length === 0 && unset.length === 0;
    return isPlain ? NOTHING : { badChunks, failures, unset, different: [] };
  }

  /** Creates the file under its name; or, in place of something, under another and renames it. Returns what could not be set of it. */
  #writeFile(target: WholeTarget & { name: Buffer }, bytes: Uint8Array): readonly MetadataFailure[] {
    const name = (target.flags & ESCAPED_NAME) === 0 ? target.name.toString('utf8') : pathFromBytes(target.name);
    const place = this.#folders.entry(target.folder, name);
    const replaces = (target.flags & REPLACES) !== 0;
    const created = replaces
      ? this.#folders.entry(target.folder, `${this.#options.token}-${this.#thread}-${this.#unfinished++}`)
      : place;
    const access = this.#options.verify ? O_RDWR : O_WRONLY;
    const descriptor = fs.openSync(created, access | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      let unset: readonly MetadataFailure[];
      try {
        unset = this.#fill(descriptor, target, bytes);
      } finally {
        fs.closeSync(descriptor);
      }
      if (replaces) fs.renameSync(created, place);
      return unset;
    } catch (error) {
      fs.unlinkSync(created); // Never half a file under its name.
      throw error;
    }
  }

  #fill(descriptor: number, target: WholeTarget, bytes: Uint8Array): readonly MetadataFailure[] {
    if ((target.flags & SPARSE) === 0) writeAll(descriptor, bytes, 0);
    else {
      writeSparsely(descriptor, bytes, 0);
      fs.ftruncateSync(descriptor, bytes.length);
    }
    const unset = setFileMetadata(descriptor, target);
    if (this.#options.fsync) fs.fsyncSync(descriptor);
    if (this.#options.verify && !this.#reads(descriptor, 0, bytes)) throw new Error('it reads back differently');
    return unset;
  }

  #reads(descriptor: number, position: number, bytes: Uint8Array): boolean {
    return this.#read(descriptor, position, bytes.length)?.equals(bytes) === true;
  }

  /** The bytes, valid until the next read; undefined if there are fewer. */
  #read(descriptor: number, position: number, length: number): Buffer | undefined {
    this.#buffer ??= Buffer.alloc(CHUNK_BYTES_MAX);
    let done = 0;
    while (done < length) {
      const read = fs.readSync(descriptor, this.#buffer, done, length - done, position + done);
      if (read === 0) return undefined;
      done += read;
    }
    return this.#buffer.subarray(0, length);
  }

  #compare({ descriptor, position, ids, lengths }: Extract<RestoreRequest, { type: 'compare' }>): number[] {
    const different: number[] = [];
    let at = position;
    for (const [i, length] of lengths.entries()) {
      const bytes = this.#read(descriptor, at, length);
      const id = ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES);
      if (bytes === undefined || !hash('sha256', bytes, 'buffer').equals(id)) different.push(i);
      at += length;
    }
    return different;
  }
}

function writePart({ descriptor, position, flags }: PartTarget, bytes: Uint8Array): void {
  if ((flags & SPARSE) === 0) writeAll(descriptor, bytes, position);
  else writeSparsely(descriptor, bytes, position);
}

/** The segment's bytes, or why there are none. */
function opened(stored: Uint8Array, rawBytes: number, where: string): Uint8Array | string {
  try {
    return openSegment(stored, { rawBytes }, where);
  } catch (error) {
    return failureOf(error).message;
  }
}

function problemOf(raw: Uint8Array, id: Buffer, offset: number, length: number, where: string): string | undefined {
  if (offset + length <= raw.length && hash('sha256', raw.subarray(offset, offset + length), 'buffer').equals(id))
    return undefined;
  return `${where} is damaged: a chunk in it has other bytes than its name says`;
}
