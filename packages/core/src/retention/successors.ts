/** Newer snapshots of the same folders: whether one of them lets a snapshot go. */
import type { SnapshotName } from '../ids.ts';

interface Landed {
  readonly name: SnapshotName;
  /** Store time. */
  readonly landed: Date;
  readonly finished: boolean;
}

export interface SupersedingTimes {
  readonly listed: Date;
  readonly supersededMs: number;
}

interface Range {
  /** It stays itself, since whatever superseded it would be newer than it and contain the same folders. */
  readonly newest: Landed;
  /** The one that superseded first. */
  readonly oldest: Landed;
}

/**
 * Snapshots are added newest first, and each is asked about before it is added itself. A finished snapshot is superseded
 * by finished ones; an unfinished one by any, or a device of which a disk is gone for good would collect them for ever.
 */
export class Successors {
  readonly #times: SupersedingTimes;
  #finished: Range | undefined;
  #any: Range | undefined;
  #isFutureSeen = false;

  constructor(times: SupersedingTimes) {
    this.#times = times;
  }

  /** Those that landed later than the listing supersede nothing yet: a clock was put back. */
  add(snapshot: Landed): void {
    if (+snapshot.landed > +this.#times.listed) {
      this.#isFutureSeen = true;
      return;
    }
    this.#any = { newest: this.#any?.newest ?? snapshot, oldest: snapshot };
    if (snapshot.finished) this.#finished = { newest: this.#finished?.newest ?? snapshot, oldest: snapshot };
  }

  /** The newest one that supersedes the snapshot. */
  newestOf(snapshot: Landed): SnapshotName | undefined {
    return this.#of(snapshot)?.newest.name;
  }

  /** Why the snapshot stays whatever the policy says, if it does. */
  reasonToWait(snapshot: Landed): string | undefined {
    const range = this.#of(snapshot);
    const newest = snapshot.finished ? 'newest finished of its folders' : 'newest of its folders';
    if (range === undefined) return this.#isFutureSeen ? `${newest} but for those dated in the future` : newest;
    const { listed, supersededMs } = this.#times;
    return +listed - +range.oldest.landed < supersededMs ? `superseded less than ${ago(supersededMs)} ago` : undefined;
  }

  #of = (snapshot: Landed): Range | undefined => (snapshot.finished ? this.#finished : this.#any);
}

const HOUR_MS = 60 * 60_000;

const ago = (ms: number): string => (ms === HOUR_MS ? 'an hour' : `${Math.ceil(ms / 60_000)} minutes`);
