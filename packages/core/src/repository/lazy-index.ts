/**
 * Finds a few chunks without reading the index: of each index segment the header with its fan-out, then the records
 * whose ids begin as the wanted ones do. Ranged reads see no checksum over records, so what is found here is a hint:
 * the chunk's hash decides.
 */
import { isBackupError } from '../errors.ts';
import type { BackupError } from '../errors.ts';
import type { ObjectKey } from '../ids.ts';
import { INDEX_BYTES_MAX, KiB } from '../limits.ts';
import { ID_BYTES, INDEX_RECORD_BYTES, findChunkPlaces, recordRange } from '../format/index-records.ts';
import { INDEX_HEADER_BYTES, INDEX_PACK_BYTES, decodeIndexHeader, decodeIndexPacks } from '../format/index-segment.ts';
import type { IndexHeader, IndexedPack } from '../format/index-segment.ts';
import { packText } from '../format/marks.ts';
import type { ObjectInfo } from '../store/ports.ts';
import { ChunkTable } from './chunk-table.ts';
import { listIndexSegments } from './load-chunk-table.ts';
import { mapConcurrent } from './map-concurrent.ts';
import type { Repository } from './repository.ts';

/** What the first reads of all segments together may cost. */
const STARTS_BYTES = 512 * KiB;
const START_BYTES_MAX = 64 * KiB;
const READS_AT_ONCE = 16;

/** The start of an index segment. */
interface IndexStart {
  readonly object: ObjectInfo;
  readonly header: IndexHeader;
  /** At least header and fan-out. */
  readonly bytes: Buffer;
}

/** A set of packs by packText. */
export interface PackNames {
  has(packText: string): boolean;
}

export class LazyIndex {
  readonly #repository: Repository;
  readonly #starts: readonly IndexStart[];
  readonly #onDamage: (error: BackupError) => void;

  private constructor(repository: Repository, starts: readonly IndexStart[], onDamage: (error: BackupError) => void) {
    this.#repository = repository;
    this.#starts = starts;
    this.#onDamage = onDamage;
  }

  /** One listing, then one ranged read per segment, in parallel. */
  static async open(repository: Repository, onDamage: (error: BackupError) => void): Promise<LazyIndex> {
    const segments = await listIndexSegments(repository);
    const share = Math.floor(STARTS_BYTES / Math.max(1, segments.length));
    const startBytes = Math.min(START_BYTES_MAX, Math.max(INDEX_HEADER_BYTES, share));
    const read = (object: ObjectInfo) =>
      unlessDamaged(onDamage, async () => {
        const length = Math.min(object.bytes, startBytes, INDEX_BYTES_MAX);
        const bytes = await repository.store.readRange(object.key as ObjectKey, 0, length);
        return { object, header: decodeIndexHeader(bytes, object.key), bytes };
      });
    const starts: IndexStart[] = [];
    for await (const start of mapConcurrent(segments, READS_AT_ONCE, read)) if (start !== undefined) starts.push(start);
    return new LazyIndex(repository, starts, onDamage);
  }

  /** A table of those of these ids (32 bytes each) that an index segment places in one of these packs. */
  async find(ids: readonly Uint8Array[], packs: PackNames): Promise<ChunkTable> {
    const table = new ChunkTable();
    const look = (start: IndexStart) =>
      unlessDamaged(this.#onDamage, () => findIn(this.#repository, start, ids, packs));
    for await (const found of mapConcurrent(this.#starts, READS_AT_ONCE, look)) {
      for (const { id, pack, place } of found ?? []) table.add(id, 0, { ...place, pack: table.packNumber(pack) });
    }
    return table;
  }
}

async function findIn(repository: Repository, start: IndexStart, ids: readonly Uint8Array[], packs: PackNames) {
  const perId = await Promise.all(
    ids.map(async (id) => {
      const places = findChunkPlaces(await recordsNear(repository, start, id), Buffer.from(id));
      const placed = await Promise.all(
        places.map(async (place) => ({ id, place, pack: await packRow(repository, start, place.pack) })),
      );
      return placed.flatMap(({ place, pack }) =>
        pack !== undefined && packs.has(packText(pack)) ? [{ id, place, pack }] : [],
      );
    }),
  );
  return perId.flat();
}

/** The records whose ids have the same first byte. */
async function recordsNear(repository: Repository, start: IndexStart, id: Uint8Array): Promise<Buffer> {
  const [first, end] = recordRange(start.header, id[0] as number);
  return readPart(
    repository,
    start,
    start.header.recordsAt + first * INDEX_RECORD_BYTES,
    (end - first) * INDEX_RECORD_BYTES,
  );
}

async function packRow(repository: Repository, start: IndexStart, row: number): Promise<IndexedPack | undefined> {
  if (row >= start.header.packCount) return undefined; // No checksum covers the record that says so.
  const bytes = await readPart(repository, start, INDEX_HEADER_BYTES + row * INDEX_PACK_BYTES, INDEX_PACK_BYTES);
  return decodeIndexPacks(bytes, start.object.key)[0];
}

async function readPart({ store }: Repository, start: IndexStart, offset: number, length: number): Promise<Buffer> {
  if (offset + length <= start.bytes.length) return start.bytes.subarray(offset, offset + length);
  return store.readRange(start.object.key as ObjectKey, offset, length);
}

/** A segment that is damaged, or gone since it was listed, only gives no hint. */
async function unlessDamaged<T>(onDamage: (error: BackupError) => void, read: () => Promise<T>) {
  try {
    return await read();
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'FORMAT_UNKNOWN')) throw error;
    if (error.code !== 'OBJECT_MISSING') onDamage(error);
    return undefined;
  }
}

/** The n-th id of ids that lie back to back. */
export const idAt = (ids: Uint8Array, n: number): Uint8Array => ids.subarray(n * ID_BYTES, (n + 1) * ID_BYTES);
