/**
 * Loads the whole index: which chunk lies where, of all packs in question. An index segment is only a hint: one that is
 * damaged or gone is told, and its packs are understood from their directories.
 */
import { BackupError, isBackupError } from '../errors.ts';
import type { ChunkId, ObjectKey } from '../ids.ts';
import { indexPrefix, parseKey } from '../keys.ts';
import { INDEX_BYTES_MAX } from '../limits.ts';
import { INDEX_RECORD_BYTES } from '../format/index-records.ts';
import { decodeIndexSegment } from '../format/index-segment.ts';
import type { IndexSegment } from '../format/index-segment.ts';
import { packText } from '../format/marks.ts';
import type { PlacedSegment } from '../format/pack.ts';
import type { ObjectInfo } from '../store/ports.ts';
import { ChunkTable } from './chunk-table.ts';
import type { DamagedChunks } from './chunk-table.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { addPackDirectories } from './pack-directories.ts';
import type { Repository } from './repository.ts';
import { listPacks } from './usable-packs.ts';
import type { ListedPack } from './usable-packs.ts';

export interface LoadChunkTableOptions {
  /** By packText: only chunks in these are in the table. All packs that a listing shows, if missing. */
  readonly packs?: ReadonlyMap<string, ListedPack>;
  /** Damaged index segments, and packs of which neither an index nor their own directory tells anything. */
  readonly onDamage: (error: BackupError) => void;
  /** Reads an index segment, for callers that keep copies; undefined if it is gone. */
  readonly readObject?: (object: ObjectInfo) => Promise<Buffer | undefined>;
  /** Not in the table, unless another pack holds them too. */
  readonly damaged?: DamagedChunks;
  /** Hears of each pack that no index segment tells of what its own directory says. */
  readonly onDirectory?: (pack: ListedPack, segments: readonly PlacedSegment[]) => void;
}

const SEGMENTS_AT_ONCE = 4;
/** Compaction removes segments a night after it replaced them, so listing again soon shows all that are needed. */
const LISTINGS_MAX = 5;

/** Throws what the store throws; damage goes to `onDamage`. */
export async function loadChunkTable(repository: Repository, options: LoadChunkTableOptions): Promise<ChunkTable> {
  const packs = options.packs ?? mapOfPacks(await listPacks(repository));
  const missing = new Map(packs);
  const done = new Set<string>();
  let table: ChunkTable | undefined;
  for (let listing = 1; ; listing++) {
    const listed = (await listIndexSegments(repository)).filter((object) => !done.has(object.key));
    table ??= new ChunkTable(recordCountMax(listed));
    let gone: ObjectInfo | undefined;
    const read = (object: ObjectInfo) => readSegment(repository, object, options);
    for await (const { object, segment } of mapConcurrent(listed, SEGMENTS_AT_ONCE, read)) {
      if (segment === 'gone') gone = object;
      else done.add(object.key);
      if (segment !== 'gone' && segment !== 'damaged') addSegment(table, segment, missing, options.damaged);
    }
    if (gone === undefined) break;
    if (listing === LISTINGS_MAX) {
      options.onDamage(new BackupError('OBJECT_MISSING', `${gone.key} was listed and cannot be read`, gone));
      break;
    }
  }
  await addPackDirectories(repository, missing.values(), table, options);
  return table;
}

/** The index segments of the device, in the order of their keys. */
export async function listIndexSegments({ store, device }: Repository): Promise<ObjectInfo[]> {
  const { objects } = await store.list(indexPrefix(device));
  return objects.filter((object) => {
    const type = parseKey(object.key)?.type;
    return type === 'index' || type === 'compacted-index';
  });
}

export const mapOfPacks = (packs: readonly ListedPack[]): Map<string, ListedPack> =>
  new Map(packs.map((pack) => [packText(pack), pack]));

interface ReadSegment {
  readonly object: ObjectInfo;
  readonly segment: IndexSegment | 'gone' | 'damaged';
}

async function readSegment(
  { store }: Repository,
  object: ObjectInfo,
  { readObject, onDamage }: LoadChunkTableOptions,
): Promise<ReadSegment> {
  try {
    const bytes = await (readObject?.(object) ?? store.find(object.key as ObjectKey, INDEX_BYTES_MAX));
    return { object, segment: bytes === undefined ? 'gone' : decodeIndexSegment(bytes, object.key) };
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    onDamage(error);
    return { object, segment: 'damaged' };
  }
}

/**
 * A segment tells all of each of its packs, so a pack that several segments name (checkpoints, compaction) is taken from
 * the first of them.
 */
function addSegment(
  table: ChunkTable,
  segment: IndexSegment,
  missing: Map<string, ListedPack>,
  damaged: DamagedChunks | undefined,
): void {
  const damagedHere = new Map<number, ReadonlySet<ChunkId>>();
  const numbers = Int32Array.from(segment.packs, (pack) => {
    const name = packText(pack);
    const listed = missing.get(name);
    if (listed === undefined) return -1;
    missing.delete(name);
    const number = table.packNumber(listed, listed.object.modified);
    const lost = damaged?.get(name);
    if (lost !== undefined) damagedHere.set(number, lost);
    return number;
  });
  table.addRecords(segment.records, numbers, damagedHere.size === 0 ? undefined : damagedHere);
}

const recordCountMax = (segments: readonly ObjectInfo[]): number =>
  Math.ceil(segments.reduce((sum, object) => sum + Math.min(object.bytes, INDEX_BYTES_MAX), 0) / INDEX_RECORD_BYTES);
