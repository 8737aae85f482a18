/**
 * One pass over the disk: walk, compare with what is known, read what is new or changed, write the catalog. Memory does
 * not grow with the number of files: both the walk and what is known are streams in the same order.
 */
import { lstatSync } from 'node:fs';
import { isNodeError } from '@backup-agent/core';
import type {
  CatalogEntry,
  CatalogLine,
  ChunkId,
  PageReference,
  SnapshotRoot,
  SnapshotTotals,
} from '@backup-agent/core';
import { fsPath } from '../system/long-paths.ts';
import { walk } from '../walk/walk.ts';
import type { WalkBatch, WalkItem, WalkedEntry } from '../walk/walked-entry.ts';
import { CatalogQueue } from './catalog-queue.ts';
import type { Slot } from './catalog-queue.ts';
import { CatalogWriter } from './catalog-writer.ts';
import type { NamedPages, StoredChunk } from './catalog-writer.ts';
import { ChangeSaver } from './change-saver.ts';
import { comparedWith, contentOf } from './compared-with.ts';
import { NamedChunks } from './pack-use.ts';
import { PreviousEntries } from './previous-entries.ts';
import type { BackupRun } from './backup-run.ts';
import type { BackupRoot } from './job.ts';
import type { TreeBase } from './tree-base.ts';
import { isUnchanged } from './unchanged.ts';

/** Above this many entries that wait for uploads, the pack under way is sent as it is: waiting costs memory. */
const QUEUE_LONG = 12_000;
/** Above this many the walk waits. */
const QUEUE_MAX = 60_000;

export interface SavedTree {
  readonly pages: readonly PageReference[];
  readonly namedPages: NamedPages;
  readonly named: NamedChunks;
  readonly roots: readonly SnapshotRoot[];
  readonly totals: SnapshotTotals;
  /** Entries carried forward: they alone may rest on marked packs. */
  readonly carried: NamedChunks;
  /** Lists of chunk ids that this pass has stored. */
  readonly lists: ReadonlyMap<ChunkId, StoredChunk>;
}

/** What earlier runs know of a path that was walked. */
interface KnownOfPath {
  /** Best first. */
  readonly known: readonly CatalogLine[];
  /** Those of `known` that the disk agrees with. */
  readonly unchanged: readonly CatalogLine[];
  /** What the previous snapshot has under it. */
  readonly before: CatalogLine | undefined;
}

export async function saveTree(run: BackupRun, base: TreeBase): Promise<SavedTree> {
  const pass = new TreePass(run, base);
  const paths = run.job.roots.map((root) => root.path);
  for await (const batch of walk(paths, run.job.walk, run.signal)) await pass.take(batch);
  return pass.finish();
}

class TreePass {
  readonly #run: BackupRun;
  readonly #base: TreeBase;
  readonly #named = new NamedChunks();
  readonly #carried = new NamedChunks();
  readonly #writer: CatalogWriter;
  readonly #queue: CatalogQueue;
  readonly #changes: ChangeSaver;
  readonly #whole: boolean;
  readonly #roots: SnapshotRoot[] = [];
  /** What the walk found each root to be. */
  readonly #found: WalkedEntry[] = [];
  readonly #totals = { files: 0, folders: 0, others: 0, bytes: 0, unreadable: 0 };
  #previous = new PreviousEntries([], () => {});

