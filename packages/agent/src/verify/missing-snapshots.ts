/** Snapshots that run records tell of, that are not there, and that no retention can have let go. */
import type { RetentionPolicy } from '@backup-agent/core';

const DAY_MS = 24 * 60 * 60_000;

/** A run that committed a snapshot. */
export interface CommittedRun {
  /** The snapshot's key. */
  readonly key: string;
  /** Store time. */
  readonly landed: Date;
  /** Absolute paths. */
  readonly roots: readonly string[];
}

export interface Retained {
  readonly committed: readonly CommittedRun[];
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
export function missingSnapshots({ committed, listed, policies, now }: Retained): MissingSnapshot[] {
  return committed
    .filter(({ key }) => !listed.has(key))
    .flatMap((run) => {
      const why = reasonToBeThere(run, committed, policies, now);
      return why === undefined ? [] : [{ key: run.key, why }];
    });
}

function reasonToBeThere(
  run: CommittedRun,
  committed: readonly CommittedRun[],
  policies: readonly RetentionPolicy[] | undefined,
  now: Date,
): string | undefined {
  if (policies?.length === 0) return 'no retention policy was ever given';
  if (!committed.some((other) => +other.landed > +run.landed && contains(other.roots, run.roots)))
    return 'no newer one has its folders';
  if (policies === undefined) return undefined;
  const days = Math.min(...policies.map(({ keepWithinDays }) => keepWithinDays));
  return +now - +run.landed < days * DAY_MS ? `every snapshot of the last ${days} days is kept` : undefined;
}

const contains = (roots: readonly string[], others: readonly string[]): boolean =>
  others.every((other) => roots.some((root) => other === root || other.startsWith(root === '/' ? '/' : `${root}/`)));
