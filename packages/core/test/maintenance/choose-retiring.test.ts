import { describe, expect, test } from 'vitest';
import { BUCKET_SETTINGS, MiB, encodePackRanges, packText, parseRunId, snapshotName } from '../../src/index.ts';
import type { ListedPack, PackKind, PackPlace, RunId } from '../../src/index.ts';
import { chooseRetiring } from '../../src/maintenance/choose-retiring.ts';
import type { NightSnapshot } from '../../src/maintenance/night-snapshot.ts';
import { PackBook } from '../../src/maintenance/pack-book.ts';
import { DAY_MS } from './night-bench.ts';

/** A run of a day: what it wrote, in MiB. */
interface RunRow {
  readonly data?: readonly number[];
  readonly meta?: readonly number[];
  readonly roots?: string;
  readonly storageClass?: string;
}

interface Circumstances {
  /** What the newest snapshot of each of these roots needs of packs, in MiB, by `day/number`; else nothing. */
  readonly live: Readonly<Record<string, number>>;
  /** Of other roots than those of the newest run. */
  readonly liveElsewhere?: Readonly<Record<string, number>>;
  /** What older snapshots needed, by the day of their run. */
  readonly liveBefore?: Readonly<Record<number, Readonly<Record<string, number>>>>;
  /** In the night after this day packs were retired: these, if they are still there. */
  readonly retiredAfterDay?: number;
  readonly retiredThen?: readonly PackPlace[];
  readonly daysBetweenRuns?: number;
  readonly kind?: PackKind;
}

const runOf = (day: number): RunId => parseRunId(`20260101T000000Z-${day.toString(16).padStart(8, '0')}`);

/** What a night retires, as `day/number`. */
function retired(runs: readonly RunRow[], circumstances: Circumstances): string[] {
  const { live, liveElsewhere = {}, liveBefore = {}, retiredAfterDay, kind = 'data' } = circumstances;
  const { retiredThen = [{ kind, run: runOf(9999), number: 0 }], daysBetweenRuns = 1 } = circumstances;
  const landedOn = (day: number): Date => new Date(Date.UTC(2026, 0, 1) + day * daysBetweenRuns * DAY_MS);
  const packs = runs.flatMap((row, day) =>
    (['data', 'meta'] as const).flatMap((kindOfPack) =>
      (row[kindOfPack] ?? []).map((size, number): ListedPack => {
        const place = { kind: kindOfPack, run: runOf(day), number };
        const { storageClass } = row;
        const object = { key: '', bytes: size * MiB, modified: landedOn(day), etag: undefined, storageClass };
        return { ...place, object };
      }),
    ),
  );
  const newestRoots = runs.at(-1)?.roots ?? '/home';
  const newestElsewhere = runs.findLastIndex(({ roots = '/home' }) => roots !== newestRoots);
  const snapshots = runs.map((row, day): NightSnapshot => {
    const needs = day === runs.length - 1 ? live : day === newestElsewhere ? liveElsewhere : (liveBefore[day] ?? {});
    const numbers = new Map<RunId, number[]>();
    const bytes: Record<string, Record<string, number>> = {};
    for (const [name, size] of Object.entries(needs)) {
      const [ofDay = 0, number = 0] = name.split('/').map(Number);
      numbers.set(runOf(ofDay), [...(numbers.get(runOf(ofDay)) ?? []), number]);
      (bytes[runOf(ofDay)] ??= {})[String(number)] = size * MiB;
    }
    return {
      key: '' as NightSnapshot['key'],
      name: snapshotName(runOf(day), 0),
      landed: landedOn(day),
      run: runOf(day),
      host: 'desk-1',
      finished: true,
      roots: [row.roots ?? '/home'],
      tags: [],
      totals: { files: 1, folders: 1, others: 0, bytes: 1, unreadable: 0 },
      packs: { data: {}, meta: {}, [kind]: encodePackRanges(numbers) },
      live: { data: {}, meta: {}, [kind]: bytes },
    };
  });
  const book = new PackBook(packs);
  const since = landedOn((retiredAfterDay ?? 0) + 0.5);
  const retiredPacks = retiredAfterDay === undefined ? [] : retiredThen;
  const marks = new Map(retiredPacks.map((pack) => [packText(pack), { state: 'retiring' as const, since }]));
  const numbers = chooseRetiring({
    book,
    snapshots: snapshots.toReversed(),
    marks: { listed: landedOn(runs.length), sequence: 1, marks, older: [] },
    thresholds: BUCKET_SETTINGS.retiring,
    mayRetire: () => true,
  });
  return numbers.map((number) => {
    const pack = packs[number] as ListedPack;
    expect(packText(pack)).toContain(kind);
    return `${Number.parseInt(pack.run.slice(-8), 16)}/${pack.number}`;
  });
}

const runsOf = (count: number, row: RunRow): RunRow[] => Array.from({ length: count }, () => row);
/** A first backup of five packs and 20 days of 30 MiB. */
const OFFICE: readonly RunRow[] = [{ data: [32, 32, 32, 32, 32] }, ...runsOf(20, { data: [30] })];

