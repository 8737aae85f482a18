/**
 * Where chunks lie. For a few chunks only the needed parts of the index are read, otherwise all of it; where an index
 * was wrong, every other place of a chunk can be asked for.
 */
import { isBackupError } from '../errors.ts';
import type { BackupError } from '../errors.ts';
import { chunkIdOfBytes } from '../ids.ts';
import type { ChunkId, ObjectKey } from '../ids.ts';
import type { PackPlace } from '../keys.ts';
import { INDEX_BYTES_MAX } from '../limits.ts';
import { ID_BYTES, findChunkPlaces } from '../format/index-records.ts';
import type { ChunkPlace } from '../format/index-records.ts';
import { decodeIndexSegment } from '../format/index-segment.ts';
import { packText } from '../format/marks.ts';
import type { PlacedSegment } from '../format/pack.ts';
import { findChunk } from './chunk-table.ts';
import type { ChunkTable } from './chunk-table.ts';
import { LazyIndex, idAt } from './lazy-index.ts';
import type { PackNames } from './lazy-index.ts';
import { listIndexSegments, loadChunkTable, mapOfPacks } from './load-chunk-table.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { readPackDirectory } from './pack-directories.ts';
import type { Repository } from './repository.ts';
import { listPacks } from './usable-packs.ts';
import type { ListedPack } from './usable-packs.ts';

/** Up to so many chunks are looked up one by one. */
export const LAZY_CHUNKS_MAX = 32;
const DIRECTORIES_AT_ONCE = 8;

/** A chunk's place with its pack by name. */
export interface PlacedChunk extends Omit<ChunkPlace, 'pack'> {
  readonly pack: PackPlace;
}

export class ChunkLocator {
  readonly #repository: Repository;
  readonly #packs: PackNames;
  readonly #onDamage: (error: BackupError) => void;
  #lazy: Promise<LazyIndex> | undefined;
  #whole: Promise<ChunkTable> | undefined;

  /** `packs`: those a snapshot names; chunks are looked for in them. Damage of an index only goes to `onDamage`. */
  constructor(repository: Repository, packs: PackNames, onDamage: (error: BackupError) => void) {
    this.#repository = repository;
    this.#packs = packs;
    this.#onDamage = onDamage;
  }

  /** Begins to read what `locate` will need for a few chunks, while the caller still finds out which. */
  prefetch(): void {
    this.#openLazy().catch(() => {}); // `locate` awaits the same promise.
  }

  /**
   * A table in which those of these chunks are that can be found (32 bytes each, back to back); maybe with others.
   * Nothing in it is verified: the chunk's hash decides.
   */
  async locate(ids: Uint8Array): Promise<ChunkTable> {
    const count = ids.length / ID_BYTES;
    if (this.#whole === undefined && count <= LAZY_CHUNKS_MAX) {
      const wanted = Array.from({ length: count }, (_, n) => idAt(ids, n));
      const table = await (await this.#openLazy()).find(wanted, this.#packs);
      if (wanted.every((id) => findChunk(table, id) >= 0)) return table;
    }
    this.#whole ??= this.#load();
    return this.#whole;
  }

  /** Reads everything anew when it is asked next: what could not be read may be readable by now. */
  forget(): void {
    this.#lazy = undefined;
    this.#whole = undefined;
  }

  #openLazy(): Promise<LazyIndex> {
    this.#lazy ??= LazyIndex.open(this.#repository, this.#onDamage);
    return this.#lazy;
  }

  async #load(): Promise<ChunkTable> {
    const packs = (await listPacks(this.#repository)).filter((pack) => this.#packs.has(packText(pack)));
    return loadChunkTable(this.#repository, { packs: mapOfPacks(packs), onDamage: this.#onDamage });
  }

  /**
   * Every place in the packs that are there where undamaged index segments and pack directories have these chunks, also
   * in packs that the snapshot does not name.
   */
  async allPlaces(ids: readonly ChunkId[]): Promise<ReadonlyMap<ChunkId, readonly PlacedChunk[]>> {
    const packs = mapOfPacks(await listPacks(this.#repository));
    const places = new PlacesByChunk(ids);
    const told = await addIndexedPlaces(this.#repository, packs, places);
    // A directory is the pack's own word; of chunks that no index knows every pack is asked.
    const isUnknown = places.someIsUnknown();
    const asked = [...packs].filter(([name]) => isUnknown || places.packs.has(name) || !told.has(name));
    const read = async ([, pack]: [string, ListedPack]) => ({ pack, segments: await this.#directoryOf(pack) });
    for await (const { pack, segments } of mapConcurrent(asked, DIRECTORIES_AT_ONCE, read))
      for (const segment of segments) places.addSegment(pack, segment);
    return places.byChunk;
  }

  async #directoryOf(pack: ListedPack): Promise<readonly PlacedSegment[]> {
    try {
      return await readPackDirectory(this.#repository, pack);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'OBJECT_ARCHIVED', 'FORMAT_UNKNOWN')) throw error;
      this.#onDamage(error);
      return [];
    }
  }
}

class PlacesByChunk {
  readonly byChunk: Map<ChunkId, PlacedChunk[]>;
  /** By packText: all that a place is in. */
  readonly packs = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(ids: readonly ChunkId[]) {
    this.byChunk = new Map(ids.map((id) => [id, []]));
  }

  someIsUnknown(): boolean {
    return [...this.byChunk.values()].some((places) => places.length === 0);
  }

  add(id: ChunkId, pack: PackPlace, { segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes }: ChunkPlace) {
    const name = packText(pack);
    const key = `${id} ${name} ${segmentOffset} ${storedBytes} ${rawBytes} ${chunkOffset} ${chunkBytes}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.packs.add(name);
    this.byChunk.get(id)?.push({ pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes });
  }

  addSegment(pack: PackPlace, segment: PlacedSegment): void {
    const { offset: segmentOffset, storedBytes, rawBytes, ids, lengths } = segment;
    let chunkOffset = 0;
    for (const [n, chunkBytes] of lengths.entries()) {
      const id = chunkIdOfBytes(idAt(ids, n));
      if (this.byChunk.has(id))
        this.add(id, pack, { pack: 0, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes });
      chunkOffset += chunkBytes;
    }
  }
}

/** Returns the names of the packs that an undamaged index segment tells of. */
async function addIndexedPlaces(
  repository: Repository,
  packs: ReadonlyMap<string, ListedPack>,
  places: PlacesByChunk,
): Promise<ReadonlySet<string>> {
  const told = new Set<string>();
  for (const object of await listIndexSegments(repository)) {
    try {
      const bytes = await repository.store.find(object.key as ObjectKey, INDEX_BYTES_MAX);
      if (bytes === undefined) continue;
      const segment = decodeIndexSegment(bytes, object.key);
      for (const pack of segment.packs) told.add(packText(pack));
      for (const id of places.byChunk.keys()) {
        for (const place of findChunkPlaces(segment.records, Buffer.from(id, 'hex'))) {
          const pack = segment.packs[place.pack];
          if (pack !== undefined && packs.has(packText(pack))) places.add(id, pack, place);
        }
      }
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error; // Told when the index was loaded.
    }
  }
  return told;
}
