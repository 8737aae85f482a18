/**
 * What a night sees of a device: marks first, then packs, then snapshots. In this order a pack that is listed and not in
 * the marks was not marked, and a snapshot that landed before the listing of snapshots is seen.
 */
import { isBackupError } from '../errors.ts';
import type { BackupError } from '../errors.ts';
import type { ObjectKey, RunId } from '../ids.ts';
import { devicePrefix, parseKey } from '../keys.ts';
import { SNAPSHOTS_MAX } from '../limits.ts';
import { readIndexOutline } from '../repository/index-outline.ts';
import type { IndexOutline } from '../repository/index-outline.ts';
import { readMarks } from '../repository/marks-chain.ts';
import type { Marks } from '../repository/marks-chain.ts';
import { mapConcurrent } from '../repository/map-concurrent.ts';
import type { Repository } from '../repository/repository.ts';
import { readEachSnapshot } from '../repository/snapshots.ts';
import type { SnapshotListing } from '../repository/snapshots.ts';
import type { ListedPack } from '../repository/usable-packs.ts';
import type { Listing, ObjectInfo } from '../store/ports.ts';
import { weighedSnapshots } from './choose-retiring.ts';
import { nightSnapshotOf } from './night-snapshot.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import { PackBook } from './pack-book.ts';

export interface DeviceSurvey {
  /** Empty, with `marksDamage`, if the newest state cannot be read: then nothing may be marked or removed. */
  readonly marks: Marks;
  readonly marksDamage: BackupError | undefined;
  /** Store time of the listing of packs: what ages are measured against. */
  readonly listed: Date;
  readonly book: PackBook;
  /** Undefined: there are more than SNAPSHOTS_MAX, and none was read. */
  readonly snapshots: SnapshotListing<NightSnapshot> | undefined;
  readonly snapshotCount: number;
  readonly index: readonly IndexOutline[];
  readonly damagedIndex: readonly { readonly key: string; readonly error: BackupError }[];
  readonly runs: ReadonlyMap<RunId, ObjectInfo>;
  /** Store time of the newest object that the device itself wrote. */
  readonly lastWritten: Date | undefined;
  /** Keys that this version does not know. */
  readonly unknownKeys: readonly string[];
}

const OUTLINES_AT_ONCE = 8;

/** `known`: snapshots that were read before; it grows. Throws what the store throws. */
export async function surveyDevice(
  repository: Repository,
  known: Map<ObjectKey, NightSnapshot>,
): Promise<DeviceSurvey> {
  const read = await unlessDamaged(readMarks(repository));
  const listing = await repository.store.list(devicePrefix(repository.device));
  const marks = 'damage' in read ? { listed: listing.began, sequence: 0, marks: new Map(), older: [] } : read;
  const parts = sorted(listing);
  const snapshots = parts.snapshotCount > SNAPSHOTS_MAX ? undefined : await readAll(repository, known, marks);
  const { index, damagedIndex } = await readOutlines(repository, parts.index);
  return {
    marks,
    marksDamage: 'damage' in read ? read.damage : undefined,
    listed: listing.began,
    book: new PackBook(parts.packs),
    snapshots,
    snapshotCount: parts.snapshotCount,
    index,
    damagedIndex,
    runs: parts.runs,
    lastWritten: parts.lastWritten,
    unknownKeys: parts.unknownKeys,
  };
}

/** What is read, or why it cannot be read. */
export async function unlessDamaged<T extends object | undefined>(
  reading: Promise<T>,
): Promise<T | { readonly damage: BackupError }> {
  try {
    return await reading;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    return { damage: error };
  }
}

function sorted({ objects }: Listing) {
  const packs: ListedPack[] = [];
  const index: ObjectInfo[] = [];
  const runs = new Map<RunId, ObjectInfo>();
  const unknownKeys: string[] = [];
  let snapshotCount = 0;
  let lastWritten: Date | undefined;
  for (const object of objects) {
    const parsed = parseKey(object.key);
    if (parsed === undefined) unknownKeys.push(object.key);
    else if (parsed.type === 'pack') packs.push({ ...parsed.pack, object });
    else if (parsed.type === 'index' || parsed.type === 'compacted-index') index.push(object);
    else if (parsed.type === 'run-record') runs.set(parsed.run, object);
    else if (parsed.type === 'snapshot') snapshotCount++;
    const ofNight = parsed?.type === 'marks' || parsed?.type === 'compacted-index';
    if (!ofNight && (lastWritten === undefined || object.modified > lastWritten)) lastWritten = object.modified;
  }
  return { packs, index, runs, unknownKeys, snapshotCount, lastWritten };
}

/** Live bytes are asked of few snapshots only. Those of all would be most of what a night holds in memory. */
async function readAll(
  repository: Repository,
  known: Map<ObjectKey, NightSnapshot>,
  marks: Marks,
): Promise<SnapshotListing<NightSnapshot>> {
  const snapshots = await readEachSnapshot(repository, nightSnapshotOf, known);
  const weighed = weighedSnapshots(snapshots.valid, marks);
  const valid = snapshots.valid.map((snapshot) => (weighed.has(snapshot) ? snapshot : { ...snapshot, live: NO_LIVE }));
  for (const snapshot of valid) known.set(snapshot.key, snapshot);
  return { ...snapshots, valid };
}

const NO_LIVE: NightSnapshot['live'] = { data: {}, meta: {} };

async function readOutlines(
  { store }: Repository,
  objects: readonly ObjectInfo[],
): Promise<Pick<DeviceSurvey, 'index' | 'damagedIndex'>> {
  const index: IndexOutline[] = [];
  const damagedIndex: { key: string; error: BackupError }[] = [];
  const read = async (object: ObjectInfo): Promise<() => void> => {
    try {
      const outline = await readIndexOutline(store, object);
      return () => index.push(outline);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN', 'OBJECT_MISSING')) throw error;
      // Another night has removed it since.
      if (error.code === 'OBJECT_MISSING') return () => {};
      return () => damagedIndex.push({ key: object.key, error });
    }
  };
  for await (const note of mapConcurrent(objects, OUTLINES_AT_ONCE, read)) note();
  return { index, damagedIndex };
}
