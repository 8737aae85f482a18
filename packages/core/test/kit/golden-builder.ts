/**
 * Builds small repositories from the codecs alone, byte for byte the same each time: what the agent writes, without
 * the agent. For golden fixtures and for readers that are no part of this program.
 */
import {
  KiB,
  PageCutter,
  chunkLengths,
  compareEntries,
  encodeChunkLists,
  encodeEntry,
  encodeIndexSegment,
  encodePackRanges,
  encodePageList,
  encodeRepositoryFile,
  encodeRunRecord,
  encodeSnapshot,
  indexKey,
  newRepositoryFile,
  repositoryKey,
  runRecordKey,
  sealSegment,
  snapshotKey,
  snapshotName,
} from '../../src/index.ts';
import type {
  CatalogEntry,
  ChunkId,
  CutPage,
  DeviceId,
  Machine,
  PackKind,
  PageReference,
  RunId,
  Snapshot,
  SnapshotRoot,
} from '../../src/index.ts';

import { GoldenPacks, chunkIdOf } from './golden-packs.ts';
import type { Seal } from './golden-packs.ts';

/** An entry as a test writes it; what is left out is filled in. */
export type EntrySketch = Pick<CatalogEntry, 'path' | 'kind'> &
  Partial<Omit<CatalogEntry, 'size' | 'chunks' | 'lists'>> & {
    readonly bytes?: Uint8Array;
    /** Cut the file every so many bytes: readers must not depend on where. */
    readonly chunkBytes?: number;
    /** Name lists of chunk ids although there are few. */
    readonly asLists?: boolean;
  };

export interface SnapshotSketch {
  readonly device: DeviceId;
  readonly run: RunId;
  readonly machine: Machine;
  readonly roots: readonly SnapshotRoot[];
  readonly entries: readonly EntrySketch[];
  /** ISO 8601: started, basis and landed alike. */
  readonly time: string;
  readonly asPageLists?: boolean;
}

const SEGMENT_BYTES = 64 * KiB;
const SEAL: Seal = (raw, chunks) => sealSegment(raw, chunks, 3);

export class GoldenBuilder {
  readonly objects = new Map<string, Buffer>();
  readonly #known = new Map<ChunkId, { readonly kind: PackKind; readonly run: RunId; readonly number: number }>();
  readonly #pages = new Map<ChunkId, PageReference>();
  readonly #seal: Seal;

  constructor(created: string, seal: Seal = SEAL) {
    this.#seal = seal;
    this.objects.set(repositoryKey(), encodeRepositoryFile(newRepositoryFile(new Date(created))));
  }

