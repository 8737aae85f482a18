/**
 * Builds repositories from the codecs alone, so that readers are tested without the backup, and with catalogs that no
 * backup would write.
 */
import { hash } from 'node:crypto';
import {
  ENTRY_CHUNKS_MAX,
  PageCutter,
  chunkLengths,
  compareEntries,
  encodeChunkLists,
  encodeEntry,
  encodeIndexSegment,
  encodePackEnd,
  encodePackRanges,
  encodeRepositoryFile,
  encodeSnapshot,
  indexKey,
  makeRunId,
  memoryStore,
  newRepositoryFile,
  packKey,
  parseDeviceId,
  repositoryKey,
  sealSegment,
  snapshotKey,
  snapshotName,
  encodePageList,
} from '../../src/index.ts';
import type {
  CatalogEntry,
  ChunkId,
  DeviceId,
  IndexedPack,
  ObjectStore,
  PackKind,
  PackPlace,
  PageReference,
  PlacedSegment,
  Repository,
  RunId,
  Snapshot,
  SnapshotName,
} from '../../src/index.ts';

/** An entry to be: what is left out gets a plain value. `content` makes it a file. */
export interface EntrySpec extends Partial<Omit<CatalogEntry, 'path' | 'chunks' | 'lists'>> {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** Instead of the chunks of `content`. */
  readonly chunks?: readonly ChunkId[];
}

export interface BuilderOptions {
  readonly store?: ObjectStore;
  readonly device?: DeviceId;
  /** A segment is closed when it has as many raw bytes. */
  readonly segmentBytes?: number;
  /** A data pack is closed when it has as many segments. */
  readonly packSegments?: number;
  readonly voidRule?: boolean;
  /** Files of more chunks name lists of them. */
  readonly entryChunksMax?: number;
  /** Runs that another builder made before: ids go on after theirs, and nothing of theirs is known. */
  readonly runsBefore?: number;
}

export interface SnapshotSpec {
  readonly roots?: Snapshot['roots'];
  readonly tags?: readonly string[];
  readonly finished?: boolean;
  /** References in page lists, as large catalogs have them. */
  readonly pageLists?: boolean;
  readonly withoutIndex?: boolean;
  /** Of the machine that made it. */
  readonly host?: string;
}

const ROOT = { path: '/home/ann', label: 'ann', state: 'walked' } as const;
const plainEntry = { root: 0, mode: 0o644, uid: 0, gid: 0, mtime: '1700000000123456789', ctime: '1', inode: '1' };

export class RepositoryBuilder {
  readonly store: ObjectStore;
  readonly repository: Repository<ObjectStore>;
  readonly #options: Required<Pick<BuilderOptions, 'segmentBytes' | 'packSegments' | 'entryChunksMax'>>;
  readonly #stored = new Set<ChunkId>();
  readonly #pages = new Map<ChunkId, PageReference>();
  /** Packs of all runs so far. */
  readonly #places: PackPlace[] = [];
  #runs: number;

  constructor(options: BuilderOptions = {}) {
    const { segmentBytes = 64 * 1024, packSegments = 8, entryChunksMax = ENTRY_CHUNKS_MAX } = options;
    this.store = options.store ?? memoryStore();
    this.repository = {
      store: this.store,
      device: options.device ?? parseDeviceId('laptop-1'),
      voidRule: options.voidRule ?? false,
    };
    this.#runs = options.runsBefore ?? 0;
    this.#options = { segmentBytes, packSegments, entryChunksMax };
  }

