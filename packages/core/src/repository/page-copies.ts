/**
 * Catalog pages that are damaged where their references say: after a run has made damage good, another pack holds them,
 * too. The index is read only where a page is damaged, once.
 */
import { hash } from 'node:crypto';
import { isBackupError } from '../errors.ts';
import { packKey } from '../keys.ts';
import type { PageReference } from '../format/catalog-page.ts';
import { packText } from '../format/marks.ts';
import { openSegment } from '../format/pack.ts';
import { findChunk } from './chunk-table.ts';
import type { ChunkTable } from './chunk-table.ts';
import { loadChunkTable, mapOfPacks } from './load-chunk-table.ts';
import type { Repository } from './repository.ts';
import { listPacks } from './usable-packs.ts';

export class PageCopies {
  readonly #repository: Repository;
  #table: Promise<ChunkTable> | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** The page's bytes from the newest pack that has it; undefined if that is no other, or damaged as well. */
  async find(page: PageReference): Promise<Uint8Array | undefined> {
    this.#table ??= this.#load();
    const table = await this.#table;
    const entry = findChunk(table, Buffer.from(page.id, 'hex'));
    if (entry < 0) return undefined;
    const place = table.place(entry);
    const pack = table.packs[place.pack];
    if (pack === undefined || packText(pack) === packText({ kind: 'meta', run: page.run, number: page.pack }))
      return undefined;
    const key = packKey(this.#repository.device, pack);
    try {
      const stored = await this.#repository.store.readRange(key, place.segmentOffset, place.storedBytes);
      const bytes = openSegment(stored, place, key).subarray(place.chunkOffset, place.chunkOffset + place.chunkBytes);
      return hash('sha256', bytes) === page.id ? bytes : undefined;
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      return undefined;
    }
  }

  async #load(): Promise<ChunkTable> {
    const packs = (await listPacks(this.#repository)).filter(({ kind }) => kind === 'meta');
    // What is damaged in the index is not what the reader asks about.
    return loadChunkTable(this.#repository, { packs: mapOfPacks(packs), onDamage: () => {} });
  }
}
