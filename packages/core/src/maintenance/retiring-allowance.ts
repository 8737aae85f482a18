/**
 * How many bytes nights may make runs send again: a share of what changed since they last did, so it is bounded per
 * byte that changed, however often runs and nights take place. Listings and marks tell; no record of a device is
 * believed.
 */
import type { Marks } from '../repository/marks-chain.ts';
import { liveBytes } from './live-bytes.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import type { PackBook } from './pack-book.ts';

const DAY_MS = 24 * 60 * 60_000;
/**
 * So many runs, or so long, lie between two nights that retire: what is sent again is cold, and so much of it at once
 * fills packs of its own instead of lying between what changed that day and will change again.
 */
const RUNS_BETWEEN = 5;
const DAYS_BETWEEN = 5;
/** What changed before that is not made up for. */
const DAYS_COUNTED = 14;
/** What so many runs sent bounds the first pack that is retired. */
const FIRST_RUNS = 14;

export interface RetiringAllowance {
  readonly bytes: number;
  /** Up to here one pack may go although it is more, where no mark tells of an earlier one. */
  readonly firstBytes: number;
}

export interface AllowanceInput {
  readonly book: PackBook;
  /** Valid ones, newest first. */
  readonly snapshots: readonly NightSnapshot[];
  readonly marks: Marks;
}

/** `share`: of the bytes that change. */
export function retiringAllowance(share: number, { book, snapshots, marks }: AllowanceInput): RetiringAllowance {
  const last = lastRetired(book, snapshots, marks);
  if (last === undefined) return firstAllowance(share, book, snapshots);
  const runs = snapshots.filter(({ landed }) => +landed > last.at);
  const isDue = runs.length >= RUNS_BETWEEN || +marks.listed - last.at >= DAYS_BETWEEN * DAY_MS;
  if (!isDue) return { bytes: 0, firstBytes: 0 };
  const since = +marks.listed - DAYS_COUNTED * DAY_MS;
  const sent = sentBytes(
    book,
    runs.filter(({ landed }) => +landed > since),
  );
  return { bytes: share * Math.max(0, sent - (last.at > since ? last.bytes : 0)), firstBytes: 0 };
}

/** Marks outlast the next run. So where none tells of an earlier retirement, at least the newest run has not been counted. */
function firstAllowance(share: number, book: PackBook, snapshots: readonly NightSnapshot[]): RetiringAllowance {
  const sent = snapshots.slice(0, 1 + FIRST_RUNS).map((snapshot) => sentBytes(book, [snapshot]));
  // The largest may be a first backup, and that changes nothing.
  const changed = sent.reduce((sum, bytes) => sum + bytes, 0) - Math.max(0, ...sent);
  return { bytes: share * (sent[0] ?? 0), firstBytes: share * changed };
}

/** When a night last retired packs, and what newest snapshots needed of them then: so much was sent again since. */
function lastRetired(
  book: PackBook,
  snapshots: readonly NightSnapshot[],
  { marks }: Pick<Marks, 'marks'>,
): { readonly at: number; readonly bytes: number } | undefined {
  const at = lastRetiredAt(marks);
  if (at === undefined) return undefined;
  const live = liveBytes(
    book,
    snapshots.filter(({ landed }) => +landed <= at),
  );
  let bytes = 0;
  for (const [text, { state, since }] of marks) {
    const number = state === 'retiring' && +since === at ? book.numberOf(text) : undefined;
    if (number !== undefined) bytes += live[number] as number;
  }
  return { at, bytes };
}

/** Store time, ms; undefined if no mark tells of it. */
export function lastRetiredAt(marks: Marks['marks']): number | undefined {
  let at: number | undefined;
  for (const { state, since } of marks.values())
    if (state === 'retiring' && (at === undefined || +since > at)) at = +since;
  return at;
}

function sentBytes(book: PackBook, snapshots: readonly NightSnapshot[]): number {
  const runs = new Set<string>(snapshots.map(({ run }) => run));
  return book.amount((number) => runs.has(book.packs[number]?.run ?? '')).bytes;
}
