/** What one pass over the disk rests on: usable packs, what is known to lie in them, and what earlier runs saved. */
import { hash } from 'node:crypto';
import {
  INDEX_RECORDS_MAX,
  damage,
  decodeChunkList,
  findChunk,
  isBackupError,
  loadChunkTable,
  openSegment,
  packKey,
  packNamesOf,
  packText,
} from '@backup-agent/core';
import type {
  CatalogLine,
  CatalogEntry,
  ChunkId,
  ChunkTable,
  LandedSnapshot,
  ListedPack,
  PageReference,
  PlacedSegment,
  Repository,
  UsablePacks,
} from '@backup-agent/core';
import type { Healing } from './healing.ts';
import type { BackupDeps, BackupRoot } from './job.ts';
import { journalEntries } from './journal.ts';
import type { Journal } from './journal.ts';
import { packAsListed } from './pack-writer.ts';
import type { WrittenPack } from './pack-writer.ts';
import { catalogEntries } from './previous-entries.ts';
import type { EntrySource } from './previous-entries.ts';
import type { PreviousRoots } from './previous-snapshots.ts';

/** Half of what an index segment holds. Where all of an index is lost, the next runs or `repair index` write the rest. */
const UNTOLD_CHUNKS_MAX = INDEX_RECORDS_MAX / 2;
const NOTHING: readonly (readonly CatalogLine[])[] = [];

type Named = Pick<CatalogEntry, 'chunks' | 'lists'>;

export class TreeBase {
  readonly packs: UsablePacks;
  readonly previous: PreviousRoots;
  readonly healing: Healing;
  readonly #journals: readonly Journal[];
  readonly #deps: BackupDeps;
  readonly #trust: boolean;
  readonly #mayRestOnMarked: boolean;
  #table: Promise<ChunkTable> | undefined;
  #marked: Promise<ChunkTable> | undefined;
  readonly #lists = new Map<ChunkId, Uint8Array>();
  /** Usable packs that no index segment tells of, as their directories say; at most what one segment may hold. */
  readonly untold: WrittenPack[] = [];
  #untoldChunks = 0;

  /**
   * `trust`: believe that all chunks of a snapshot can be found if all its packs are usable. `mayRestOnMarked`: what is
   * carried forward may lie in marked packs; not where no anchor names them. `healing`: knows of damage.
   */
  constructor(
    packs: UsablePacks,
    previous: PreviousRoots,
    journals: readonly Journal[],
    options: {
      readonly trust: boolean;
      readonly mayRestOnMarked: boolean;
      readonly healing: Healing;
      readonly deps: BackupDeps;
    },
  ) {
    this.packs = packs;
    this.previous = previous;
    this.#journals = journals;
    this.#trust = options.trust;
    this.#mayRestOnMarked = options.mayRestOnMarked;
    this.healing = options.healing;
    this.#deps = options.deps;
  }

  /** The chunks in usable packs; loaded when first asked for. */
  table(): Promise<ChunkTable> {
    this.#table ??= this.#load(this.packs.usable, (pack, segments) => this.#noteUntold(pack, segments));
    return this.#table;
  }

  /** The chunks in packs that are there but marked: only what is carried forward may rest on them. */
  markedTable(): Promise<ChunkTable> {
    this.#marked ??= this.#load(this.#mayRestOnMarked ? this.packs.marked : new Map());
    return this.#marked;
  }

