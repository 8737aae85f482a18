/**
 * Snapshots that hold much less than one shortly before. No run record is looked at: those are claims. So are totals,
 * but wrong ones contradict the catalog, which every restore reads.
 */
import type { RunId } from '../ids.ts';
import { count, rootsKey } from './change-figures.ts';
import type { NightSnapshot } from './night-snapshot.ts';

/** Below this many files even half of them is a person's work. */
const FILES_MIN = 100;
const DAY_MS = 24 * 3_600_000;
/** What is deleted slowly is compared with what was there so long before. */
const COMPARED_DAYS = 7;

/** What is looked at of a finished snapshot. */
export interface ShrinkableSnapshot extends Pick<NightSnapshot, 'name' | 'landed' | 'run' | 'roots'> {
  readonly totals: Pick<NightSnapshot['totals'], 'files' | 'bytes'>;
}

export interface Shrinkage {
  readonly run: RunId;
  readonly landed: Date;
  readonly reason: string;
}

/** Of the snapshots of the last week, newest first, each that lost more than half after the last clearing. */
export function shrunkenSnapshots(snapshots: readonly ShrinkableSnapshot[], clearedAt: Date | undefined): Shrinkage[] {
  const [newest] = snapshots;
  if (newest === undefined) return [];
  return snapshots.flatMap((suspect, i) => {
    if (!isAfter(suspect.landed, clearedAt) || +newest.landed - +suspect.landed > COMPARED_DAYS * DAY_MS) return [];
    const reason = lostSince(suspect, comparable(suspect, snapshots.slice(i + 1), clearedAt));
    return reason === undefined ? [] : [{ run: suspect.run, landed: suspect.landed, reason }];
  });
}

/** The one before of the same folders, and what else landed in the week before; what was cleared counts as it is now. */
function comparable(
  suspect: ShrinkableSnapshot,
  older: readonly ShrinkableSnapshot[],
  clearedAt: Date | undefined,
): ShrinkableSnapshot[] {
  const same = older.filter(({ roots }) => rootsKey(roots) === rootsKey(suspect.roots));
  const cleared = same.findIndex(({ landed }) => !isAfter(landed, clearedAt));
  return same
    .slice(0, cleared < 0 ? undefined : cleared + 1)
    .filter(({ landed }, i) => i === 0 || +suspect.landed - +landed <= COMPARED_DAYS * DAY_MS);
}

function lostSince(suspect: ShrinkableSnapshot, before: readonly ShrinkableSnapshot[]): string | undefined {
  const now = suspect.totals;
  for (const { name, totals } of before) {
    const { files, bytes } = totals;
    if (files < FILES_MIN || (now.files >= files / 2 && now.bytes >= bytes / 2)) continue;
    return `snapshot ${suspect.name} holds ${count(now.files)} files and ${count(now.bytes)} bytes, where ${name} of the same folders held ${count(files)} files and ${count(bytes)} bytes`;
  }
  return undefined;
}

const isAfter = (landed: Date, clearedAt: Date | undefined): boolean => clearedAt === undefined || +landed > +clearedAt;
