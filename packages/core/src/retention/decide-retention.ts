/**
 * Which snapshots stay, and why. Pure: the same input gives the same decisions, whatever the clocks of clients say. Ages
 * and order are the store's. What the rules mean for an administrator is in docs/retention.md.
 */
import type { SnapshotName } from '../ids.ts';
import type { RetentionPolicy } from '../format/policy.ts';
import { compareRoots } from './compare-roots.ts';
import type { RootSet } from './compare-roots.ts';
import { countFromNewest, countedRules } from './counted-rules.ts';
import { calendarOf } from './periods.ts';
import type { PeriodNames } from './periods.ts';
import { Successors } from './successors.ts';

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

/** A decision for each snapshot, newest first. */
export function decideRetention(input: RetentionInput): RetentionDecision[] {
  const snapshots = input.snapshots.toSorted(newestFirst);
  const { policy } = input;
  if (policy === undefined)
    return snapshots.map(({ name }) => ({ name, keep: true, reasons: ['no policy is stored'] }));
  const calendar = calendarOf(policy.timeZone ?? 'UTC');
  const placed = snapshots.map((snapshot) => ({
    ...snapshot,
    periods: calendar(new Date(Math.min(+snapshot.landed, +input.listed))),
  }));
  const decisions = new Map<SnapshotName, RetentionDecision>();
  for (const set of compareRoots(placed))
    for (const decision of decideSet(set, { ...input, policy })) decisions.set(decision.name, decision);
  return placed.map(({ name }) => decisions.get(name) as RetentionDecision);
}

interface PlacedSnapshot extends RetainedSnapshot {
  readonly periods: PeriodNames;
}

interface Rules extends RetentionInput {
  readonly policy: RetentionPolicy;
}

/** Goes through all snapshots that have the set's folders, newest first, and stops to decide at the set's own. */
function decideSet(set: RootSet<PlacedSnapshot>, rules: Rules): RetentionDecision[] {
  const own = new Set(set.items);
  const counted = countedRules(rules.policy);
  const count = countFromNewest(counted);
  const successors = new Successors(rules);
  const decisions: RetentionDecision[] = [];
  for (const snapshot of set.related()) {
    const kept = snapshot.finished ? count(snapshot.periods) : [];
    if (own.has(snapshot)) {
      const needed = successors.reasonToWait(snapshot);
      const alone = needed !== undefined && !set.compared ? ['too many folders to compare with those of others'] : [];
      const stays = [...ownReasons(snapshot, rules), ...kept, ...(needed === undefined ? [] : [needed]), ...alone];
      const left = snapshot.finished ? counted.map(({ leaves }) => leaves) : ['unfinished, so only its age counts'];
      const goes = [`superseded by ${successors.newestOf(snapshot)}`, `older than ${days(rules.policy)}`, ...left];
      const keep = stays.length > 0;
      decisions.push({ name: snapshot.name, keep, reasons: keep ? stays : goes });
    }
    successors.add(snapshot);
  }
  return decisions;
}

const DAY_MS = 24 * 60 * 60_000;

/** Reasons that rest on the snapshot alone. */
function ownReasons({ name, landed, tags }: RetainedSnapshot, { policy, pinned, listed }: Rules): string[] {
  const keepTags = new Set(policy.keepTags);
  return [
    ...(pinned.has(name) ? ['pinned'] : []),
    ...[...new Set(tags)].filter((tag) => keepTags.has(tag)).map((tag) => `tag "${tag}"`),
    ...(+listed - +landed < policy.keepWithinDays * DAY_MS ? [`within ${days(policy)}`] : []),
  ];
}

const days = ({ keepWithinDays }: RetentionPolicy): string =>
  keepWithinDays === 1 ? '1 day' : `${keepWithinDays} days`;

/** Newest by store time, then by the larger name, as readers order them. */
const newestFirst = (a: RetainedSnapshot, b: RetainedSnapshot): number =>
  +b.landed - +a.landed || (a.name < b.name ? 1 : -1);
