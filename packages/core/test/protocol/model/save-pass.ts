/** One pass over the disk: what is usable is kept, the rest is saved into the run's own packs, then the catalog. */
import { hash } from 'node:crypto';
import { bytesOfChunkId, encodeEntry, findChunk, loadChunkTable, packText } from '../../../src/index.ts';
import type {
  CatalogEntry,
  ChunkId,
  ChunkTable,
  PageReference,
  SnapshotRoot,
  UsablePacks,
} from '../../../src/index.ts';
import type { BackupDeps, BackupPlan } from './backup.ts';
import { PackUse } from './pack-use.ts';
import type { NewChunk, PackMaker } from './pack-maker.ts';
import type { Previous } from './previous.ts';
import { restoredPath } from './restore.ts';

export interface SavedPass {
  readonly roots: readonly SnapshotRoot[];
  readonly pages: readonly PageReference[];
  readonly use: ReturnType<PackUse['summary']>;
  /** Without what only entries carried forward need. */
  readonly neededUse: ReturnType<PackUse['summary']>;
  readonly content: ReadonlyMap<string, string>;
  readonly carried: number;
  readonly restsOnMarked: boolean;
  readonly isEmpty: boolean;
}

interface PassDeps extends BackupDeps {
  readonly packs: UsablePacks;
  readonly previous: Previous;
  readonly maker: PackMaker;
  readonly mayRestOnMarked: boolean;
}

export async function savePass(plan: BackupPlan, deps: PassDeps): Promise<SavedPass> {
  return new Pass(plan, deps, await tableOf(deps, deps.packs.usable)).save();
}

const tableOf = ({ repository }: PassDeps, packs: UsablePacks['usable']): Promise<ChunkTable> =>
  // A pack that is removed while it is looked into is not there for this pass: the commit sees it again.
  loadChunkTable(repository, { packs, onDamage: () => {} });

class Pass {
  readonly #plan: BackupPlan;
  readonly #deps: PassDeps;
  readonly #table: ChunkTable;
  #marked: ChunkTable | undefined;
  readonly #entries: CatalogEntry[][] = [];
  readonly #named = new Set<ChunkId>();
  readonly #carried = new Set<ChunkId>();
  #new: NewChunk[] = [];
  #saved: CatalogEntry[] = [];
  #packs = 0;

  constructor(plan: BackupPlan, deps: PassDeps, table: ChunkTable) {
    this.#plan = plan;
    this.#deps = deps;
    this.#table = table;
  }

