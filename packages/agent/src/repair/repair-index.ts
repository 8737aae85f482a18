/**
 * `repair index`: packs that no index segment tells of are read from their own directories, and new index segments tell
 * of them. Nothing is removed: damaged segments are named, and readers pass them over.
 */
import {
  BackupError,
  INDEX_BYTES_MAX,
  INDEX_RECORDS_MAX,
  decodeIndexSegment,
  encodeIndexSegment,
  indexKey,
  isBackupError,
  listIndexSegments,
  listPacks,
  mapConcurrent,
  packKey,
  packText,
  readPackDirectory,
} from '@backup-agent/core';
import type { ListedPack, ObjectKey, PlacedSegment, ReadWriteStore, Repository, RunId } from '@backup-agent/core';
import { packAsListed } from '../backup/pack-writer.ts';
import type { WrittenPack } from '../backup/pack-writer.ts';

/** A segment of half as many as it may hold takes some 60 MB to make. */
const RECORDS_MAX = INDEX_RECORDS_MAX / 2;
const DIRECTORIES_AT_ONCE = 8;

export interface IndexRepairRequest {
  /** Also packs that undamaged segments tell of. */
  readonly all: boolean;
  readonly dryRun: boolean;
}

export interface IndexRepairDeps {
  /** Without any cache between: what is there is to be seen. */
  readonly repository: Repository<ReadWriteStore>;
  /** Of this repair; not used before. */
  readonly run: RunId;
  readonly signal: AbortSignal;
}

/** An object that cannot be read, and why: follows the key in a sentence. */
export interface UnreadableObject {
  readonly key: string;
  readonly why: string;
}

export interface IndexRepairResult {
  readonly damagedSegments: readonly UnreadableObject[];
  /** Packs that cannot be understood: what lies in them is in no index. */
  readonly damagedPacks: readonly UnreadableObject[];
  /** Keys of packs that no index tells of and that nobody can read before they are thawed. */
  readonly archivedPacks: readonly string[];
  /** How many packs the new segments tell of; in a dry run, would. */
  readonly packs: number;
  readonly chunks: number;
  /** Keys of the new segments. */
  readonly written: readonly string[];
}

/** Throws what the store throws. */
export async function repairIndex(request: IndexRepairRequest, deps: IndexRepairDeps): Promise<IndexRepairResult> {
  const { told, damagedSegments } = await readIndex(deps.repository);
  const all = await listPacks(deps.repository);
  const wanted = request.all ? all : all.filter((pack) => !told.has(packText(pack)));
  const writer = new SegmentWriter(deps, request);
  const damagedPacks: UnreadableObject[] = [];
  const archivedPacks: string[] = [];
  const read = (pack: ListedPack) => directoryOf(deps.repository, pack);
  for await (const { pack, segments } of mapConcurrent(wanted, DIRECTORIES_AT_ONCE, read)) {
    deps.signal.throwIfAborted();
    const key = packKey(deps.repository.device, pack);
    if (isBackupError(segments, 'OBJECT_ARCHIVED')) {
      if (!told.has(packText(pack))) archivedPacks.push(key);
    } else if (isBackupError(segments)) damagedPacks.push({ key, why: segments.message });
    else await writer.add(pack, segments);
  }
  await writer.flush();
  return {
    damagedSegments,
    damagedPacks,
    archivedPacks,
    packs: writer.packs,
    chunks: writer.chunks,
    written: writer.keys,
  };
}

/** Segments are listed before packs: an undamaged one that is removed meanwhile was replaced by another. */
async function readIndex(repository: Repository): Promise<{
  readonly told: ReadonlySet<string>;
  readonly damagedSegments: readonly UnreadableObject[];
}> {
  const told = new Set<string>();
  const damagedSegments: UnreadableObject[] = [];
  for (const { key } of await listIndexSegments(repository)) {
    try {
      const bytes = await repository.store.find(key as ObjectKey, INDEX_BYTES_MAX);
      if (bytes !== undefined) for (const pack of decodeIndexSegment(bytes, key).packs) told.add(packText(pack));
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
      damagedSegments.push({ key, why: error.message });
    }
  }
  return { told, damagedSegments };
}

interface ReadDirectory {
  readonly pack: ListedPack;
  readonly segments: readonly PlacedSegment[] | BackupError;
}

async function directoryOf(repository: Repository, pack: ListedPack): Promise<ReadDirectory> {
  try {
    const segments = await readPackDirectory(repository, pack);
    if (countOf(segments) <= INDEX_RECORDS_MAX) return { pack, segments };
    const key = packKey(repository.device, pack);
    return { pack, segments: new BackupError('OBJECT_DAMAGED', `${key} names more chunks than any pack may`, { key }) };
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'OBJECT_ARCHIVED', 'FORMAT_UNKNOWN')) throw error;
    return { pack, segments: error };
  }
}

const countOf = (segments: readonly PlacedSegment[]): number =>
  segments.reduce((sum, { lengths }) => sum + lengths.length, 0);

/** Collects packs to as few segments as may hold them. */
class SegmentWriter {
  readonly #deps: IndexRepairDeps;
  readonly #dryRun: boolean;
  #pending: WrittenPack[] = [];
  #records = 0;
  packs = 0;
  chunks = 0;
  readonly keys: string[] = [];

  constructor(deps: IndexRepairDeps, { dryRun }: IndexRepairRequest) {
    this.#deps = deps;
    this.#dryRun = dryRun;
  }

  async add(pack: ListedPack, segments: readonly PlacedSegment[]): Promise<void> {
    const count = countOf(segments);
    if (this.#records > 0 && this.#records + count > RECORDS_MAX) await this.flush();
    if (!this.#dryRun) this.#pending.push({ pack: packAsListed(pack), segments });
    this.#records += count;
    this.packs++;
    this.chunks += count;
  }

  async flush(): Promise<void> {
    const packs = this.#pending;
    this.#pending = [];
    this.#records = 0;
    if (packs.length === 0) return;
    const { store, device } = this.#deps.repository;
    const key = indexKey(device, this.#deps.run, this.keys.length === 0 ? undefined : this.keys.length);
    const created = await store.create(key, [encodeIndexSegment({ made: 'repair', roots: [], replaces: [] }, packs)]);
    if (created.outcome === 'already-there')
      throw new BackupError('KEY_CONFLICT', `${key} is there already with other content`, { key });
    this.keys.push(key);
  }
}
