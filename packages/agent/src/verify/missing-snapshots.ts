/** Snapshots that run records tell of, that are not there, and that no retention can have let go. */
import { containsRoots } from '@backup-agent/core';
import type { RetentionPolicy } from '@backup-agent/core';

const DAY_MS = 24 * 60 * 60_000;

/** What may stand in for an older snapshot. */
export interface LandedRoots {
  /** Store time. */
  readonly landed: Date;
  /** Absolute paths. */
  readonly roots: readonly string[];
}

/** A run that committed a snapshot. */
export interface CommittedRun extends LandedRoots {
  /** The snapshot's key. */
  readonly key: string;
}

export interface Retained {
  readonly committed: readonly CommittedRun[];
  /** Valid snapshots that are there: a run that was killed before it wrote its record has left one, too. */
  readonly valid: readonly LandedRoots[];
  /** Keys of snapshots that are there. */
  readonly listed: ReadonlySet<string>;
  /** All that were ever given; undefined: not known. */
  readonly policies: readonly RetentionPolicy[] | undefined;
  readonly now: Date;
}

export interface MissingSnapshot {
  readonly key: string;
  readonly why: string;
}

/** Only what is certain: an older snapshot may be gone because it expired. */
export function missingSnapshots({ committed, valid, listed, policies, now }: Retained): MissingSnapshot[] {
  const others = [...committed, ...valid];
  return committed
    .filter(({ key }) => !listed.has(key))
    .flatMap((run) => {
      const why = reasonToBeThere(run, others, policies, now);
      return why === undefined ? [] : [{ key: run.key, why }];
    });
}

function reasonToBeThere(
  run: CommittedRun,
  others: readonly LandedRoots[],
  policies: readonly RetentionPolicy[] | undefined,
  now: Date,
): string | undefined {
  if (policies?.length === 0) return 'no retention policy was ever given';
  if (!others.some((other) => +other.landed > +run.landed && containsRoots(other.roots, run.roots)))
    return 'no newer one has its folders';
  if (policies === undefined) return undefined;
  const days = Math.min(...policies.map(({ keepWithinDays }) => keepWithinDays));
  return +now - +run.landed < days * DAY_MS ? `every snapshot of the last ${days} days is kept` : undefined;
}
