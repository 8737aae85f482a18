/** Which small packs are worth joining, so that a device that changes little does not end with thousands of them. */
import { MiB } from '../limits.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import type { PackBook } from './pack-book.ts';

/** A pack of the usual size. */
const PACK_BYTES = 32 * MiB;
/** Of the size at which the device closes packs, a pack of less than this is small. */
const SMALL_SHARE = 1 / 8;
/** Runs that show at which size packs are closed. */
const RUNS_LOOKED_AT = 14;

/** Packs that are worth retiring only together, and what the next runs then send again. */
export interface Rewriting {
  readonly packs: readonly number[];
  readonly bytes: number;
}

export interface JoiningInput {
  readonly book: PackBook;
  /** Newest first. */
  readonly snapshots: readonly NightSnapshot[];
  /** What is live in a pack. */
  readonly bytesOf: (number: number) => number;
}

/** Small ones among these packs, if those of a kind together fill a pack. */
export function joinings(packs: readonly number[], input: JoiningInput): Rewriting[] {
  const closedAt = closingBytes(input);
  return (['data', 'meta'] as const).flatMap((kind) => {
    const small = packs.filter(
      (number) => input.book.packs[number]?.kind === kind && input.book.bytes(number) < closedAt * SMALL_SHARE,
    );
    const bytes = small.reduce((sum, number) => sum + input.bytesOf(number), 0);
    return bytes < closedAt ? [] : groups(small, closedAt * SMALL_SHARE, input);
  });
}

/**
 * The size at which the device closes packs: runs of several packs show it. On a slow uplink it is far smaller, and
 * joining what is as small as that would give packs as small, again and again.
 */
function closingBytes({ book, snapshots }: JoiningInput): number {
  const runs = new Set(snapshots.slice(0, RUNS_LOOKED_AT).map(({ run }) => run));
  const data = [...book.packs.keys()].filter((number) => {
    const pack = book.packs[number];
    return pack?.kind === 'data' && runs.has(pack.run);
  });
  const ofRuns = [...Map.groupBy(data, (number) => book.packs[number]?.run).values()];
  const shown = ofRuns.filter((numbers) => numbers.length > 1).flat();
  const largest = shown.reduce((bytes, number) => Math.max(bytes, book.bytes(number)), 0);
  return shown.length === 0 ? PACK_BYTES : Math.min(PACK_BYTES, largest);
}

/** Smallest first, as few at a time as make one that is not small. */
function groups(small: readonly number[], bytesMin: number, { book, bytesOf }: JoiningInput): Rewriting[] {
  const found: Rewriting[] = [];
  let packs: number[] = [];
  let bytes = 0;
  for (const number of small.toSorted((a, b) => book.bytes(a) - book.bytes(b) || a - b)) {
    packs.push(number);
    bytes += bytesOf(number);
    if (bytes < bytesMin) continue;
    found.push({ packs, bytes });
    [packs, bytes] = [[], 0];
  }
  return found;
}
