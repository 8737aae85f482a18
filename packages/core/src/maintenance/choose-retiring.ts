/**
 * Packs to be rewritten: mostly dead ones that newest snapshots still need a little of, and small ones that together
 * fill one. They are only marked: the next run saves what it still needs of them anew, so no byte is read back and the
 * night needs no access to documents. Why these thresholds: docs/collection-figures.md, with the simulation.
 */
import type { Marks } from '../repository/marks-chain.ts';
import { isArchiveClass } from '../store/tiering.ts';
import { joinings } from './join-small-packs.ts';
import type { Rewriting } from './join-small-packs.ts';
import { liveBytes, newestOfEachRoots } from './live-bytes.ts';
import type { RetiringThresholds } from './night.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import type { PackBook } from './pack-book.ts';
import { lastRetiredAt, retiringAllowance } from './retiring-allowance.ts';

const DAY_MS = 24 * 60 * 60_000;
/** So far back it is looked how fast a pack loses what is live in it. */
const TREND_DAYS = 14;
/** Longer than this no gain counts, be it as lasting as it may. */
const LASTING_DAYS = 100;

export interface RetiringInput {
  readonly book: PackBook;
  /** Valid ones, newest first. */
  readonly snapshots: readonly NightSnapshot[];
  readonly marks: Marks;
  readonly thresholds: RetiringThresholds;
  /** Needed by snapshots that stay, not marked, not pending. */
  readonly mayRetire: (number: number) => boolean;
}

/** Numbers of the packs to retire, in the order in which they were chosen. */
export function chooseRetiring(input: RetiringInput): number[] {
  const { bytes, firstBytes } = retiringAllowance(input.thresholds.resavedShareMax, input);
  if (bytes === 0) return [];
  const rewritings = possibleRewritings(input);
  const chosen: Rewriting[] = [];
  let left = bytes;
  for (const rewriting of rewritings) {
    if (rewriting.bytes > left) continue;
    left -= rewriting.bytes;
    chosen.push(rewriting);
  }
  // Where little changes, one pack is more than that. From then on its mark tells since when changes add up.
  const first = rewritings.find((rewriting) => rewriting.bytes <= firstBytes);
  if (chosen.length === 0 && first !== undefined) chosen.push(first);
  return chosen.flatMap(({ packs }) => packs);
}

/** The snapshots whose live bytes are asked for: the newest now, those of a while ago, and of when packs last retired. */
export function weighedSnapshots(snapshots: readonly NightSnapshot[], marks: Marks): Set<NightSnapshot> {
  const times = [Infinity, +marks.listed - TREND_DAYS * DAY_MS, lastRetiredAt(marks.marks) ?? Infinity];
  return new Set(times.flatMap((time) => [...newestOfEachRoots(snapshots.filter(({ landed }) => +landed <= time))]));
}

/** Hollow packs, those that gain most first, then small ones. */
function possibleRewritings(input: RetiringInput): Rewriting[] {
  const { book, snapshots, thresholds, mayRetire } = input;
  const live = liveBytes(book, snapshots);
  const bytesOf = (number: number): number => live[number] as number;
  // What no newest snapshot names costs nothing where it is: it goes with the history, or its content comes back.
  const candidates = [...book.packs.entries()].flatMap(([number, { object }]) =>
    bytesOf(number) > 0 && mayRetire(number) && !isArchiveClass(object.storageClass) ? [number] : [],
  );
  const { hollow = [], full = [] } = Object.groupBy(candidates, (number) =>
    bytesOf(number) / Math.max(1, book.bytes(number)) < thresholds.liveShareMin ? 'hollow' : 'full',
  );
  const gain = gains(input, live);
  hollow.sort((a, b) => gain(b) - gain(a) || a - b);
  return [
    ...hollow.map((number) => ({ packs: [number], bytes: bytesOf(number) })),
    ...joinings(full, { book, snapshots, bytesOf }),
  ];
}

/**
 * What rewriting a pack gains: dead bytes per live byte, for as long as they would stay. A pack that keeps losing what
 * is live in it will go by itself; one that has come to rest keeps its dead bytes until it is rewritten.
 */
function gains({ book, snapshots, marks: { listed } }: RetiringInput, live: Float64Array): (number: number) => number {
  const then = +listed - TREND_DAYS * DAY_MS;
  const liveThen = liveBytes(
    book,
    snapshots.filter(({ landed }) => +landed <= then),
  );
  return (number) => {
    const [now, whole] = [live[number] as number, book.bytes(number)];
    const days = Math.min(TREND_DAYS, Math.max(1, (+listed - +(book.packs[number]?.object.modified ?? 0)) / DAY_MS));
    const before = (liveThen[number] as number) > 0 ? (liveThen[number] as number) : whole;
    const lossPerDay = Math.max(0, Math.log(before / now)) / days;
    return (whole - now) / now / (lossPerDay + 1 / LASTING_DAYS);
  };
}
