/**
 * A device of 100 packs of which 1 % of the chunks changes each day, at random places: how much lies in the bucket
 * against what snapshots need, with a way to choose the packs that are rewritten.
 */
import { MiB, encodePackRanges, makeRunId, packText } from '../../src/index.ts';
import type { ListedPack, RunId } from '../../src/index.ts';
import type { RetiringInput } from '../../src/maintenance/choose-retiring.ts';
import type { NightSnapshot } from '../../src/maintenance/night-snapshot.ts';
import { PackBook } from '../../src/maintenance/pack-book.ts';
import { pseudoRandomBytes } from '../kit/pseudo-random.ts';

const CHUNKS = 3200;
const CHUNKS_PER_PACK = 32;
const CHANGED_PER_DAY = CHUNKS / 100;
const KEPT_DAYS = 30;
const RESUME_DAYS = 14;
const DAYS = 240;
const DAY_MS = 86_400_000;

interface Pack {
  readonly run: RunId;
  readonly number: number;
  readonly born: number;
  readonly chunks: readonly number[];
  isMarked: boolean;
}

interface Day {
  readonly run: RunId;
  readonly needs: ReadonlySet<Pack>;
  /** Chunks with their versions. */
  readonly content: ReadonlySet<string>;
}

type Choose = (input: RetiringInput) => number[];

export interface Footprint {
  /** Chunks in the bucket by those that the kept snapshots need, on the last day. */
  readonly storedByNeeded: number;
  /** Chunks sent by chunks changed, over the second half. */
  readonly sentByChanged: number;
}

export function simulateRetiring(choose: Choose): Footprint {
  const random = pseudoRandomBytes(1, DAYS * CHANGED_PER_DAY * 4);
  const versions = Array.from({ length: CHUNKS }, () => 0);
  /** Of each chunk the pack that has its newest version. */
  const home = new Map<number, Pack>();
  const days: Day[] = [];
  let packs: Pack[] = [];
  let sent = 0;
  for (let day = 0; day < DAYS; day++) {
    const run = makeRunId(new Date(day * DAY_MS), Buffer.alloc(4));
    for (let i = 0; i < CHANGED_PER_DAY && day > 0; i++)
      versions[random.readUInt32LE((day * CHANGED_PER_DAY + i) * 4) % CHUNKS] = day;
    const saved = [...versions.keys()].filter((chunk) => versions[chunk] === day || home.get(chunk)?.isMarked === true);
    for (let at = 0; at < saved.length; at += CHUNKS_PER_PACK) {
      const chunks = saved.slice(at, at + CHUNKS_PER_PACK);
      const pack = { run, number: at / CHUNKS_PER_PACK, born: day, chunks, isMarked: false };
      packs.push(pack);
      for (const chunk of chunks) home.set(chunk, pack);
    }
    if (day >= DAYS / 2) sent += saved.length;
    const content = new Set(versions.map((version, chunk) => `${chunk} ${version}`));
    days.push({ run, needs: new Set(home.values()), content });
    packs = packs.filter((pack) => days.slice(-KEPT_DAYS).some(({ needs }) => needs.has(pack)));
    for (const pack of chosen(choose, packs, days, home)) pack.isMarked = true;
  }
  const needed = new Set(days.slice(-KEPT_DAYS).flatMap(({ content }) => [...content])).size;
  const stored = packs.reduce((sum, { chunks }) => sum + chunks.length, 0);
  return { storedByNeeded: stored / needed, sentByChanged: sent / ((CHANGED_PER_DAY * DAYS) / 2) };
}

function chosen(choose: Choose, packs: readonly Pack[], days: readonly Day[], home: ReadonlyMap<number, Pack>): Pack[] {
  const mayRetire = (number: number): boolean => {
    const pack = packs[number];
    return pack?.isMarked === false && days.length - 1 - pack.born >= RESUME_DAYS;
  };
  const [today, ...before] = days.slice(-14).toReversed();
  const snapshots = [{ ...newestSnapshot(home), run: today?.run }, ...before.map(otherSnapshot)];
  return choose({
    book: new PackBook(packs.map(listed)),
    snapshots: snapshots as NightSnapshot[],
    mayRetire,
  }).map((number) => packs[number] as Pack);
}

const listed = ({ run, number, chunks }: Pack): ListedPack => ({
  kind: 'data',
  run,
  number,
  object: {
    key: packText({ kind: 'data', run, number }),
    bytes: chunks.length * MiB,
    modified: new Date(0),
    etag: undefined,
    storageClass: undefined,
  },
});

function newestSnapshot(home: ReadonlyMap<number, Pack>): Partial<NightSnapshot> {
  const live: Record<string, Record<string, number>> = {};
  const numbers = new Map<RunId, Set<number>>();
  for (const { run, number } of home.values()) {
    const ofRun = (live[run] ??= {});
    ofRun[number] = (ofRun[number] ?? 0) + MiB;
    numbers.set(run, (numbers.get(run) ?? new Set()).add(number));
  }
  return {
    finished: true,
    roots: ['/'],
    packs: { data: encodePackRanges(numbers), meta: {} },
    live: { data: live, meta: {} },
  };
}

/** Of those before the newest only their runs count. */
const otherSnapshot = ({ run }: Day): Partial<NightSnapshot> => ({ run, finished: true, roots: ['/'] });
