/** Where each chunk of a file is tried next: the index's word first, then every other place that is known. */
import { ChunkTable, chunkIdOfBytes, findChunk } from '@backup-agent/core';
import type { ChunkId, ChunkLocator, ChunkPlace, PlacedChunk } from '@backup-agent/core';
import type { FilePlan } from './file-plan.ts';

/** Places tried of one chunk, at most: a hostile index could name any number. */
const PLACES_MAX = 8;

export class ChunkPlaces {
  readonly #locator: ChunkLocator;
  /** Where the chunks lie as far as is known by now. */
  table = new ChunkTable();
  readonly #tried = new Map<ChunkId, Set<string>>();

  constructor(locator: ChunkLocator) {
    this.#locator = locator;
  }

  async locate(ids: Uint8Array): Promise<void> {
    this.table = await this.#locator.locate(ids);
  }

  /**
   * Has `table` name places not tried yet of the failed chunks, which were not where it says, and the places of the
   * files' other chunks. Files of which a chunk has no place left are lost, with that chunk.
   */
  async moveOnFor(
    plan: FilePlan,
    files: readonly number[],
    failed: ReadonlySet<ChunkId>,
  ): Promise<{ readonly again: readonly number[]; readonly lost: ReadonlyMap<number, ChunkId> }> {
    const gone = await this.#moveOn(failed, new Set(files.flatMap((file) => idsOf(plan, file))));
    const lost = new Map<number, ChunkId>();
    for (const file of files) {
      const missing = idsOf(plan, file).find((id) => gone.has(id));
      if (missing !== undefined) lost.set(file, missing);
    }
    return { again: files.filter((file) => !lost.has(file)), lost };
  }

  /** Returns the failed chunks of which no other place is known. */
  async #moveOn(failed: ReadonlySet<ChunkId>, keep: ReadonlySet<ChunkId>): Promise<ReadonlySet<ChunkId>> {
    const known = await this.#locator.allPlaces([...failed]);
    const table = new ChunkTable();
    const add = (id: ChunkId, { pack, ...place }: PlacedChunk): void =>
      void table.add(Buffer.from(id, 'hex'), 0, { ...place, pack: table.packNumber(pack) });
    const lost = new Set<ChunkId>();
    for (const id of failed) {
      const next = this.#nextOf(id, known.get(id) ?? []);
      if (next === undefined) lost.add(id);
      else add(id, next);
    }
    for (const id of keep) {
      const place = placeOf(this.table, id);
      if (!failed.has(id) && place !== undefined) add(id, place);
    }
    this.table = table;
    return lost;
  }

  /**
   * Has `table` name, of the chunks of the doubtful files, the places that checksummed sources know, and of the other
   * files' chunks the places that it names. For files whose chunks do not add up to their size: it cannot be told which
   * chunk's place is wrong.
   */
  async correctFor(plan: FilePlan, doubtful: readonly number[], files: readonly number[]): Promise<void> {
    const known = await this.#locator.allPlaces([...new Set(doubtful.flatMap((file) => idsOf(plan, file)))]);
    const table = new ChunkTable();
    for (const id of files.flatMap((file) => idsOf(plan, file))) {
      const place = known.get(id)?.[0] ?? placeOf(this.table, id);
      if (place !== undefined) table.add(Buffer.from(id, 'hex'), 0, { ...place, pack: table.packNumber(place.pack) });
    }
    this.table = table;
  }

  #nextOf(id: ChunkId, places: readonly PlacedChunk[]): PlacedChunk | undefined {
    const tried = this.#tried.get(id) ?? new Set();
    this.#tried.set(id, tried);
    const now = placeOf(this.table, id);
    if (now !== undefined) tried.add(JSON.stringify(normal(now)));
    if (tried.size >= PLACES_MAX) return undefined;
    return places.find((place) => !tried.has(JSON.stringify(normal(place))));
  }
}

function idsOf(plan: FilePlan, file: number): ChunkId[] {
  const [first, end] = plan.usesOf(file);
  return Array.from({ length: end - first }, (_, i) => chunkIdOfBytes(plan.idOf(first + i)));
}

function placeOf(table: ChunkTable, id: ChunkId): PlacedChunk | undefined {
  const entry = findChunk(table, Buffer.from(id, 'hex'));
  if (entry < 0) return undefined;
  const place: ChunkPlace = table.place(entry);
  const pack = table.packs[place.pack];
  return pack === undefined ? undefined : { ...place, pack };
}

const normal = ({ pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes }: PlacedChunk) => [
  pack.kind,
  pack.run,
  pack.number,
  segmentOffset,
  storedBytes,
  rawBytes,
  chunkOffset,
  chunkBytes,
];
