/** Reads chunks one by one, each verified, from wherever one is undamaged: for lists of chunks and for `cat`. */
import { hash } from 'node:crypto';
import { damage, findChunk, isBackupError, openSegment, packKey } from '@backup-agent/core';
import type { BackupError, ChunkId, ChunkLocator, ChunkTable, PlacedChunk, Repository } from '@backup-agent/core';

export class ChunkReader {
  readonly #repository: Repository;
  readonly #locator: ChunkLocator;
  readonly #whyUnknown: (() => BackupError | undefined) | undefined;
  #table: ChunkTable | undefined;
  /** The segment read last: neighbours are often wanted one after the other. */
  #last: { readonly key: string; readonly raw: Uint8Array } | undefined;

  /** `whyUnknown`: why a chunk that is in no known place may be stored all the same, if that is so. */
  constructor(repository: Repository, locator: ChunkLocator, whyUnknown?: () => BackupError | undefined) {
    this.#repository = repository;
    this.#locator = locator;
    this.#whyUnknown = whyUnknown;
  }

  /** Has the places of these chunks looked up together. */
  async locate(ids: readonly ChunkId[]): Promise<void> {
    this.#table = await this.#locator.locate(Buffer.from(ids.join(''), 'hex'));
  }

  /** The chunk's bytes, valid as long as nobody writes to them. Throws OBJECT_DAMAGED, OBJECT_MISSING or OBJECT_ARCHIVED. */
  async read(id: ChunkId): Promise<Uint8Array> {
    const hinted = this.#placeOf(id);
    let problem: BackupError | undefined;
    if (hinted !== undefined) {
      const bytes = await this.#readAt(id, hinted);
      if (!isBackupError(bytes)) return bytes;
      problem = bytes;
    }
    for (const place of (await this.#locator.allPlaces([id])).get(id) ?? []) {
      const bytes = await this.#readAt(id, place);
      if (!isBackupError(bytes)) return bytes;
      problem ??= bytes;
    }
    throw problem ?? this.#whyUnknown?.() ?? damage(`chunk ${id} is in no pack`);
  }

  #placeOf(id: ChunkId): PlacedChunk | undefined {
    const table = this.#table;
    const entry = table === undefined ? -1 : findChunk(table, Buffer.from(id, 'hex'));
    if (table === undefined || entry < 0) return undefined;
    const place = table.place(entry);
    const pack = table.packs[place.pack];
    return pack === undefined ? undefined : { ...place, pack };
  }

  async #readAt(id: ChunkId, place: PlacedChunk): Promise<Uint8Array | BackupError> {
    const { pack, segmentOffset, storedBytes, rawBytes, chunkOffset, chunkBytes } = place;
    const key = packKey(this.#repository.device, pack);
    const segment = `${key} ${segmentOffset} ${storedBytes} ${rawBytes}`;
    try {
      if (this.#last?.key !== segment) {
        const stored = await this.#repository.store.readRange(key, segmentOffset, storedBytes);
        this.#last = { key: segment, raw: openSegment(stored, place, key) };
      }
      const bytes = this.#last.raw.subarray(chunkOffset, chunkOffset + chunkBytes);
      if (hash('sha256', bytes) === id) return bytes;
      return damage(`${key} is damaged: a chunk in it has other bytes than its name says`, { key });
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      return error;
    }
  }
}
