/**
 * What the main thread and the saver workers say to each other. Chunk ids travel as bytes, 32 each, back to back;
 * sealed segments are transferred, not copied.
 */
import type { Segment, SharedChunkIds } from '@backup-agent/core';
import type { FileBatch, SavedBatch } from './file-batch.ts';

/** A file to read. */
export interface FileToSave {
  /** Absolute path of the root, and the path below it; bytes that are not UTF-8 escaped as in entry-path.ts. */
  readonly root: string;
  readonly path: string;
}

export interface SaverOptions {
  readonly compressionLevel: number;
  /** Decompress each segment and check its chunks before it is sent. */
  readonly extraVerify: boolean;
}

export type SaverRequest =
  /** The chunks that need not be stored again. */
  | { readonly type: 'known'; readonly table: SharedChunkIds }
  /** Whole files, each small enough to be read at once. */
  | { readonly type: 'files'; readonly job: number; readonly batch: FileBatch }
  /** The lengths of the chunks of a large file that begin in this slice. */
  | { readonly type: 'cut'; readonly job: number; readonly file: FileToSave; readonly offset: number }
  /** Chunks of a large file, back to back from `offset`. */
  | {
      readonly type: 'range';
      readonly job: number;
      readonly file: FileToSave;
      readonly offset: number;
      readonly lengths: readonly number[];
    }
  /** Answer to a claim: 1 for each chunk that this worker is to store. */
  | { readonly type: 'granted'; readonly claim: number; readonly mine: Uint8Array }
  /** Seal the segments under way. */
  | { readonly type: 'flush'; readonly job: number };

/** The part of a file's stat that tells whether it is the same file with the same content. Times in ns. */
export interface FileStat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  readonly mtime: bigint;
  readonly ctime: bigint;
  readonly device: bigint;
  readonly inode: bigint;
  readonly links: number;
  /** Bytes allocated on disk; less than `bytes` for a sparse file. */
  readonly bytesOnDisk: number;
}

export type SavedFile =
  | {
      readonly outcome: 'saved';
      readonly stat: FileStat;
      /** Ids of all its chunks, in order. */
      readonly ids: Uint8Array;
      /** It kept changing while it was read. */
      readonly changed: boolean;
    }
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** One slice of a large file. `outcome` as in SavedFile; `stat` lets the caller see whether the file stayed the same. */
export type CutResult =
  | { readonly outcome: 'cut'; readonly stat: FileStat; readonly lengths: readonly number[] }
  | Exclude<SavedFile, { outcome: 'saved' }>;

export type RangeResult =
  | {
      readonly outcome: 'saved';
      readonly stat: FileStat;
      readonly ids: Uint8Array;
      /** Bytes there were: fewer than asked for if the file has become shorter. */
      readonly bytes: number;
      /** Not the same before and after it was read. */
      readonly changed: boolean;
    }
  | Exclude<SavedFile, { outcome: 'saved' }>;

export type SaverReply =
  | { readonly type: 'claim'; readonly claim: number; readonly ids: Uint8Array }
  | { readonly type: 'segment'; readonly segment: Segment; readonly stored: Uint8Array }
  | { readonly type: 'files-saved'; readonly job: number; readonly saved: SavedBatch }
  | { readonly type: 'cut-done'; readonly job: number; readonly result: CutResult }
  | { readonly type: 'range-saved'; readonly job: number; readonly result: RangeResult }
  | { readonly type: 'flushed'; readonly job: number }
  | { readonly type: 'failed'; readonly message: string };

/** Larger files are cut in one worker and saved range by range in all of them. */
export const WHOLE_FILE_BYTES_MAX = 4 * 1024 * 1024;
/** A slice to cut: four ranges. */
export const SLICE_BYTES = 16 * 1024 * 1024;
/** A range holds chunks up to this much: at least one, for none is longer. */
export const RANGE_BYTES = 4 * 1024 * 1024;
