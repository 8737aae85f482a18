/**
 * Brings back what a night removed, while the bucket still keeps the bytes. The packs are marked again before they are
 * there again, so no run ever builds on one: a delete of a night that was frozen may still come, and would then take
 * away what only the snapshots brought back here need.
 */
import { BackupError } from '../errors.ts';
import { isRunId } from '../ids.ts';
import type { DeviceId, ObjectKey, RunId, SnapshotName } from '../ids.ts';
import {
  devicePrefix,
  marksKey,
  nightResultKey,
  nightsPrefix,
  packKey,
  packsPrefix,
  parseKey,
  snapshotKey,
  snapshotsPrefix,
} from '../keys.ts';
import type { PackPlace } from '../keys.ts';
import { COMMIT_WINDOW_MS, JSON_BYTES_MAX } from '../limits.ts';
import { encodeMarks, packNamesOf, packText } from '../format/marks.ts';
import { decodeNightResult } from '../format/night-result.ts';
import type { NightResult } from '../format/night-result.ts';
import { mapConcurrent } from '../repository/map-concurrent.ts';
import { readMarks } from '../repository/marks-chain.ts';
import type { Repository } from '../repository/repository.ts';
import { listPacks } from '../repository/usable-packs.ts';
import type { ObjectStore, ObjectUndeleter } from '../store/ports.ts';
import { unlessDamaged } from './survey-device.ts';
import { writeHold, writePin } from './write-words.ts';
import type { WordDeps } from './write-words.ts';

export interface UndoneNight {
  readonly packs: number;
  readonly snapshots: readonly SnapshotName[];
  /** Keys whose bytes are not kept any more. */
  readonly gone: readonly string[];
  /** How much a night that was under way has removed since this undo looked: another undo brings it back. */
  readonly removedMeanwhile: number;
}

export interface UndoDeps extends Pick<WordDeps, 'now' | 'random'> {
  /** Who undoes it, for the words. */
  readonly by: string;
  readonly wait: (ms: number) => Promise<void>;
}

type UndoStore = ObjectStore & ObjectUndeleter;

const ATTEMPTS_MAX = 10;
const RESULTS_AT_ONCE = 8;

/**
 * Throws CONFIG_INVALID if the night left no result for this device, FAILED if other nights keep writing marks, and what
 * the store throws. It may be repeated.
 */
export async function undoNight(repository: Repository<UndoStore>, night: RunId, deps: UndoDeps): Promise<UndoneNight> {
  const { store, device } = repository;
  const result = await readResult(repository, night);
  const before = await nightBefore(repository, result);
  const removed = await stillRemoved(repository, result, before);
  const words = { store, now: deps.now, random: deps.random };
  const reason = `night ${night} is undone`;
  await writeHold({ device, state: 'held', by: deps.by, reason }, words);
  // In any case one state more than before the hold: a night that looked before writes none over it.
  await markAgain(repository, removed.packs, { always: true });
  await waitForCommits(repository, removed.packs, deps);
  const gone: string[] = [];
  const bringBack = async (key: ObjectKey): Promise<boolean> => {
    const isBack = (await store.undelete(key)) === 'restored';
    if (!isBack) gone.push(key);
    return isBack;
  };
  let packs = 0;
  for (const pack of removed.packs) if (await bringBack(packKey(device, pack))) packs++;
  // A night that listed packs before they were back drops their marks. One more state, in any case: it takes the place of
  // the state that such a night may be about to write.
  await markAgain(repository, removed.packs, { always: true });
  const snapshots: SnapshotName[] = [];
  for (const name of removed.snapshots) {
    // Before it is back: an undo that is cut off in between leaves none that is back and not pinned.
    await writePin({ device, snapshot: name, state: 'pinned', by: deps.by, reason }, words);
    if (await bringBack(snapshotKey(device, name))) snapshots.push(name);
  }
  const missing = await stillMissing(repository, result, before);
  const forGood = new Set([...gone, ...missing.forGood]);
  const removedMeanwhile = missing.removed.filter((key) => !forGood.has(key)).length;
  return { packs, snapshots, gone: [...forGood], removedMeanwhile };
}

async function readResult({ store, device }: Repository, night: RunId): Promise<NightResult> {
  const key = nightResultKey(night, device);
  const bytes = await store.find(key, JSON_BYTES_MAX);
  if (bytes !== undefined) return decodeNightResult(bytes, key);
  throw new BackupError('CONFIG_INVALID', `night ${night} left no result for device ${device}`, {
    key,
    hint: 'the nights of the last 400 days are under v1/system/nights/; what one that was cut off removed counts to the next that left a result',
  });
}

const prefixesOf = (device: DeviceId): string[] => [
  packsPrefix(device, 'data'),
  packsPrefix(device, 'meta'),
  snapshotsPrefix(device),
];

