/**
 * Turns entries into pages and pages into meta packs. Entries arrive in the walk's order, some of them before their
 * chunks are uploaded: they wait, for a page names only what is durable.
 */
import { hash } from 'node:crypto';
import {
  PageCutter,
  PAGE_REFERENCES_BYTES_MAX,
  SEGMENT_RAW_BYTES_MAX,
  encodePageList,
  encodePageReference,
  parseChunkId,
  sealSegment,
} from '@backup-agent/core';
import type { ChunkId, CutPage, PageReference, RunId } from '@backup-agent/core';
import type { PackWriter } from './pack-writer.ts';
import { release } from './saver/segment-builder.ts';

const PAGE_COMPRESSION_LEVEL = 3;

export interface CatalogWriterDeps {
  readonly run: RunId;
  readonly meta: PackWriter;
  /** Pages that are stored in usable packs already. */
  readonly known: ReadonlyMap<ChunkId, PageReference>;
}

export interface StoredChunk {
  readonly place: PageReference;
  readonly bytes: Uint8Array;
}

export class CatalogWriter {
  readonly #deps: CatalogWriterDeps;
  readonly #cutter = new PageCutter();
  readonly #pages: PageReference[] = [];
  /** Chunks (page lists, lists of chunk ids) that this run has put into meta packs. */
  readonly #stored = new Map<string, PageReference>();
  readonly #chunks = new Map<ChunkId, StoredChunk>();

  constructor(deps: CatalogWriterDeps) {
    this.#deps = deps;
  }

  /** Adds an entry's line. What it names must be durable. */
  add(root: number, path: string, line: string | Uint8Array): void {
    const page = this.#cutter.add(root, path, line);
    if (page !== undefined) this.#keep(page);
  }

  /** Stores bytes as a chunk of a meta pack, once, and returns its id. */
  addChunk(bytes: Uint8Array): ChunkId {
    const place = this.#store({ root: 0, path: '', bytes: Buffer.from(bytes) });
    this.#chunks.set(place.id, { place, bytes });
    return place.id;
  }

  /** All that `addChunk` was given. */
  get chunks(): ReadonlyMap<ChunkId, StoredChunk> {
    return this.#chunks;
  }

  /** The catalog's pages, or the lists of their references if these are many. */
  end(): { readonly all: readonly PageReference[]; readonly named: NamedPages } {
    const last = this.#cutter.end();
    if (last !== undefined) this.#keep(last);
    const bytes = Buffer.byteLength(JSON.stringify(this.#pages.map(encodePageReference)));
    if (bytes <= PAGE_REFERENCES_BYTES_MAX) return { all: this.#pages, named: { pages: this.#pages } };
    const lists = inLists(this.#pages).map((pages) => {
      const first = pages[0] as PageReference;
      return this.#store({ root: first.root, path: first.path, bytes: encodePageList(pages) });
    });
    return { all: this.#pages, named: { pageLists: lists } };
  }

  #keep(page: CutPage): void {
    this.#pages.push(this.#store(page));
  }

  #store({ root, path, bytes }: CutPage): PageReference {
    const id = parseChunkId(hash('sha256', bytes));
    const known = this.#deps.known.get(id) ?? this.#stored.get(id);
    if (known !== undefined) return { ...known, root, path };
    const chunk = { ids: Buffer.from(id, 'hex'), lengths: Uint32Array.of(bytes.length) };
    const { segment, stored } = sealSegment(bytes, chunk, PAGE_COMPRESSION_LEVEL);
    // The frame lies at the beginning of a larger buffer, which would wait with it for its upload.
    const place = this.#deps.meta.add(segment, Uint8Array.prototype.slice.call(stored));
    if (stored !== bytes) release(stored);
    const reference = {
      root,
      path,
      id,
      run: this.#deps.run,
      pack: place.number,
      offset: place.offset,
      storedBytes: segment.storedBytes,
      rawBytes: segment.rawBytes,
    };
    this.#stored.set(id, reference);
    return reference;
  }
}

export interface NamedPages {
  readonly pages?: PageReference[];
  readonly pageLists?: PageReference[];
}

/** As few lists as fit segments. */
function inLists(pages: readonly PageReference[]): PageReference[][] {
  const lists: PageReference[][] = [[]];
  let bytes = 0;
  for (const page of pages) {
    const length = Buffer.byteLength(JSON.stringify(encodePageReference(page))) + 1;
    if (bytes + length > SEGMENT_RAW_BYTES_MAX) {
      lists.push([]);
      bytes = 0;
    }
    lists.at(-1)?.push(page);
    bytes += length;
  }
  return lists;
}