  /** The one snapshot that all roots come from, if all its packs are usable: what is in it need not be looked up. */
  wholeSnapshot(roots: readonly BackupRoot[]): LandedSnapshot | undefined {
    if (!this.#trust || this.#journals.length > 0) return undefined;
    const landed = [...this.previous.values()].map((root) => root.landed);
    const [first] = landed;
    if (first === undefined || landed.length !== roots.length || landed.some((other) => other.key !== first.key))
      return undefined;
    if (!this.healing.isSound(first.name)) return undefined;
    return packNamesOf(first.snapshot).every((name) => this.packs.usable.has(name)) ? first : undefined;
  }

  /** What is known of a root, best source first: journals of runs cut off, then the snapshot, also if there is none. */
  sourcesOf(rootPath: string): EntrySource[] {
    const sources: EntrySource[] = this.#journals.map((journal) => journalEntries(journal, rootPath));
    const previous = this.previous.get(rootPath);
    if (previous === undefined) return [...sources, NOTHING.values()];
    const { repository, pageCache, report } = this.#deps;
    sources.push(
      catalogEntries(repository, previous.references, previous.root, {
        ...(pageCache === undefined ? {} : { cache: pageCache }),
        onLostPage: (page) =>
          report({ type: 'warning', message: `the catalog page of ${page.path} is lost; its files are read again` }),
      }),
    );
    return sources;
  }

  /** Pages of earlier catalogs that lie in usable packs, undamaged as far as is known. */
  knownPages(): Map<ChunkId, PageReference> {
    const known = new Map<ChunkId, PageReference>();
    for (const { references } of this.previous.values()) {
      for (const page of references) {
        const pack = packText({ kind: 'meta', run: page.run, number: page.pack });
        const isDamaged = this.healing.damaged.get(pack)?.has(page.id) === true;
        if (this.packs.usable.has(pack) && !isDamaged) known.set(page.id, page);
      }
    }
    return known;
  }

  /** Whether all that an entry names lies in the packs of a table. */
  holds(table: ChunkTable, entry: Named): Promise<boolean> {
    return this.holdBetween([table], entry);
  }

  /** Whether all that an entry names lies in the packs of one or other of these tables. */
  async holdBetween(tables: readonly ChunkTable[], entry: Named): Promise<boolean> {
    const isThere = (id: ChunkId): boolean => tables.some((table) => entryNumber(table, id) >= 0);
    for (const id of entry.chunks ?? []) if (!isThere(id)) return false;
    for (const list of entry.lists ?? []) {
      const ids = await this.listIfWhole(tables, list);
      if (ids === undefined || !ids.every(isThere)) return false;
    }
    return true;
  }

  /** The ids in a stored list of chunk ids. A damaged one is as good as none: its file is read again. */
  async listIfWhole(tables: readonly ChunkTable[], list: ChunkId): Promise<readonly ChunkId[] | undefined> {
    if (!tables.some((table) => entryNumber(table, list) >= 0)) return undefined;
    try {
      return decodeChunkList(await this.listBytes(tables, list), list);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      this.#deps.report({ type: 'warning', message: `${error.message}; its file is read again` });
      return undefined;
    }
  }

  /** A stored list of chunk ids, from the first table that knows it. */
  async listBytes(tables: readonly ChunkTable[], list: ChunkId): Promise<Uint8Array> {
    const known = this.#lists.get(list);
    if (known !== undefined) return known;
    const table = tables.find((candidate) => entryNumber(candidate, list) >= 0);
    if (table === undefined) throw new Error('a list is looked up before it is read');
    const bytes = await readChunk(this.#deps.repository, table, list);
    this.#lists.set(list, bytes);
    return bytes;
  }

  #noteUntold(pack: ListedPack, segments: readonly PlacedSegment[]): void {
    const count = segments.reduce((sum, { lengths }) => sum + lengths.length, 0);
    if (this.#untoldChunks + count > UNTOLD_CHUNKS_MAX) return;
    this.#untoldChunks += count;
    this.untold.push({ pack: packAsListed(pack), segments });
  }

  #load(
    packs: UsablePacks['usable'],
    onDirectory?: (pack: ListedPack, segments: readonly PlacedSegment[]) => void,
  ): Promise<ChunkTable> {
    const { repository, report } = this.#deps;
    return loadChunkTable(repository, {
      packs,
      ...(onDirectory === undefined ? {} : { onDirectory }),
      damaged: this.healing.damaged,
      onDamage: (error) =>
        report({ type: 'warning', message: `${error.message}; what it says is looked up elsewhere` }),
    });
  }
}

const entryNumber = (table: ChunkTable, id: ChunkId): number => findChunk(table, Buffer.from(id, 'hex'));

async function readChunk(repository: Repository, table: ChunkTable, id: ChunkId): Promise<Uint8Array> {
  const place = table.place(entryNumber(table, id));
  const pack = table.packs[place.pack];
  if (pack === undefined) throw new Error('a place names a pack of its table');
  const key = packKey(repository.device, pack);
  const stored = await repository.store.readRange(key, place.segmentOffset, place.storedBytes);
  const raw = openSegment(stored, place, key);
  const chunk = raw.subarray(place.chunkOffset, place.chunkOffset + place.chunkBytes);
  if (hash('sha256', chunk) === id) return chunk;
  throw damage(`${key} is damaged: chunk ${id} has other bytes`, { key });
}
