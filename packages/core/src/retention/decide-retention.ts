/**
 * Which snapshots stay, and why. Pure: the same input gives the same decisions, whatever the clocks of clients say. Ages
 * and order are the store's.
 */
import type { SnapshotName } from '../ids.ts';
import type { RetentionPolicy } from '../format/policy.ts';

/** What retention looks at in a snapshot. */
export interface RetainedSnapshot {
  readonly name: SnapshotName;
  /** Store time. */
  readonly landed: Date;
  readonly finished: boolean;
  /** Absolute paths, with `/`. */
  readonly roots: readonly string[];
  readonly tags: readonly string[];
}

export interface RetentionInput {
  readonly snapshots: readonly RetainedSnapshot[];
  /** Undefined: no policy is stored, so nothing expires. */
  readonly policy: RetentionPolicy | undefined;
  readonly pinned: ReadonlySet<SnapshotName>;
  /** Store time of the listing that shows these snapshots. */
  readonly listed: Date;
  /** How long a snapshot stays after it was superseded. */
  readonly supersededMs: number;
}

export interface RetentionDecision {
  readonly name: SnapshotName;
  readonly keep: boolean;
  /** Never empty: why it stays, or why it goes. */
  readonly reasons: readonly string[];
}

export function decideRetention(_input: RetentionInput): RetentionDecision[] {
  throw new Error('not written yet');
}
