/** The ids of all chunks that a catalog names, and from them which packs a snapshot needs and how much of each. */
import { chunkIdOfBytes, encodePackRanges, findChunk, shareOf } from '@backup-agent/core';
import type {
  CatalogEntry,
  ChunkId,
  ChunkTable,
  LiveBytes,
  PackKind,
  PackRanges,
  PageReference,
  RunId,
} from '@backup-agent/core';

const ID_BYTES = 32;
/** A pack of which this share or more is used is not worth a word in the snapshot. */
const LIVE_SHARE = 0.9;

/** Chunk ids, 32 bytes each, back to back. */
class ChunkIdList {
  #bytes = Buffer.alloc(64 * 1024);
  #used = 0;

  get count(): number {
    return this.#used / ID_BYTES;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  addHex(id: ChunkId): void {
    this.#reserve(ID_BYTES);
    this.#used += this.#bytes.write(id, this.#used, 'hex');
  }

  addBytes(ids: Uint8Array): void {
    this.#reserve(ids.length);
    this.#bytes.set(ids, this.#used);
    this.#used += ids.length;
  }

  *ids(): Generator<ChunkId> {
    for (let at = 0; at < this.#used; at += ID_BYTES) yield chunkIdOfBytes(this.#bytes.subarray(at, at + ID_BYTES));
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#used + bytes));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}

/** What a catalog names: chunks, and of large files the lists that hold their chunks' ids. */
export class NamedChunks {
  readonly chunks = new ChunkIdList();
  readonly lists = new ChunkIdList();

  add(entry: Pick<CatalogEntry, 'chunks' | 'lists'>): void {
    for (const id of entry.chunks ?? []) this.chunks.addHex(id);
    for (const id of entry.lists ?? []) this.lists.addHex(id);
  }
}

export interface PackUse {
  readonly packs: { readonly data: PackRanges; readonly meta: PackRanges };
  readonly live: { readonly data: LiveBytes; readonly meta: LiveBytes };
  /** Ids that the table lacks, hexadecimal. */
  readonly missing: readonly string[];
}

/**
 * The packs that these chunks and pages lie in. Each chunk counts once, with its share of its segment's stored bytes;
 * a page counts where its reference says, for readers go there.
 */
export function packUseOf(ids: readonly Uint8Array[], pages: readonly PageReference[], table: ChunkTable): PackUse {
  const seen = new Uint8Array(table.count);
  const pagePacks = pages.map((page) => table.packNumber({ kind: 'meta', run: page.run, number: page.pack }));
  const live = new Float64Array(table.packs.length);
  const seenPages = new Set<string>();
  for (const [i, page] of pages.entries()) {
    const pack = pagePacks[i] as number;
    if (!seenPages.has(page.id)) live[pack] = (live[pack] as number) + page.storedBytes;
    seenPages.add(page.id);
  }
  const missing: string[] = [];
  for (const list of ids) {
    for (let at = 0; at < list.length; at += ID_BYTES) {
      const entry = findChunk(table, list, at);
      if (entry < 0) {
        missing.push(Buffer.from(list.buffer, list.byteOffset + at, ID_BYTES).toString('hex'));
      } else if (seen[entry] === 0) {
        seen[entry] = 1;
        const place = table.place(entry);
        live[place.pack] = (live[place.pack] as number) + shareOf(place);
      }
    }
  }
  return { ...summarise(table, live), missing };
}

function summarise(table: ChunkTable, live: Float64Array): Omit<PackUse, 'missing'> {
  const numbers = { data: new Map<RunId, number[]>(), meta: new Map<RunId, number[]>() };
  const few: Record<PackKind, Record<string, Record<string, number>>> = { data: {}, meta: {} };
  for (const [i, pack] of table.packs.entries()) {
    const bytes = live[i] as number;
    if (bytes === 0) continue;
    const ofRun = numbers[pack.kind].get(pack.run) ?? [];
    numbers[pack.kind].set(pack.run, ofRun);
    ofRun.push(pack.number);
    if (bytes < LIVE_SHARE * (table.packStoredBytes[i] ?? 0))
      (few[pack.kind][pack.run] ??= {})[String(pack.number)] = Math.floor(bytes);
  }
  return {
    packs: { data: encodePackRanges(numbers.data), meta: encodePackRanges(numbers.meta) },
    live: few,
  };
}
