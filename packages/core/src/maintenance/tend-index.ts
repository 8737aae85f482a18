/**
 * Keeps the index short: removes segments that a compacted one has replaced for long enough and segments whose packs are
 * all gone, and merges small ones. Index segments are only shortcuts: whatever goes wrong here costs reads, never data.
 */
import { createHash } from 'node:crypto';
import type { ObjectKey } from '../ids.ts';
import { compactedIndexKey, indexPrefix, parseKey } from '../keys.ts';
import { INDEX_BYTES_MAX, INDEX_RECORDS_MAX, MiB } from '../limits.ts';
import { decodeIndexSegment, mergeIndexSegments } from '../format/index-segment.ts';
import type { IndexInfo, IndexSegment, IndexedPack } from '../format/index-segment.ts';
import { packText } from '../format/marks.ts';
import type { NightResult } from '../format/night-result.ts';
import { isBackupError } from '../errors.ts';
import type { IndexOutline } from '../repository/index-outline.ts';
import type { Repository } from '../repository/repository.ts';
import { listPacks } from '../repository/usable-packs.ts';
import type { ObjectInfo, ObjectReader, ObjectStore } from '../store/ports.ts';
import { giveBack } from '../repository/segment-reader.ts';
import type { Night } from './night.ts';
import type { DeviceSurvey } from './survey-device.ts';

/** A night leaves no more segments than this, besides those too large to merge. */
const SEGMENTS_MAX = 8;
/** Segments that are merged in a night: twice as much lies in memory. */
const MERGED_BYTES_MAX = 8 * MiB;
/** To look whether a segment is whole, it is read in such pieces. */
const PIECE_BYTES = 2 * MiB;
const HASH_BYTES = 32;

export async function tendIndex(
  repository: Repository<ObjectStore>,
  night: Night,
  survey: DeviceSurvey,
): Promise<NightResult['index']> {
  const removed: string[] = [];
  const remove = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      await repository.store.remove(key as ObjectKey);
      removed.push(key);
    }
  };
  await remove(await replacedSegments(repository, night, survey));
  const active = activeSegments(repository, survey).filter(({ object }) => !removed.includes(object.key));
  const packs = await laterPacks(repository, active, survey);
  const isOrphan = ({ packs: named, object }: IndexOutline): boolean =>
    isOld(object.modified, night, survey) && !named.some((pack) => packs.has(packText(pack)));
  await remove(active.filter(isOrphan).map(({ object }) => object.key));
  const left = active.filter((outline) => !removed.includes(outline.object.key));
  const compacted = await compact(repository, night, left, packs);
  return { segments: survey.index.length + survey.damagedIndex.length, compacted: compacted ?? null, removed };
}

const isOld = (modified: Date, { settings }: Night, { listed }: DeviceSurvey): boolean =>
  +listed - +modified >= settings.graceMs;

/** Keys of segments that an old enough, whole compacted segment has replaced. */
async function replacedSegments(
  { store, device }: Repository,
  night: Night,
  survey: DeviceSurvey,
): Promise<readonly string[]> {
  const listed = new Set([
    ...survey.index.map(({ object }) => object.key),
    ...survey.damagedIndex.map(({ key }) => key),
  ]);
  const replaced = new Set<string>();
  for (const { object, info } of survey.index) {
    if (parseKey(object.key)?.type !== 'compacted-index' || !isOld(object.modified, night, survey)) continue;
    const keys = info.replaces.map((name) => `${indexPrefix(device)}${name}`);
    const gone = keys.filter((key) => listed.has(key) && key !== object.key);
    // An outline is covered by no checksum.
    if (gone.length > 0 && (await isWhole(store, object))) gone.forEach((key) => replaced.add(key));
  }
  return [...replaced];
}

/** Those that no listed compacted segment replaces. */
function activeSegments({ device }: Repository, { index }: DeviceSurvey): IndexOutline[] {
  const replaced = new Set(
    index.flatMap(({ object, info }) =>
      parseKey(object.key)?.type === 'compacted-index'
        ? info.replaces.map((name) => `${indexPrefix(device)}${name}`)
        : [],
    ),
  );
  return index.filter(({ object }) => !replaced.has(object.key));
}

/**
 * The packs that are there, by packText. An entry may be dropped only if its pack is missing from a listing begun after
 * the index was listed; a new listing is made only where something may be dropped.
 */
