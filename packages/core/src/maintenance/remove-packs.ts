/**
 * Removes packs that were marked for the whole grace and that no listed snapshot needs. That fact is stable: no snapshot
 * that needs such a pack can come any more, so a delete may be late or repeated. Marks are listed before snapshots, and
 * what protects a pack is every listed snapshot, not only those that retention decided to keep.
 */
import type { ObjectKey } from '../ids.ts';
import { marksPrefix, packKey } from '../keys.ts';
import { readMarks } from '../repository/marks-chain.ts';
import type { Marks } from '../repository/marks-chain.ts';
import { mapConcurrent } from '../repository/map-concurrent.ts';
import type { Repository } from '../repository/repository.ts';
import { readEachSnapshot } from '../repository/snapshots.ts';
import type { SnapshotListing } from '../repository/snapshots.ts';
import type { ObjectStore } from '../store/ports.ts';
import type { NightSettings } from './night.ts';
import { nightSnapshotOf } from './night-snapshot.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import type { PackBook } from './pack-book.ts';

/** A listing of snapshots that took longer may have missed one that landed meanwhile. */
const LISTING_MS_MAX = 10 * 60_000;
const LISTINGS_MAX = 5;
/** A night that has been at it for longer looks again before it goes on. */
const LOOK_AGAIN_MS = 60 * 60_000;
const BATCH = 250;
const DELETES_AT_ONCE = 8;

export interface Removal {
  /** Numbers in the book. */
  readonly removed: readonly number[];
  /** Could have gone but for the limit of a night. */
  readonly deferred: readonly number[];
  /** The newest listing of marks. */
  readonly marks: Marks | undefined;
  /** Why nothing more was removed, if something is wrong. */
  readonly refusal: string | undefined;
}

export interface RemovalInput {
  readonly book: PackBook;
  readonly settings: NightSettings;
  /** Snapshots that were read before. */
  readonly known: Map<ObjectKey, NightSnapshot>;
  /** Throws when the night has to stop. */
  readonly mayGoOn: () => void;
}

export async function removePacks(repository: Repository<ObjectStore>, input: RemovalInput): Promise<Removal> {
  const { book, settings } = input;
  const removed: number[] = [];
  let budget = settings.removedShareMax * book.amount(() => true).bytes;
  for (;;) {
    const seen = await lookAgain(repository, input.known);
    if ('refusal' in seen) return { removed, deferred: [], marks: undefined, refusal: seen.refusal };
    const doomed = doomedPacks(book, seen, settings.graceMs).filter((number) => !removed.includes(number));
    const { going, deferred } = within(budget, doomed, book, removed.length === 0);
    const done = await removeUntilOld(repository, book, going, seen.marks, input.mayGoOn);
    removed.push(...going.slice(0, done));
    for (const number of going.slice(0, done)) budget -= book.bytes(number);
    if (done === going.length) return { removed, deferred, marks: seen.marks, refusal: undefined };
  }
}

interface Seen {
  readonly marks: Marks;
  readonly snapshots: SnapshotListing<NightSnapshot>;
}

/** Marks, then all snapshots that are listed after them. */
async function lookAgain(
  repository: Repository,
  known: Map<ObjectKey, NightSnapshot>,
): Promise<Seen | { readonly refusal: string }> {
  for (let attempt = 0; attempt < LISTINGS_MAX; attempt++) {
    const marks = await readMarks(repository);
    const snapshots = await readEachSnapshot(repository, nightSnapshotOf, known);
    const [damaged] = snapshots.damaged;
    if (damaged !== undefined) return { refusal: damaged.error.message };
    if (+snapshots.ended - +snapshots.began <= LISTING_MS_MAX && snapshots.gone.length === 0)
      return { marks, snapshots };
  }
  return { refusal: `the list of snapshots kept changing while it was read, ${LISTINGS_MAX} times` };
}

/** Longest marked first. */
function doomedPacks(book: PackBook, { marks, snapshots }: Seen, graceMs: number): number[] {
  const needed = book.neededBy(snapshots.valid);
  const since = new Map<number, number>();
  for (const [pack, mark] of marks.marks) {
    const number = book.numberOf(pack);
    if (number === undefined || needed[number] === 1) continue;
    if (+marks.listed - +mark.since >= graceMs) since.set(number, +mark.since);
  }
  return [...since.keys()].sort((a, b) => (since.get(a) as number) - (since.get(b) as number) || a - b);
}

/** As many as the night may still remove; the first one always. */
function within(
  budget: number,
  doomed: readonly number[],
  book: PackBook,
  isFirst: boolean,
): { going: number[]; deferred: number[] } {
  const going: number[] = [];
  const deferred: number[] = [];
  let left = budget;
  for (const number of doomed) {
    const bytes = book.bytes(number);
    if (bytes > left && !(isFirst && going.length === 0)) deferred.push(number);
    else {
      left -= bytes;
      going.push(number);
    }
  }
  return { going, deferred };
}

/** How many of these are removed: all, or as many as there was time for before one has to look again. */
async function removeUntilOld(
  repository: Repository<ObjectStore>,
  book: PackBook,
  going: readonly number[],
  { listed }: Marks,
  mayGoOn: () => void,
): Promise<number> {
  const { store, device } = repository;
  const remove = async (number: number): Promise<void> => {
    const pack = book.packs[number];
    if (pack !== undefined) await store.remove(packKey(device, pack));
  };
  for (let at = 0; at < going.length; at += BATCH) {
    mayGoOn();
    if (at > 0 && +(await store.list(marksPrefix(device))).began - +listed > LOOK_AGAIN_MS) return at;
    for await (const _ of mapConcurrent(going.slice(at, at + BATCH), DELETES_AT_ONCE, remove));
  }
  return going.length;
}