  /** Adds a run: packs, index segment, snapshot, run record. */
  addSnapshot(sketch: SnapshotSketch): Snapshot {
    const data = new GoldenPacks('data', sketch, this.objects, this.#seal, SEGMENT_BYTES);
    const meta = new GoldenPacks('meta', sketch, this.objects, this.#seal, 1);
    const needed = new Set<string>();
    const add = (packs: GoldenPacks, bytes: Uint8Array): ChunkId => {
      const id = chunkIdOf(bytes);
      if (!this.#known.has(id))
        this.#known.set(id, { kind: packs.kind, run: sketch.run, number: packs.add(id, bytes) });
      const { kind, run, number } = this.#known.get(id) as { kind: PackKind; run: RunId; number: number };
      needed.add(`${kind}/${run}/${number}`);
      return id;
    };
    const entries = sketch.entries
      .map((entry) =>
        entryOf(
          entry,
          (bytes) => add(data, bytes),
          (bytes) => add(meta, bytes),
        ),
      )
      .sort(compareEntries);
    const place = (page: CutPage): PageReference => {
      const id = add(meta, page.bytes);
      const known = this.#pages.get(id) ?? { ...meta.lastPlace(), id, run: sketch.run, root: 0, path: '' };
      this.#pages.set(id, known);
      return { ...known, root: page.root, path: page.path };
    };
    const pages = pagesOf(entries).map(place);
    const lists = sketch.asPageLists === true ? halves(pages).map((part) => place(listPage(part))) : undefined;
    const written = [...data.end(), ...meta.end()];
    const roots = sketch.roots.map((root) => root.path);
    if (written.length > 0) {
      const index = encodeIndexSegment({ made: 'run', roots, replaces: [] }, written);
      this.objects.set(indexKey(sketch.device, sketch.run), index);
    }
    const snapshot = snapshotOf(sketch, entries, needed, lists === undefined ? { pages } : { pageLists: lists });
    const key = snapshotKey(sketch.device, snapshot.name);
    const bytes = encodeSnapshot(snapshot);
    this.objects.set(key, bytes);
    this.#addRecord(sketch, snapshot, { key, sha256: chunkIdOf(bytes), landed: sketch.time }, written.length);
    return snapshot;
  }

  #addRecord(
    sketch: SnapshotSketch,
    { name, totals }: Snapshot,
    committed: { key: string; sha256: string; landed: string },
    packs: number,
  ): void {
    const record = encodeRunRecord({
      version: 1,
      run: sketch.run,
      device: sketch.device,
      machine: sketch.machine,
      started: sketch.time,
      ended: sketch.time,
      outcome: 'finished',
      exitCode: 0,
      committed,
      roots: sketch.roots.map((root) => root.path),
      counts: {
        filesNew: totals.files,
        filesChanged: 0,
        filesUnchanged: 0,
        filesDeleted: 0,
        filesUnreadable: 0,
        folders: totals.folders,
        chunksNew: 0,
        chunksIncompressible: 0,
        packs,
        objects: packs + 2,
      },
      bytes: { total: totals.bytes, read: totals.bytes, new: 0, uploaded: 0 },
      problemCount: 0,
      problems: [],
    });
    this.objects.set(runRecordKey(sketch.device, name as string as RunId), record);
  }
}

function entryOf(
  { bytes, chunkBytes, asLists, ...given }: EntrySketch,
  addData: (bytes: Uint8Array) => ChunkId,
  addMeta: (bytes: Uint8Array) => ChunkId,
): CatalogEntry {
  const filled = {
    root: 0,
    mode: given.kind === 'folder' ? 0o755 : given.kind === 'symlink' ? 0o777 : 0o644,
    uid: 1000,
    gid: 1000,
    mtime: '1700000000000000000',
    ctime: '1700000000000000000',
    inode: '1',
    ...given,
  };
  if (given.kind !== 'file') return filled;
  const content = bytes ?? new Uint8Array();
  const ids: ChunkId[] = [];
  let at = 0;
  for (const length of lengthsOf(content, chunkBytes)) ids.push(addData(content.subarray(at, (at += length))));
  const chunks =
    asLists === true || ids.length > 1000 ? { lists: encodeChunkLists(ids).map(addMeta) } : { chunks: ids };
  return { ...filled, size: content.length, ...chunks };
}

function lengthsOf(bytes: Uint8Array, chunkBytes: number | undefined): number[] {
  if (chunkBytes === undefined) return chunkLengths(bytes);
  const count = Math.ceil(bytes.length / chunkBytes);
  return Array.from({ length: count }, (_, i) => Math.min(chunkBytes, bytes.length - i * chunkBytes));
}

/** The pages of entries that are in the catalog's order. */
export function pagesOf(entries: readonly CatalogEntry[]): CutPage[] {
  const cutter = new PageCutter();
  const pages = entries.map((entry) => cutter.add(entry.root, entry.path, encodeEntry(entry)));
  return [...pages, cutter.end()].filter((page) => page !== undefined);
}

const listPage = (pages: readonly PageReference[]): CutPage => ({
  root: (pages[0] as PageReference).root,
  path: (pages[0] as PageReference).path,
  bytes: encodePageList(pages),
});

const halves = <T>(items: readonly T[]): T[][] =>
  [items.slice(0, Math.ceil(items.length / 2)), items.slice(Math.ceil(items.length / 2))].filter(
    (half) => half.length > 0,
  );

function snapshotOf(
  sketch: SnapshotSketch,
  entries: readonly CatalogEntry[],
  needed: ReadonlySet<string>,
  pages: Pick<Snapshot, 'pages' | 'pageLists'>,
): Snapshot {
  const ofKind = (kind: EntrySketch['kind']) => entries.filter((entry) => entry.kind === kind);
  return {
    version: 1,
    name: snapshotName(sketch.run, 0),
    run: sketch.run,
    device: sketch.device,
    machine: sketch.machine,
    started: sketch.time,
    basis: sketch.time,
    finished: true,
    roots: [...sketch.roots],
    tags: [],
    totals: {
      files: ofKind('file').length,
      folders: ofKind('folder').length,
      others: ofKind('symlink').length + ofKind('fifo').length,
      bytes: ofKind('file').reduce((sum, entry) => sum + (entry.size ?? 0), 0),
      unreadable: 0,
    },
    ...pages,
    packs: { data: rangesOf('data', needed), meta: rangesOf('meta', needed) },
    live: { data: {}, meta: {} },
  };
}

function rangesOf(kind: PackKind, needed: ReadonlySet<string>): Snapshot['packs']['data'] {
  const numbers = new Map<RunId, number[]>();
  for (const text of needed) {
    const [ofKind, run, number] = text.split('/') as [string, RunId, string];
    if (ofKind === kind) numbers.set(run, [...(numbers.get(run) ?? []), Number(number)]);
  }
  return encodePackRanges(numbers);
}
