/** Reads the files of a batch, cuts and hashes them, and writes their catalog lines. */
import { hash } from 'node:crypto';
import { chunkLengths, encodeEntry } from '@backup-agent/core';
import type { ChunkId } from '@backup-agent/core';
import type { FileBatch, SavedBatchBuilder } from './file-batch.ts';
import { fileEntry } from './file-entry.ts';
import type { NamesOfOwners } from './file-entry.ts';
import { REREADS_MAX, sameFile, statOf, withOpenFile } from './file-reader.ts';
import type { Failure } from './file-reader.ts';
import { WHOLE_FILE_BYTES_MAX } from './protocol.ts';
import type { FileStat, FileToSave } from './protocol.ts';
import { readWhole } from './read-buffer.ts';
import type { ReadBuffer } from './read-buffer.ts';

/** What the files of a batch are read into, and what comes of them. */
export interface BatchReading {
  readonly buffer: ReadBuffer;
  readonly saved: SavedBatchBuilder;
  /** The bytes of all their chunks, in the order of the ids in `saved`. */
  readonly chunks: Uint8Array[];
}

export function readWholeFiles(batch: FileBatch, reading: BatchReading): void {
  const names = {
    userName: (uid: number) => batch.users.get(uid),
    groupName: (gid: number) => batch.groups.get(gid),
  };
  for (const path of batch.paths) readWholeFile(path, batch, names, reading);
}

function readWholeFile(path: string, batch: FileBatch, names: NamesOfOwners, reading: BatchReading): void {
  const { saved, chunks } = reading;
  const before = chunks.length;
  const read = readUntilStill({ root: batch.rootPath, path }, reading);
  if (read.outcome === 'unreadable') return saved.unreadable(read.reason);
  if (read.outcome === 'gone') return saved.notSaved('gone');
  if (read.outcome === 'large' || !batch.users.has(read.stat.uid) || !batch.groups.has(read.stat.gid)) {
    forget(reading, before);
    return saved.notSaved('unlike');
  }
  const { stat, changed, ids } = read;
  const entry = fileEntry({ root: batch.root, path, stat, opened: batch.opened, changed }, names);
  saved.saved(stat.bytes, changed, encodeEntry({ ...entry, chunks: ids }));
}

/** Reads a file that changes meanwhile again, and in the end takes it as it is. */
function readUntilStill(file: FileToSave, reading: BatchReading): ReadOnce {
  const before = reading.chunks.length;
  for (let attempt = 0; ; attempt++) {
    const read = withOpenFile(file, (descriptor, stat) => readOnce(descriptor, stat, reading));
    if (read.outcome !== 'read' || !read.changed || attempt === REREADS_MAX) return read;
    forget(reading, before);
  }
}

function forget({ saved, chunks }: BatchReading, from: number): void {
  saved.forgetIds(from);
  chunks.length = from;
}

type ReadOnce =
  | { readonly outcome: 'read'; readonly stat: FileStat; readonly changed: boolean; readonly ids: readonly ChunkId[] }
  | { readonly outcome: 'large' }
  | Failure;

function readOnce(descriptor: number, before: FileStat, { buffer, saved, chunks }: BatchReading): ReadOnce {
  if (before.bytes > WHOLE_FILE_BYTES_MAX) return { outcome: 'large' };
  const { bytes, grew } = readWhole(descriptor, before.bytes, buffer);
  const after = statOf(descriptor) ?? before;
  const ids: ChunkId[] = [];
  let start = 0;
  for (const length of chunkLengths(bytes)) {
    const chunk = bytes.subarray(start, start + length);
    const id = hash('sha256', chunk) as ChunkId;
    chunks.push(chunk);
    saved.addId(id);
    ids.push(id);
    start += length;
  }
  const changed = grew || bytes.length !== before.bytes || !sameFile(before, after);
  return { outcome: 'read', stat: { ...after, bytes: bytes.length }, changed, ids };
}
