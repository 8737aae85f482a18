/** What the main thread of a restore and its workers say to each other. */
import type { MetadataFailure } from './file-metadata.ts';
import type { FolderRow, TargetRoot } from './folder-handles.ts';

export interface RestoreWorkerData {
  readonly root: TargetRoot;
  /** Part of the names of unfinished files: nothing of anybody else begins with it. */
  readonly token: string;
  /** Read each file back after it is written. */
  readonly verify: boolean;
  readonly fsync: boolean;
}

export type RestoreRequest =
  | { readonly type: 'folders'; readonly rows: readonly FolderRow[] }
  | {
      readonly type: 'segment';
      readonly stored: Uint8Array;
      readonly rawBytes: number;
      /** Names the pack in messages. */
      readonly where: string;
      /** See task-format.ts. */
      readonly task: Uint8Array;
    }
  /** Which of these chunks, back to back from `position`, an open file does not have. */
  | {
      readonly type: 'compare';
      readonly descriptor: number;
      readonly position: number;
      readonly ids: Uint8Array;
      readonly lengths: Uint32Array;
    };

/** An error of the system's, for it cannot cross threads as it is. */
export interface FileFailure {
  readonly code: string;
  readonly message: string;
}

export interface RestoreReply {
  /** Of a segment: numbers in the task of the chunks whose bytes are not what their ids say, and why. */
  readonly badChunks: readonly { readonly chunk: number; readonly reason: string }[];
  /** Of a segment: numbers in the task of the targets that could not be written. */
  readonly failures: readonly ({ readonly target: number } & FileFailure)[];
  /** Of a segment: what could not be set of files that are written, by their numbers in the task. */
  readonly unset: readonly ({ readonly target: number } & MetadataFailure)[];
  /** Of a comparison: numbers of the chunks that differ or cannot be read. */
  readonly different: readonly number[];
}

/** Whoever opens segments and writes files: threads, or in tests the same thread. */
export interface FileWriters {
  /** What all of them are to know. */
  tell(request: RestoreRequest): void;
  /** Resolves when there is room for another request. */
  room(): Promise<void>;
  run(request: RestoreRequest, transfer?: ArrayBuffer[]): Promise<RestoreReply>;
  close(): Promise<void>;
}

/** Node's error code and message, or those of whatever was thrown. */
export function failureOf(error: unknown): FileFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  return { code, message: error instanceof Error ? error.message : String(error) };
}
