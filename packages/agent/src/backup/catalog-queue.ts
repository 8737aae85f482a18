/**
 * Entries in the walk's order on their way to the catalog. One whose chunks are not uploaded yet holds back those
 * behind it, so that pages are written in order and name only what is durable.
 */
import { ENTRY_CHUNKS_MAX, chunkIdOfBytes, encodeChunkLists, encodeEntry } from '@backup-agent/core';
import type { CatalogEntry, ChunkId } from '@backup-agent/core';
import type { CatalogWriter } from './catalog-writer.ts';
import type { JournalWriter } from './journal.ts';
import type { NamedChunks } from './pack-use.ts';
import type { RunChunks } from './run-chunks.ts';

const ID_BYTES = 32;

/** An entry's place in the order. It is settled exactly once, by one of the methods of CatalogQueue. */
export interface Slot {
  readonly root: number;
  readonly path: string;
  state: 'open' | 'dropped' | 'settled';
  line: string | undefined;
  entry: CatalogEntry | undefined;
  /** Ids of a file's chunks. */
  ids: Uint8Array | undefined;
  /** Carried forward: what it names counts apart. */
  carried: boolean;
  /** Entry numbers among this run's chunks that must be uploaded first. */
  waits: readonly number[];
}

export interface CatalogQueueDeps {
  readonly writer: CatalogWriter;
  readonly named: NamedChunks;
  readonly carried: NamedChunks;
  readonly chunks: RunChunks;
  readonly journal: JournalWriter | undefined;
}

export class CatalogQueue {
  readonly #deps: CatalogQueueDeps;
  #slots: Slot[] = [];
  #head = 0;

  constructor(deps: CatalogQueueDeps) {
    this.#deps = deps;
  }

  get length(): number {
    return this.#slots.length - this.#head;
  }

  /** Takes the next place in the order. */
  open(root: number, path: string): Slot {
    const slot: Slot = {
      root,
      path,
      state: 'open',
      line: undefined,
      entry: undefined,
      ids: undefined,
      carried: false,
      waits: [],
    };
    this.#slots.push(slot);
    return slot;
  }

  /** An entry whose chunks are durable already. Its line, if given, is written as it is. */
  settle(slot: Slot, entry: CatalogEntry, line?: string): void {
    slot.state = 'settled';
    slot.entry = entry;
    slot.line = line;
  }

  /** An entry that could not be read, as an earlier run saved it. */
  settleCarried(slot: Slot, entry: CatalogEntry): void {
    slot.carried = true;
    this.settle(slot, entry);
  }

  /** A file with its chunks, some of which may still be on their way. */
  settleFile(slot: Slot, entry: CatalogEntry, ids: Uint8Array): void {
    const waits = new Set<number>();
    for (let at = 0; at < ids.length; at += ID_BYTES) {
      const number = this.#deps.chunks.find(ids, at);
      if (number >= 0) waits.add(number);
    }
    slot.state = 'settled';
    slot.entry = entry;
    slot.ids = ids;
    slot.waits = [...waits];
  }

  /** There will be no entry. */
  drop(slot: Slot): void {
    slot.state = 'dropped';
  }

  /** Writes what is ready at the head of the queue. */
  drain(): void {
    for (; this.#head < this.#slots.length; this.#head++) {
      const slot = this.#slots[this.#head] as Slot;
      if (slot.state === 'open' || !slot.waits.every((number) => this.#deps.chunks.isUploaded(number))) break;
      if (slot.state === 'settled') this.#write(slot);
    }
    if (this.#head > 4096 && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
    this.#deps.journal?.flush();
  }

  #write(slot: Slot): void {
    const { writer, journal } = this.#deps;
    const named = slot.carried ? this.#deps.carried : this.#deps.named;
    const entry =
      slot.ids === undefined ? (slot.entry as CatalogEntry) : this.#withChunks(slot.entry as CatalogEntry, slot.ids);
    const line = slot.line ?? encodeEntry(entry);
    if (slot.ids === undefined) named.add(entry);
    else {
      // The lists were made just now: what is in them is known without reading them back.
      named.chunks.addBytes(slot.ids);
      for (const id of entry.lists ?? []) named.chunks.addHex(id);
    }
    writer.add(slot.root, slot.path, line);
    if (slot.line === undefined) journal?.add(line);
  }

  #withChunks(entry: CatalogEntry, ids: Uint8Array): CatalogEntry {
    const chunks: ChunkId[] = [];
    for (let at = 0; at < ids.length; at += ID_BYTES) chunks.push(chunkIdOfBytes(ids.subarray(at, at + ID_BYTES)));
    if (chunks.length <= ENTRY_CHUNKS_MAX) return { ...entry, chunks };
    return { ...entry, lists: encodeChunkLists(chunks).map((list) => this.#deps.writer.addChunk(list)) };
  }
}