  constructor(run: BackupRun, base: TreeBase) {
    this.#run = run;
    this.#base = base;
    this.#whole = base.wholeSnapshot(run.job.roots) !== undefined;
    this.#writer = new CatalogWriter({ run: run.id, meta: run.meta, known: base.knownPages() });
    const chunks = run.beginPass(() => this.#queue.drain());
    this.#queue = new CatalogQueue({
      writer: this.#writer,
      named: this.#named,
      carried: this.#carried,
      chunks,
      journal: run.journal,
    });
    this.#changes = new ChangeSaver(run, base, this.#queue, {
      saved: (kind, bytes) => this.#count(kind, bytes),
      carry: (slot, known) => this.#carry(slot, known),
      hasVanished: (root) => this.#hasVanished(root),
    });
  }

  async take(batch: WalkBatch): Promise<void> {
    while (this.#roots.length <= batch.root) await this.#beginRoot();
    this.#run.noteReached(batch.root, batch.rootPath);
    for (const item of batch.items) {
      if (item.type === 'entry') {
        const later = this.#visit(batch.root, item.entry);
        if (later !== undefined) await later;
      } else if (item.type === 'unreadable') await this.#carryTree(batch.root, item);
      else this.#run.noteLeftOut(batch.root, item);
    }
    await this.#keepMoving();
  }

  async #beginRoot(): Promise<void> {
    await this.#previous.finish();
    await this.#changes.send();
    const number = this.#roots.length;
    const root = this.#run.job.roots[number] as BackupRoot;
    this.#roots.push({ path: root.catalogPath, label: root.label, state: 'walked' });
    this.#previous = new PreviousEntries(this.#base.sourcesOf(root.catalogPath), ({ entry }) => {
      if (entry.kind === 'file') this.#run.counts.filesDeleted++;
      this.#base.healing.consider(number, entry);
    });
  }

  async finish(): Promise<SavedTree> {
    await this.#previous.finish();
    await this.#changes.settle();
    this.#queue.drain();
    if (this.#queue.length > 0) throw new Error('every entry is settled and every chunk uploaded by now');
    const { all, named } = this.#writer.end();
    this.#run.meta.close();
    await this.#run.meta.settled();
    return {
      pages: all,
      namedPages: named,
      named: this.#named,
      roots: this.#roots,
      totals: this.#totals,
      carried: this.#carried,
      lists: this.#writer.chunks,
    };
  }

  /** Returns a promise only where there is something to wait for: most entries are met faster than one is awaited. */
  #visit(root: number, walked: WalkedEntry): Promise<void> | undefined {
    if (walked.path === '') this.#found[root] = walked;
    const known = this.#previous.take(walked.path);
    if (known instanceof Promise) return known.then((lines) => this.#compare(root, walked, lines));
    return this.#compare(root, walked, known);
  }

  #compare(root: number, walked: WalkedEntry, known: readonly CatalogLine[]): Promise<void> | undefined {
    const before = this.#previous.ofLast;
    if (before !== undefined) this.#base.healing.consider(root, before.entry);
    const unchanged = known.filter(({ entry }) => isUnchanged(entry, walked, this.#run.job));
    const [first] = unchanged;
    if (first === undefined) return this.#changes.add(this.#queue.open(root, walked.path), walked, known, before);
    if (!this.#whole) return this.#keepUsable(root, walked, { known, unchanged, before });
    this.#keep(root, first, before);
    return undefined;
  }

  /** Where not all that is known is stored: the best that is, or the entry is saved anew. */
  async #keepUsable(root: number, walked: WalkedEntry, { known, unchanged, before }: KnownOfPath): Promise<void> {
    for (const line of unchanged) if (await this.#isUsable(line.entry)) return this.#keep(root, line, before);
    await this.#changes.add(this.#queue.open(root, walked.path), walked, known, before);
  }

  /**
   * An entry unchanged since it was saved: by the snapshot, or by a run cut off since; then it counts as what it is to
   * the snapshot. Its line stays as it is unless the root has another number now.
   */
  #keep(root: number, kept: CatalogLine, before: CatalogLine | undefined): void {
    const { entry, line } = kept;
    const slot = this.#queue.open(root, entry.path);
    if (entry.root === root) this.#queue.settle(slot, entry, line);
    else this.#queue.settle(slot, { ...entry, root });
    this.#count(entry.kind, entry.size ?? 0);
    if (entry.kind !== 'file') return;
    const content = kept === before ? 'unchanged' : comparedWith(before?.entry, () => contentOf(entry));
    this.#run.noteFile(entry.path, entry.size ?? 0, content);
  }

  async #isUsable(entry: CatalogEntry): Promise<boolean> {
    if (entry.kind !== 'file') return true;
    return this.#base.holds(await this.#base.table(), entry);
  }

  /** Something exists and cannot be read: what is known of it, and of all below it, stays in the catalog. */
  async #carryTree(root: number, { path, reason, code }: Extract<WalkItem, { type: 'unreadable' }>): Promise<void> {
    this.#run.noteProblem(root, path, reason);
    const record = this.#roots[root];
    if (path === '' && record !== undefined) record.state = code === 'ENOENT' ? 'missing' : 'unlistable';
    for await (const known of this.#previous.takeTree(path))
      await this.#carry(this.#queue.open(root, (known[0] as CatalogLine).entry.path), known);
  }

  /** A disk may be unplugged or unmounted while its files are read: a file that is gone with it is not deleted. */
  #hasVanished(root: number): boolean {
    const [found, record] = [this.#found[root], this.#roots[root]];
    if (found === undefined || record === undefined) return false;
    if (isOnDevice(this.#run.reachedPath(root), found.device)) return false;
    if (record.state === 'walked') this.#run.noteProblem(root, '', 'it vanished while the backup ran');
    record.state = 'missing';
    return true;
  }

  /** The best of what is known that is still stored: the newest version may have been lost, an older one not. */
  async #carry(slot: Slot, known: readonly CatalogLine[]): Promise<void> {
    let entry: CatalogEntry | undefined;
    for (const line of known) if (entry === undefined && (await this.#isStored(line.entry))) ({ entry } = line);
    if (entry === undefined) {
      this.#run.noteProblem(slot.root, slot.path, 'cannot be read, and what was stored of it is gone');
      this.#queue.drop(slot);
      return;
    }
    const carried = {
      ...entry,
      root: slot.root,
      unreadableSince: entry.unreadableSince ?? this.#run.startedText,
    };
    this.#queue.settleCarried(slot, carried);
    this.#totals.unreadable++;
    this.#count(carried.kind, carried.size ?? 0);
  }

  /** In usable packs, or in packs that are marked but there; lists of chunk ids are then stored anew. */
  async #isStored(entry: CatalogEntry): Promise<boolean> {
    const table = await this.#base.table();
    if (await this.#base.holds(table, entry)) return true;
    const marked = await this.#base.markedTable();
    if (!(await this.#base.holdBetween([table, marked], entry))) return false;
    for (const list of entry.lists ?? []) this.#writer.addChunk(await this.#base.listBytes([table, marked], list));
    return true;
  }

  #count(kind: CatalogEntry['kind'], bytes: number): void {
    if (kind === 'file') {
      this.#totals.files++;
      this.#totals.bytes += bytes;
    } else if (kind === 'folder') {
      this.#totals.folders++;
      this.#run.counts.folders++;
    } else this.#totals.others++;
  }

  async #keepMoving(): Promise<void> {
    this.#queue.drain();
    await this.#run.meta.room();
    if (this.#queue.length > QUEUE_LONG) this.#changes.pushOut();
    if (this.#queue.length <= QUEUE_MAX) return;
    await this.#changes.settle();
    this.#queue.drain();
  }
}

/** By its device alone: some network drives give a folder another inode number from time to time. */
function isOnDevice(path: string, device: bigint): boolean {
  try {
    return BigInt.asUintN(64, lstatSync(fsPath(path), { bigint: true }).dev) === device;
  } catch (error) {
    if (isNodeError(error)) return false;
    throw error;
  }
}