async function laterPacks(
  repository: Repository,
  active: readonly IndexOutline[],
  { book }: DeviceSurvey,
): Promise<ReadonlySet<string>> {
  const seen = new Set(book.packs.map(packText));
  const isSeen = active.every(({ packs }) => packs.every((pack) => seen.has(packText(pack))));
  return isSeen && active.length <= SEGMENTS_MAX ? seen : new Set((await listPacks(repository)).map(packText));
}

/** Merges the smallest segments into one, if there are too many. The key of the new one, if one was written. */
async function compact(
  { store, device }: Repository<ObjectStore>,
  night: Night,
  active: readonly IndexOutline[],
  packs: ReadonlySet<string>,
): Promise<string | undefined> {
  const chosen = chooseMerged(active);
  if (chosen.length < 2) return undefined;
  const info = {
    made: 'compaction' as const,
    roots: [],
    replaces: chosen.map(({ object }) => object.key.slice(indexPrefix(device).length)),
  };
  const merged = await merge(store, chosen, { info, keeps: (pack) => packs.has(packText(pack)) });
  if (merged === undefined) return undefined; // Damaged or gone: reported, and looked at again in the next night.
  const key = compactedIndexKey(device, night.id);
  const { outcome } = await store.create(key, [merged]);
  return outcome === 'created' ? key : undefined;
}

interface Merging {
  readonly info: IndexInfo;
  readonly keeps: (pack: IndexedPack) => boolean;
}

/** What was read is given back as soon as it is merged. */
async function merge(
  store: ObjectReader,
  chosen: readonly IndexOutline[],
  { info, keeps }: Merging,
): Promise<Buffer | undefined> {
  const read: Buffer[] = [];
  const segments: IndexSegment[] = [];
  try {
    for (const { object } of chosen) {
      const bytes = await store.find(object.key as ObjectKey, INDEX_BYTES_MAX);
      const segment = bytes && decoded(bytes, object.key);
      if (bytes === undefined || segment === undefined) return undefined;
      read.push(bytes);
      segments.push(segment);
    }
    return mergeIndexSegments(info, segments, keeps);
  } finally {
    read.forEach(giveBack);
  }
}

/**
 * As few of the smallest as bring the number down, and along with them each that is not larger than those before it
 * together: so a record is copied a logarithmic number of times.
 */
function chooseMerged(active: readonly IndexOutline[]): IndexOutline[] {
  if (active.length <= SEGMENTS_MAX) return [];
  const ascending = [...active].sort((a, b) => a.object.bytes - b.object.bytes);
  const chosen: IndexOutline[] = [];
  let [bytes, records] = [0, 0];
  for (const outline of ascending) {
    const isNeeded = active.length - chosen.length + 1 > SEGMENTS_MAX;
    const isSmall = outline.object.bytes <= bytes;
    const fits = bytes + outline.object.bytes <= MERGED_BYTES_MAX && records + outline.recordCount <= INDEX_RECORDS_MAX;
    if (!fits || !(isNeeded || isSmall)) break;
    chosen.push(outline);
    bytes += outline.object.bytes;
    records += outline.recordCount;
  }
  return chosen;
}

/** Whether its bytes are those that were written, by the SHA-256 at its end. A large one never lies in memory whole. */
async function isWhole(store: ObjectReader, { key, bytes }: ObjectInfo): Promise<boolean> {
  const sha256 = createHash('sha256');
  try {
    for (let at = 0; ;) {
      const left = bytes - at;
      const isLast = left <= PIECE_BYTES + HASH_BYTES;
      const piece = await store.readRange(key as ObjectKey, at, isLast ? left : PIECE_BYTES);
      if (isLast) return sha256.update(piece.subarray(0, -HASH_BYTES)).digest().equals(piece.subarray(-HASH_BYTES));
      sha256.update(piece);
      at += piece.length;
      giveBack(piece);
    }
  } catch (error) {
    // Another night has removed it since, or it is shorter than listed.
    if (!isBackupError(error, 'OBJECT_MISSING', 'OBJECT_DAMAGED')) throw error;
    return false;
  }
}

function decoded(bytes: Buffer, key: string): IndexSegment | undefined {
  try {
    return decodeIndexSegment(bytes, key);
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    return undefined;
  }
}