  async save(): Promise<SavedPass> {
    const roots: SnapshotRoot[] = [];
    for (const [number, path] of this.#plan.roots.entries()) {
      const state = this.#deps.disk.isMissing(path) ? ('missing' as const) : ('walked' as const);
      roots.push({ path, label: path === '/' ? 'all' : path.slice(1), state });
      this.#entries.push([]);
      await (state === 'missing' ? this.#carryRoot(number, path) : this.#walk(number, path));
    }
    await this.#sendPack();
    const pages = await this.#writeCatalog();
    const restsOnMarked = [...this.#carried].some((id) => !this.#isIn(this.#table, id));
    const needed = new PackUse(this.#table, [...this.#named], pages);
    const neededUse = needed.summary();
    const all = new PackUse(this.#table, [...this.#named, ...this.#carried], pages, this.#marked);
    const entries = this.#entries.flat();
    return {
      roots,
      pages,
      use: all.summary(),
      neededUse,
      content: new Map(entries.map((entry) => this.#contentOf(entry))),
      carried: this.#carried.size,
      restsOnMarked,
      isEmpty: entries.length === 0 && roots.every(({ state }) => state !== 'walked'),
    };
  }

  async #walk(number: number, root: string): Promise<void> {
    const { disk } = this.#deps;
    for (const { path, absolute, file } of disk.below(root)) {
      if (disk.locked.has(absolute) || disk.isMissing(absolute)) {
        await this.#carry(number, root, path, absolute);
        continue;
      }
      const ids = file.chunks.map((text) => hash('sha256', text) as ChunkId);
      const entry = entryOf(number, path, file.version, file.chunks.join('').length, ids);
      this.#entries[number]?.push(entry);
      for (const [i, id] of ids.entries()) await this.#saveChunk(id, Buffer.from(file.chunks[i] as string));
      this.#saved.push({ ...entry, path: absolute });
    }
  }

  async #carryRoot(number: number, root: string): Promise<void> {
    const prefix = root === '/' ? '/' : `${root}/`;
    const known = new Set(this.#deps.previous.get(root)?.files.keys());
    for (const path of this.#deps.journal.keys()) if (path.startsWith(prefix)) known.add(path.slice(prefix.length));
    for (const path of [...known].sort()) await this.#carry(number, root, path, `${prefix}${path}`);
  }

  /** The best of what is known that is still stored. */
  async #carry(root: number, rootPath: string, path: string, absolute: string): Promise<void> {
    const known = [this.#deps.journal.get(absolute), this.#deps.previous.get(rootPath)?.files.get(path)];
    for (const entry of known) {
      if (entry === undefined || !(await this.#isStored(entry))) continue;
      this.#entries[root]?.push({ ...entry, root, path, unreadableSince: entry.unreadableSince ?? '2026-01-01' });
      for (const id of entry.chunks ?? []) this.#carried.add(id);
      return;
    }
    this.#deps.tally.note('carried forward no longer');
  }

  async #isStored({ chunks = [] }: CatalogEntry): Promise<boolean> {
    if (chunks.every((id) => this.#isIn(this.#table, id))) return true;
    const { mayRestOnMarked, packs } = this.#deps;
    if (!mayRestOnMarked || packs.marked.size === 0) return false;
    const marked = (this.#marked ??= await tableOf(this.#deps, packs.marked));
    return chunks.every((id) => this.#isIn(this.#table, id) || this.#isIn(marked, id));
  }

  #isIn = (table: ChunkTable, id: ChunkId): boolean => findChunk(table, bytesOfChunkId(id)) >= 0;

  async #saveChunk(id: ChunkId, bytes: Buffer): Promise<void> {
    this.#named.add(id);
    this.#deps.content.set(id, bytes.toString());
    if (this.#isIn(this.#table, id) || this.#new.some((chunk) => chunk.id === id)) return;
    this.#new.push({ id, bytes });
    if (this.#new.length >= this.#plan.chunksPerPack) await this.#sendPack();
  }

  async #sendPack(): Promise<void> {
    const { maker, journal } = this.#deps;
    const chunks = this.#new;
    this.#new = [];
    if (chunks.length > 0) await this.#keepPack('data', chunks, 2);
    for (const entry of this.#saved.splice(0))
      if (entry.chunks?.every((id) => this.#isIn(this.#table, id)) === true) journal.set(entry.path, entry);
    const { packsPerCheckpoint } = this.#plan;
    if (packsPerCheckpoint > 0 && this.#packs % packsPerCheckpoint === 0 && chunks.length > 0)
      await maker.writeIndex('checkpoint', this.#plan.roots);
  }

  async #keepPack(kind: 'data' | 'meta', chunks: readonly NewChunk[], perSegment: number) {
    const written = await this.#deps.maker.write(kind, chunks, perSegment);
    if (kind === 'data') this.#packs++;
    const number = this.#table.packNumber(written.pack);
    for (const segment of written.segments) this.#table.addSegment(number, segment.offset, segment);
    return written;
  }

  /** A page for each root; one that lies in a usable pack is not written again. */
  async #writeCatalog(): Promise<PageReference[]> {
    const known = new Map<ChunkId, PageReference>();
    for (const { pages } of this.#deps.previous.values())
      for (const page of pages)
        if (this.#deps.packs.usable.has(packText({ kind: 'meta', run: page.run, number: page.pack })))
          known.set(page.id, page);
    const pages = this.#entries.map((entries, root) => pageOf(root, entries));
    const fresh = pages.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) {
      const { pack, segments } = await this.#keepPack('meta', fresh, 1);
      for (const [i, { root, id }] of fresh.entries()) {
        const { offset, storedBytes, rawBytes } = segments[i] as (typeof segments)[number];
        known.set(id, { root, path: '', id, run: pack.run, pack: pack.number, offset, storedBytes, rawBytes });
      }
    }
    return pages.map(({ root, id }) => ({ ...(known.get(id) as PageReference), root }));
  }

  #contentOf(entry: CatalogEntry): [string, string] {
    const text = (entry.chunks ?? []).map((id) => this.#deps.content.get(id) ?? '?').join('');
    return [restoredPath(this.#plan.roots[entry.root] ?? '', entry.path), text];
  }
}

function pageOf(root: number, entries: readonly CatalogEntry[]) {
  const folder = {
    root,
    path: '',
    kind: 'folder',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: '1',
    ctime: '1',
    inode: '1',
  } as const;
  const bytes = Buffer.from([folder, ...entries].map((entry) => `${encodeEntry(entry)}\n`).join(''));
  return { root, id: hash('sha256', bytes) as ChunkId, bytes };
}

const entryOf = (root: number, path: string, version: number, size: number, chunks: ChunkId[]): CatalogEntry => ({
  root,
  path,
  kind: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size,
  mtime: String(1000 + version),
  ctime: '1',
  inode: '1',
  chunks,
});