/** As much as this is live in each of the packs of the first backup. */
const hollowed = (size: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: 5 }, (_, number) => [`0/${number}`, size]));

describe('hollow packs are retired', () => {
  test('if less than 70 % of them is live', () => {
    expect(retired(OFFICE, { live: { '0/0': 23, '0/1': 5, '0/2': 4 }, retiredAfterDay: 10 })).toEqual(['0/2', '0/1']);
  });

  test('for half of what changed since the last that were', () => {
    expect(retired(OFFICE, { live: hollowed(22), retiredAfterDay: 15 })).toEqual(['0/0', '0/1', '0/2']);
  });

  test('and what was sent again for those is not change', () => {
    const retiredThen = [{ kind: 'data' as const, run: runOf(1), number: 0 }];
    const liveBefore = { 15: { '1/0': 30 } };
    expect(retired(OFFICE, { live: hollowed(22), retiredAfterDay: 15, retiredThen, liveBefore })).toEqual([
      '0/0',
      '0/1',
    ]);
  });

  test('every five runs or five days', () => {
    expect(retired(OFFICE, { live: hollowed(15), retiredAfterDay: 16 })).toEqual([]);
    expect(retired(OFFICE, { live: hollowed(15), retiredAfterDay: 19, daysBetweenRuns: 7 })).toEqual(['0/0']);
    expect(retired(OFFICE, { live: hollowed(15), retiredAfterDay: 20, daysBetweenRuns: 7 })).toEqual([]);
  });

  test('for what changed in the last two weeks at most', () => {
    const more = Object.fromEntries(Array.from({ length: 7 }, (_, day) => [`${day + 1}/0`, 20]));
    expect(retired(OFFICE, { live: { ...hollowed(22), ...more }, retiredAfterDay: 0 })).toHaveLength(9);
  });

  test('those that have come to rest before those that still lose what is live in them', () => {
    const liveBefore = { 7: { '0/0': 16, '0/1': 28 } };
    expect(retired(OFFICE, { live: { '0/0': 16, '0/1': 14 }, liveBefore, retiredAfterDay: 15 })).toEqual([
      '0/0',
      '0/1',
    ]);
  });

  test('one at once where each is more than that, and the next when enough has changed; a first backup is no change', () => {
    const quiet = [{ data: [32, 32, 32] }, ...runsOf(20, { data: [3] })];
    const live = { '0/0': 15, '0/1': 16 };
    expect(retired(quiet, { live })).toEqual(['0/0']);
    expect(retired(quiet, { live, retiredAfterDay: 13 })).toEqual([]);
    expect(retired(quiet, { live, retiredAfterDay: 10 })).toEqual(['0/0']);
    expect(retired(quiet, { live: { '0/0': 22 } })).toEqual([]);
  });

  test('only if a newest snapshot needs something of them: else they go with the history', () => {
    expect(retired(OFFICE, { live: { '1/0': 30 } })).toEqual([]);
  });

  test('never from an archive', () => {
    expect(retired([{ data: [32], storageClass: 'GLACIER' }, ...OFFICE.slice(1)], { live: { '0/0': 1 } })).toEqual([]);
  });

  test('by what the newest snapshots of all folders need', () => {
    const two = [{ data: [32, 32], roots: '/other' }, ...runsOf(20, { data: [30] })];
    expect(retired(two, { live: { '0/0': 1 }, liveElsewhere: { '0/0': 30, '0/1': 1 } })).toEqual(['0/1']);
  });
});

describe('small packs are joined', () => {
  const liveOf = (days: number, size: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: days }, (_, day) => [`${day}/0`, size]));

  test('if together they fill a pack, so many that what they become is not small', () => {
    const small = [...runsOf(12, { data: [3] }), ...runsOf(14, { data: [18] })];
    expect(retired(small, { live: liveOf(12, 3) })).toEqual(['0/0', '1/0']);
    expect(retired(small, { live: liveOf(10, 3) })).toEqual([]);
  });

  test('of catalogs too', () => {
    const small = [...runsOf(12, { meta: [3] }), ...runsOf(14, { data: [18] })];
    expect(retired(small, { live: liveOf(12, 3), kind: 'meta' })).toEqual(['0/0', '1/0']);
  });

  test('not where the uplink makes the device close packs at that size: they would be as small again', () => {
    const slow = [...runsOf(12, { data: [3] }), ...runsOf(14, { data: [4, 4, 4, 4, 2] })];
    expect(retired(slow, { live: liveOf(12, 3) })).toEqual([]);
  });

  test('where little changes too, when enough runs have added up', () => {
    const quiet = runsOf(50, { data: [1] });
    expect(retired(quiet, { live: liveOf(36, 1) })).toEqual(['0/0', '1/0', '2/0', '3/0']);
    expect(retired(quiet, { live: liveOf(36, 1), retiredAfterDay: 44 })).toEqual([]);
    expect(retired(quiet, { live: liveOf(36, 1), retiredAfterDay: 37 })).toEqual(['0/0', '1/0', '2/0', '3/0']);
  });
});
