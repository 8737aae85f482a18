/**
 * Entries in the walk's order on their way to the catalog. One whose chunks are not uploaded yet holds back those
 * behind it, so that pages are written in order and name only what is durable.
 */
import { ENTRY_CHUNKS_MAX, chunkIdOfBytes, encodeChunkLists, encodeEntry } from '@backup-agent/core';
import type { CatalogEntry, ChunkId } from '@backup-agent/core';
import type { CatalogWriter } from './catalog-writer.ts';
import { catalogBytesOf } from './entry-lines.ts';
import type { JournalWriter } from './journal.ts';
import type { NamedChunks } from './pack-use.ts';
import type { RunChunks } from './run-chunks.ts';

const ID_BYTES = 32;

/** An entry's place in the order. Tens of thousands wait at a time, so a settled one is little more than its line. */
export interface Slot {
  readonly root: number;
  readonly path: string;
  state: 'open' | 'dropped' | 'settled';
  /** As text, or as a saver thread made it (entry-lines.ts): bytes outside the heap, which no collector copies about. */
  line: string | Uint8Array | undefined;
  /** Whether the line is the previous catalog's own, which no journal needs. */
  verbatim: boolean;
  /** A file of so many chunks that their ids go to lists, which are stored when its turn comes. */
  many: { readonly entry: CatalogEntry; readonly chunks: readonly ChunkId[] } | undefined;
  /** Entry numbers among this run's chunks that must be uploaded first. */
  waits: readonly number[];
}

const NO_WAITS: readonly number[] = [];

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
      verbatim: false,
      many: undefined,
      waits: NO_WAITS,
    };
    this.#slots.push(slot);
    return slot;
  }

  /** An entry whose chunks are durable already. Its line, if given, is written as it is. */
  settle(slot: Slot, entry: CatalogEntry, line?: string): void {
    slot.state = 'settled';
    slot.line = line ?? encodeEntry(entry);
    slot.verbatim = line !== undefined;
    this.#deps.named.add(entry);
  }

  /** An entry that could not be read, as an earlier run saved it: what it names counts apart. */
  settleCarried(slot: Slot, entry: CatalogEntry): void {
    slot.state = 'settled';
    slot.line = encodeEntry(entry);
    this.#deps.carried.add(entry);
  }

  /** A file whose line names its chunks, some of which may still be on their way. */
  settleSaved(slot: Slot, line: Uint8Array, ids: Uint8Array): void {
    slot.state = 'settled';
    slot.line = line;
    this.#awaitChunks(slot, ids);
  }

  /** A file with its chunks, which go to its line or, if they are many, to lists. */
  settleFile(slot: Slot, entry: CatalogEntry, ids: Uint8Array): void {
    const chunks: ChunkId[] = [];
    for (let at = 0; at < ids.length; at += ID_BYTES) chunks.push(chunkIdOfBytes(ids.subarray(at, at + ID_BYTES)));
    slot.state = 'settled';
    if (chunks.length > ENTRY_CHUNKS_MAX) slot.many = { entry, chunks };
    else slot.line = encodeEntry({ ...entry, chunks });
    this.#awaitChunks(slot, ids);
  }

  #awaitChunks(slot: Slot, ids: Uint8Array): void {
    const waits: number[] = [];
    for (let at = 0; at < ids.length; at += ID_BYTES) {
      const number = this.#deps.chunks.find(ids, at);
      if (number >= 0) waits.push(number);
    }
    if (waits.length > 0) slot.waits = waits;
    this.#deps.named.chunks.addBytes(ids);
  }

  /** There will be no entry. */
  drop(slot: Slot): void {
    slot.state = 'dropped';
  }

  /** Writes what is ready at the head of the queue. */
  drain(): void {
    for (; this.#head < this.#slots.length; this.#head++) {
      const slot = this.#slots[this.#head] as Slot;
      if (slot.state === 'open' || !this.#areUploaded(slot.waits)) break;
      if (slot.state === 'settled') this.#write(slot);
    }
    if (this.#head > 4096 && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
    this.#deps.journal?.flush();
  }

  #areUploaded(numbers: readonly number[]): boolean {
    for (const number of numbers) if (!this.#deps.chunks.isUploaded(number)) return false;
    return true;
  }

  #write(slot: Slot): void {
    const line = slot.line ?? this.#lineWithLists(slot.many as NonNullable<Slot['many']>);
    this.#deps.writer.add(slot.root, slot.path, typeof line === 'string' ? line : catalogBytesOf(line));
    if (!slot.verbatim) this.#deps.journal?.add(line);
  }

  #lineWithLists({ entry, chunks }: NonNullable<Slot['many']>): string {
    const lists = encodeChunkLists(chunks).map((list) => this.#deps.writer.addChunk(list));
    for (const id of lists) this.#deps.named.chunks.addHex(id);
    return encodeEntry({ ...entry, lists });
  }
}
