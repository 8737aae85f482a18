/** What a night holds in memory of a snapshot: never its pages. */
import type { ObjectKey, RunId } from '../ids.ts';
import type { Snapshot } from '../format/snapshot.ts';
import type { LandedSnapshot } from '../repository/snapshots.ts';
import type { RetainedSnapshot } from '../retention/decide-retention.ts';

export interface NightSnapshot extends RetainedSnapshot, Pick<Snapshot, 'packs' | 'live' | 'totals'> {
  readonly key: ObjectKey;
  readonly run: RunId;
  readonly host: string;
}

export const nightSnapshotOf = ({ key, name, landed, snapshot }: LandedSnapshot): NightSnapshot => ({
  key,
  name,
  landed,
  run: snapshot.run,
  host: snapshot.machine.host,
  finished: snapshot.finished,
  roots: snapshot.roots.map(({ path }) => path),
  tags: snapshot.tags,
  totals: snapshot.totals,
  packs: snapshot.packs,
  live: snapshot.live,
});