/** The last of the nights that had ended when this one began and left a result; undefined if none is kept. */
async function nightBefore({ store, device }: Repository, undone: NightResult): Promise<NightResult | undefined> {
  const nights = (await store.listFolders(nightsPrefix())).filter(isRunId).filter((night) => night !== undone.night);
  const read = async (night: RunId): Promise<NightResult | undefined> => {
    const key = nightResultKey(night, device);
    const bytes = await store.find(key, JSON_BYTES_MAX);
    return bytes === undefined ? undefined : decodeNightResult(bytes, key);
  };
  let last: NightResult | undefined;
  for await (const result of mapConcurrent(nights, RESULTS_AT_ONCE, (night) => unlessDamaged(read(night)))) {
    if (result === undefined || 'damage' in result || result.ended > undone.began) continue;
    if (last === undefined || result.ended > last.ended) last = result;
  }
  return last;
}

/** All that a result names as removed. */
const namesIn = ({ packs, snapshots }: NightResult): string[] => [
  ...packNamesOf({ packs: packs.removedPacks }),
  ...snapshots.removed,
];

/**
 * What is not back yet: snapshots that the night names or that went since the night before had ended, until it ended; and
 * all packs that went since. A night only marks the packs of the snapshots that it lets go; later ones remove them. One
 * that was cut off leaves no result, so what it removed counts to this one.
 */
async function stillRemoved(
  { store, device }: Repository<UndoStore>,
  result: NightResult,
  before: NightResult | undefined,
): Promise<{ packs: PackPlace[]; snapshots: SnapshotName[] }> {
  const named = new Set(namesIn(result));
  const others = new Set(before === undefined ? [] : namesIn(before));
  const since = before === undefined ? -Infinity : Date.parse(before.ended);
  const isPackOf = (text: string, removed: Date): boolean =>
    named.has(text) || (+removed >= since && !others.has(text));
  const isSnapshotOf = (name: string, removed: Date): boolean =>
    named.has(name) || (+removed >= since && +removed <= Date.parse(result.ended) && !others.has(name));
  const found = { packs: [] as PackPlace[], snapshots: [] as SnapshotName[] };
  for (const prefix of prefixesOf(device)) {
    for (const { key, removed } of await store.listRemoved(prefix)) {
      const parsed = parseKey(key);
      if (parsed?.type === 'pack' && isPackOf(packText(parsed.pack), removed)) found.packs.push(parsed.pack);
      else if (parsed?.type === 'snapshot' && isSnapshotOf(parsed.name, removed)) found.snapshots.push(parsed.name);
    }
  }
  return found;
}

/** What the night removed and is not there now: `forGood`, what it names and nothing is kept of. */
async function stillMissing(
  repository: Repository<UndoStore>,
  result: NightResult,
  before: NightResult | undefined,
): Promise<{ removed: ObjectKey[]; forGood: ObjectKey[] }> {
  const { store, device } = repository;
  const { packs, snapshots } = await stillRemoved(repository, result, before);
  const removed = [
    ...packs.map((pack) => packKey(device, pack)),
    ...snapshots.map((name) => snapshotKey(device, name)),
  ];
  const known = new Set<string>(removed);
  for (const prefix of prefixesOf(device)) for (const { key } of (await store.list(prefix)).objects) known.add(key);
  const named = [
    ...[...packNamesOf({ packs: result.packs.removedPacks })].map(
      (pack) => `${devicePrefix(device)}${pack}` as ObjectKey,
    ),
    ...result.snapshots.removed.map((name) => snapshotKey(device, name)),
  ];
  return { removed, forGood: named.filter((key) => !known.has(key)) };
}

/**
 * A run that listed marks before these were among them, and lists packs once they are back, takes them for usable. When
 * the window of a commit has passed in between, its snapshot is void.
 */
async function waitForCommits(
  repository: Repository<UndoStore>,
  packs: readonly PackPlace[],
  { wait }: UndoDeps,
): Promise<void> {
  if (packs.length === 0) return;
  let { listed } = await readMarks(repository);
  const end = +listed + COMMIT_WINDOW_MS;
  while (+listed <= end) {
    await wait(end - +listed + 1000);
    ({ listed } = await readMarks(repository));
  }
}

/** The next state of the chain, with these packs marked whether they are there or not. */
async function markAgain(
  repository: Repository<UndoStore>,
  packs: readonly PackPlace[],
  { always }: { readonly always: boolean },
): Promise<void> {
  const { store, device } = repository;
  const wanted = packs.map(packText);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { sequence, marks } = await readMarks(repository);
    const missing = wanted.filter((pack) => !marks.has(pack));
    if (missing.length === 0 && (!always || wanted.length === 0)) return;
    const there = new Set((await listPacks(repository)).map(packText));
    const kept = [...marks].filter(([pack]) => there.has(pack) || wanted.includes(pack));
    const state = {
      version: 1 as const,
      sequence: sequence + 1,
      marks: [
        ...kept.map(([pack, mark]) => ({ pack, state: mark.state, since: mark.since.toISOString() })),
        ...missing.map((pack) => ({ pack, state: 'dead' as const, since: null })),
      ],
    };
    const { outcome } = await store.create(marksKey(device, sequence + 1), [encodeMarks(state)]);
    if (outcome === 'created') return;
  }
  throw new BackupError('FAILED', `other nights of ${device} kept writing marks, ${ATTEMPTS_MAX} times`, {
    hint: 'try again when they have ended',
  });
}