  /** Stores what is new of these entries and commits a snapshot of them. Entries are sorted into the catalog's order. */
  async snapshot(entries: readonly EntrySpec[], spec: SnapshotSpec = {}): Promise<SnapshotName> {
    if (this.#runs === 0)
      await this.store.create(repositoryKey(), [encodeRepositoryFile(newRepositoryFile(new Date(0)))]);
    const run = makeRunId(new Date(Date.UTC(2026, 0, 1, 0, 0, this.#runs++)), Buffer.from([0, 0, 0, this.#runs]));
    const data = new PackBuilder(this, 'data', run, this.#options.packSegments);
    const meta = new PackBuilder(this, 'meta', run, Number.MAX_SAFE_INTEGER);
    const whole = entries.map((entry) => this.#store(entry, data, meta));
    data.seal();
    const sorted = whole.sort(compareEntries);
    const references = this.#storePages(sorted, meta);
    const lists = spec.pageLists === true ? this.#storePageLists(references, meta) : undefined;
    const packs = [...(await data.write()), ...(await meta.write())];
    if (spec.withoutIndex !== true && packs.length > 0) {
      const info = { made: 'run', roots: [ROOT.path], replaces: [] } as const;
      await this.store.create(indexKey(this.repository.device, run), [
        encodeIndexSegment({ ...info, roots: [...info.roots], replaces: [] }, packs),
      ]);
    }
    this.#places.push(...packs.map(({ pack }) => pack));
    return this.#commit(run, sorted, references, lists, spec);
  }

  #store(spec: EntrySpec, data: PackBuilder, meta: PackBuilder): CatalogEntry {
    const { content, ...fields } = spec;
    const entry = { ...plainEntry, kind: content === undefined ? 'folder' : 'file', ...fields } as CatalogEntry;
    if (entry.kind === 'folder' && fields.mode === undefined) return { ...entry, mode: 0o755 };
    if (content === undefined) return entry;
    const bytes = Buffer.from(content);
    const chunks: ChunkId[] = [];
    let at = 0;
    for (const length of chunkLengths(bytes)) {
      chunks.push(this.#storeChunk(bytes.subarray(at, at + length), data));
      at += length;
    }
    const named = spec.chunks ?? chunks;
    const sized = { ...entry, size: spec.size ?? bytes.length };
    if (named.length <= this.#options.entryChunksMax) return { ...sized, chunks: named };
    const lists = encodeChunkLists(named).map((list) => this.#storeChunk(list, meta));
    meta.seal();
    return { ...sized, lists };
  }

  #storeChunk(bytes: Buffer, pack: PackBuilder): ChunkId {
    const id = hash('sha256', bytes) as ChunkId;
    if (!this.#stored.has(id)) {
      this.#stored.add(id);
      pack.add(id, bytes);
      if (pack.openBytes >= this.#options.segmentBytes) pack.seal();
    }
    return id;
  }

  #storePages(entries: readonly CatalogEntry[], meta: PackBuilder): PageReference[] {
    const cutter = new PageCutter();
    const cut = entries.map((entry) => cutter.add(entry.root, entry.path, encodeEntry(entry)));
    return [...cut, cutter.end()].flatMap((page) => (page === undefined ? [] : [this.#storePage(page, meta)]));
  }

  #storePage(page: { root: number; path: string; bytes: Buffer }, meta: PackBuilder): PageReference {
    const id = hash('sha256', page.bytes) as ChunkId;
    const known = this.#pages.get(id);
    if (known !== undefined) return known;
    meta.seal();
    meta.add(id, page.bytes);
    const { offset, storedBytes, rawBytes, place } = meta.seal() as SealedSegment;
    const { root, path } = page;
    const reference = { root, path, id, run: place.run, pack: place.number, offset, storedBytes, rawBytes };
    this.#pages.set(id, reference);
    return reference;
  }

  #storePageLists(references: readonly PageReference[], meta: PackBuilder): PageReference[] {
    const [first] = references;
    if (first === undefined) return [];
    return [this.#storePage({ root: first.root, path: first.path, bytes: encodePageList(references) }, meta)];
  }

  async #commit(
    run: RunId,
    entries: readonly CatalogEntry[],
    pages: PageReference[],
    pageLists: PageReference[] | undefined,
    spec: SnapshotSpec,
  ): Promise<SnapshotName> {
    const name = snapshotName(run, 0);
    const numbers = { data: new Map<RunId, number[]>(), meta: new Map<RunId, number[]>() };
    for (const { kind, run: of, number } of this.#places)
      numbers[kind].set(of, [...(numbers[kind].get(of) ?? []), number]);
    const count = (kind: string): number => entries.filter((entry) => entry.kind === kind).length;
    const basis = (await this.store.list('tmp/')).began.toISOString();
    const snapshot: Snapshot = {
      version: 1,
      name,
      run,
      device: this.repository.device,
      machine: { id: 'machine', host: spec.host ?? 'host', user: 'ann', system: 'test', agent: '0' },
      started: basis,
      basis,
      finished: spec.finished ?? true,
      roots: spec.roots ?? [ROOT],
      tags: [...(spec.tags ?? [])],
      totals: {
        files: count('file'),
        folders: count('folder'),
        others: count('symlink') + count('fifo'),
        bytes: entries.reduce((sum, entry) => sum + (entry.size ?? 0), 0),
        unreadable: 0,
      },
      ...(pageLists === undefined ? { pages } : { pageLists }),
      packs: { data: encodePackRanges(numbers.data), meta: encodePackRanges(numbers.meta) },
      live: { data: {}, meta: {} },
    };
    await this.store.create(snapshotKey(this.repository.device, name), [encodeSnapshot(snapshot)]);
    return name;
  }
}

interface SealedSegment extends PlacedSegment {
  readonly place: PackPlace;
}

class PackBuilder {
  readonly #builder: RepositoryBuilder;
  readonly #kind: PackKind;
  readonly #run: RunId;
  readonly #segmentsMax: number;
  readonly #packs: { segments: PlacedSegment[]; stored: Uint8Array[]; bytes: number }[] = [];
  #open: { id: ChunkId; bytes: Buffer }[] = [];

  constructor(builder: RepositoryBuilder, kind: PackKind, run: RunId, segmentsMax: number) {
    this.#builder = builder;
    this.#kind = kind;
    this.#run = run;
    this.#segmentsMax = segmentsMax;
  }

  get openBytes(): number {
    return this.#open.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  add(id: ChunkId, bytes: Buffer): void {
    this.#open.push({ id, bytes });
  }

  /** Closes the segment under way. */
  seal(): SealedSegment | undefined {
    if (this.#open.length === 0) return undefined;
    const last = this.#packs.at(-1);
    const pack = last === undefined || last.segments.length >= this.#segmentsMax ? this.#newPack() : last;
    const ids = Buffer.from(this.#open.map(({ id }) => id).join(''), 'hex');
    const lengths = Uint32Array.from(this.#open, ({ bytes }) => bytes.length);
    const { segment, stored } = sealSegment(Buffer.concat(this.#open.map(({ bytes }) => bytes)), { ids, lengths }, 3);
    const placed = { ...segment, offset: pack.bytes };
    pack.segments.push(placed);
    pack.stored.push(stored);
    pack.bytes += stored.length;
    this.#open = [];
    return { ...placed, place: this.#place(this.#packs.length - 1) };
  }

  async write(): Promise<{ pack: IndexedPack; segments: PlacedSegment[] }[]> {
    const written: { pack: IndexedPack; segments: PlacedSegment[] }[] = [];
    for (const [number, { segments, stored }] of this.#packs.entries()) {
      const place = this.#place(number);
      const bytes = Buffer.concat([...stored, encodePackEnd(segments)]);
      const { etag, checksum } = await this.#builder.store.create(packKey(this.#builder.repository.device, place), [
        bytes,
      ]);
      written.push({ pack: { ...place, bytes: bytes.length, etag, checksum }, segments });
    }
    return written;
  }

  #newPack() {
    const pack = { segments: [], stored: [], bytes: 0 };
    this.#packs.push(pack);
    return pack;
  }

  #place(number: number): PackPlace {
    return { kind: this.#kind, run: this.#run, number };
  }
}
