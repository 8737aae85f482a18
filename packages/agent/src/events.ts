/**
 * What the engine tells while it works: facts in the past tense. The command line folds them into a progress line, JSON
 * lines or log records; the engine never prints.
 */
import type { SnapshotName } from '@backup-agent/core';

/** How far a run, restore or verification has come. `total` is missing as long as it is not known. */
export interface Progress {
  readonly files: number;
  readonly filesTotal?: number;
  readonly bytes: number;
  readonly bytesTotal?: number;
  /** Bytes sent to or fetched from the store so far. */
  readonly bytesMoved: number;
}

/** `thaw`: its files are packs that lay in an archive. */
export type ProgressPhase = 'backup' | 'restore' | 'verify' | 'thaw';

export type AgentEvent =
  /** At most some ten times a second. */
  | ({ readonly type: 'progress'; readonly phase: ProgressPhase } & Progress)
  /** A file that could not be read, restored or verified. `path` is absolute, or relative to the restore's target. */
  | { readonly type: 'problem'; readonly path: string; readonly reason: string }
  /** Something a person should know that costs no file. */
  | { readonly type: 'warning'; readonly message: string }
  /** The same without any trouble: what was assumed or made for the person. */
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'pack-uploaded'; readonly key: string; readonly bytes: number }
  | { readonly type: 'checkpoint-written'; readonly key: string }
  | { readonly type: 'snapshot-committed'; readonly name: SnapshotName; readonly key: string }
  /** What --verbose shows: decisions and requests. */
  | { readonly type: 'detail'; readonly message: string };

export type Report = (event: AgentEvent) => void;
