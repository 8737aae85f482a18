/**
 * Packs to be rewritten: mostly dead ones that newest snapshots still need a little of, and small ones that together
 * fill one. They are only marked: the next run saves what it still needs of them anew, so no byte is read back and the
 * night needs no access to documents. Why these thresholds: docs/collection.md, with the simulation.
 */
import { MiB } from '../limits.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import type { PackBook } from './pack-book.ts';

/** Packs of which less than this is live in the newest snapshots. */
const LIVE_SHARE_MIN = 0.5;
/** A pack of the usual size; smaller ones that together fill one are joined. */
const PACK_BYTES = 32 * MiB;
const SMALL_BYTES = 4 * MiB;
/** The runs whose new bytes are averaged. */
const RUNS_AVERAGED = 14;
/** Of the mean new bytes of a run, so much may be sent again for packs that a night retires. */
const RESAVED_SHARE = 0.5;
/** Storage classes whose objects cannot be read at once: rewriting would need them thawed. */
const ARCHIVED = new Set(['GLACIER', 'DEEP_ARCHIVE']);

export interface RetiringInput {
  readonly book: PackBook;
  /** Valid ones, newest first. */
  readonly snapshots: readonly NightSnapshot[];
  /** Needed by snapshots that stay, not marked, not pending. */
  readonly mayRetire: (number: number) => boolean;
}

/** Numbers of the packs to retire, in the order in which they were chosen. */
export function chooseRetiring({ book, snapshots, mayRetire }: RetiringInput): number[] {
  const live = liveBytes(book, newestOfEachRoots(snapshots));
  const candidates = book.packs.flatMap((pack, number) =>
    mayRetire(number) && !ARCHIVED.has(pack.object.storageClass ?? '') ? [number] : [],
  );
  const shareOf = (number: number): number => (live[number] as number) / Math.max(1, book.bytes(number));
  const hollow = candidates.filter((number) => shareOf(number) < LIVE_SHARE_MIN);
  hollow.sort((a, b) => shareOf(a) - shareOf(b) || a - b);
  const chosen: number[] = [];
  let budget = RESAVED_SHARE * meanNewBytes(book, snapshots);
  for (const number of [...hollow, ...smallOnes(book, candidates, live)]) {
    const bytes = live[number] as number;
    if (bytes > budget || chosen.includes(number)) continue;
    budget -= bytes;
    chosen.push(number);
  }
  return chosen;
}

/** Of each set of roots the newest finished snapshot and the newest of any kind: nobody asks for live bytes of others. */
export function newestOfEachRoots(snapshots: readonly NightSnapshot[]): Set<NightSnapshot> {
  const newest = new Map<string, NightSnapshot>();
  for (const snapshot of snapshots) {
    const roots = JSON.stringify([...snapshot.roots].sort());
    for (const kind of snapshot.finished ? ['any', 'finished'] : ['any'])
      if (!newest.has(`${kind} ${roots}`)) newest.set(`${kind} ${roots}`, snapshot);
  }
  return new Set(newest.values());
}

/** Per pack the larger figure of these snapshots; 0 where none names it. */
function liveBytes(book: PackBook, snapshots: Iterable<NightSnapshot>): Float64Array {
  const live = new Float64Array(book.packs.length);
  for (const snapshot of snapshots) {
    for (const { kind, run, ofRun, number } of book.namedBy(snapshot)) {
      if (number === undefined) continue;
      const bytes = Math.min(snapshot.live[kind][run]?.[String(ofRun)] ?? Infinity, book.bytes(number));
      live[number] = Math.max(live[number] as number, bytes);
    }
  }
  return live;
}

/** Small packs of a kind, smallest first, if together they fill one. */
function smallOnes(book: PackBook, candidates: readonly number[], live: Float64Array): number[] {
  return (['data', 'meta'] as const).flatMap((kind) => {
    const small = candidates.filter((number) => book.packs[number]?.kind === kind && book.bytes(number) < SMALL_BYTES);
    const bytes = small.reduce((sum, number) => sum + (live[number] as number), 0);
    return bytes < PACK_BYTES ? [] : small.sort((a, b) => book.bytes(a) - book.bytes(b) || a - b);
  });
}

/** What a listing shows of the newest runs: no record of a device is believed. */
function meanNewBytes(book: PackBook, snapshots: readonly NightSnapshot[]): number {
  const runs = new Set(snapshots.slice(0, RUNS_AVERAGED).map(({ run }) => run));
  return book.amount((number) => runs.has(book.packs[number]?.run as never)).bytes / Math.max(1, runs.size);
}
