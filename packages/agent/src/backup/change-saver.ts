/** Saves what is new or changed: batches of files through the saver threads, with their extended attributes. */
import type { CatalogEntry, CatalogLine } from '@backup-agent/core';
import { joinPath } from '../system/long-paths.ts';
import type { WalkedEntry } from '../walk/walked-entry.ts';
import type { BackupRun } from './backup-run.ts';
import type { CatalogQueue, Slot } from './catalog-queue.ts';
import { WHOLE_FILE_BYTES_MAX } from './saver/protocol.ts';
import type { Failure } from './saver/file-reader.ts';
import type { FileStat, FileToSave, SavedFile } from './saver/protocol.ts';
import { saveLargeFile } from './saver/save-large-file.ts';
import type { TreeBase } from './tree-base.ts';
import { isRacy } from './unchanged.ts';
import { XattrReader } from './xattr-reader.ts';

/** A batch is sent when it has this many entries or bytes. */
const BATCH_ENTRIES = 128;
const BATCH_BYTES = 1024 * 1024; // With a whole file on top it fits a saver's read buffer.
/** Of one entry, in base64: a catalog page holds whole entries and is bounded. A resource fork may be larger. */
const XATTRS_BYTES_MAX = 2 * 1024 * 1024;
/** Large files under way at the same time: each has slices and ranges of its own. */
const LARGE_FILES_MAX = 2;

interface Change {
  readonly slot: Slot;
  readonly walked: WalkedEntry;
  /** What is known of the path, best first, for the case that it cannot be read. */
  readonly known: readonly CatalogLine[];
  /** What the previous snapshot has under this path. */
  readonly before: CatalogLine | undefined;
}

export interface ChangeHandlers {
  readonly saved: (entry: CatalogEntry) => void;
  readonly carry: (slot: Slot, known: readonly CatalogLine[]) => Promise<void>;
  /** Whether the root is not there any more, so that nothing of it may count as deleted. */
  readonly hasVanished: (root: number) => boolean;
}

export class ChangeSaver {
  readonly #run: BackupRun;
  readonly #base: TreeBase;
  readonly #queue: CatalogQueue;
  readonly #handlers: ChangeHandlers;
  #batch: Change[] = [];
  #batchBytes = 0;
  readonly #underWay = new Set<Promise<void>>();
  #large = 0;
  readonly #xattrs: XattrReader | undefined;
  #failure: unknown;
  #pushing = false;

  constructor(run: BackupRun, base: TreeBase, queue: CatalogQueue, handlers: ChangeHandlers) {
    this.#run = run;
    this.#base = base;
    this.#queue = queue;
    this.#handlers = handlers;
    const { metadata } = run.deps;
    this.#xattrs = metadata === undefined ? undefined : new XattrReader(metadata);
  }

  async add(
    slot: Slot,
    walked: WalkedEntry,
    known: readonly CatalogLine[],
    before: CatalogLine | undefined,
  ): Promise<void> {
    const change = { slot, walked, known, before };
    if (walked.kind === 'file' && walked.size > WHOLE_FILE_BYTES_MAX) return this.#addLarge(change);
    this.#batch.push(change);
    if (walked.kind === 'file') this.#batchBytes += walked.size;
    if (this.#batch.length >= BATCH_ENTRIES || this.#batchBytes >= BATCH_BYTES) await this.#send();
  }

  /** Resolves when all that was added is settled and uploaded. */
  async settle(): Promise<void> {
    await this.#send();
    this.#xattrs?.flush();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#check();
    if (!this.#run.hasSavers) return;
    await (await this.#run.savers(this.#base)).flush();
    this.#run.data.close();
    await this.#run.data.settled();
  }

  /** Sends the pack under way with all that the threads have read so far, unless that is being done. */
  pushOut(): void {
    if (this.#pushing || !this.#run.hasSavers) return;
    this.#pushing = true;
    this.#xattrs?.flush();
    this.#track(
      this.#run
        .savers(this.#base)
        .then((pool) => pool.flush())
        .then(() => this.#run.data.close())
        .then(() => this.#run.data.settled())
        .finally(() => (this.#pushing = false)),
    );
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length === 0) return;
    await this.#run.data.room();
    if (batch.some(({ walked }) => walked.kind === 'file')) await (await this.#run.savers(this.#base)).room();
    this.#check();
    this.#track(this.#saveBatch(batch));
  }

  async #addLarge(change: Change): Promise<void> {
    while (this.#large >= LARGE_FILES_MAX) await Promise.race(this.#underWay);
    this.#check();
    await this.#run.data.room();
    this.#large++;
    this.#track(this.#saveLarge(change).finally(() => this.#large--));
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.#underWay.add(tracked);
    void tracked.then(() => this.#underWay.delete(tracked));
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  async #saveBatch(batch: readonly Change[]): Promise<void> {
    const opened = this.#run.deps.clock.now().getTime();
    const files = batch.filter(({ walked }) => walked.kind === 'file');
    const [saved, xattrs] = await Promise.all([
      files.length === 0 ? [] : this.#saveFiles(files),
      this.#readXattrs(batch),
    ]);
    let next = 0;
    for (const change of batch) {
      const own = xattrs.get(change.slot);
      if (change.walked.kind === 'file') await this.#settleFile(change, saved[next++] as SavedFile, opened, own);
      else this.#settleOther(change, own);
    }
    this.#queue.drain();
  }

  async #saveFiles(files: readonly Change[]): Promise<readonly SavedFile[]> {
    const pool = await this.#run.savers(this.#base);
    const jobs = files.map(({ slot, walked }, ticket) => this.#fileOf(slot, walked, ticket));
    const saved: SavedFile[] = [];
    for (const [i, result] of (await pool.saveFiles(jobs)).entries()) {
      const isLarge = result.outcome === 'large';
      saved.push(isLarge ? await saveLargeFile(jobs[i] as FileToSave, pool, () => this.#run.data.room()) : result);
    }
    return saved;
  }

  async #saveLarge(change: Change): Promise<void> {
    const opened = this.#run.deps.clock.now().getTime();
    const pool = await this.#run.savers(this.#base);
    const attributes = this.#readXattrs([change]);
    this.#xattrs?.flush(); // A large file is worth a call of its own: others may be waiting for it to end.
    const [saved, xattrs] = await Promise.all([
      saveLargeFile(this.#fileOf(change.slot, change.walked, 0), pool, () => this.#run.data.room()),
      attributes,
    ]);
    await this.#settleFile(change, saved, opened, xattrs.get(change.slot));
    this.#queue.drain();
  }

  #fileOf(slot: Slot, walked: WalkedEntry, ticket: number) {
    return { ticket, root: this.#run.reachedPath(slot.root), path: slot.path, bytes: walked.size };
  }

  async #readXattrs(batch: readonly Change[]): Promise<Map<Slot, Readonly<Record<string, string>>>> {
    const found = new Map<Slot, Readonly<Record<string, string>>>();
    if (this.#xattrs === undefined) return found;
    const slots = new Map<string, Slot>();
    for (const { slot } of batch) slots.set(joinPath(this.#run.reachedPath(slot.root), slot.path), slot);
    const { xattrs, problems } = await this.#xattrs.read([...slots.keys()]);
    for (const [path, slot] of slots) {
      const values = xattrs.get(path);
      if (values === undefined) continue;
      const bytes = Object.values(values).reduce((sum, value) => sum + value.length, 0);
      if (bytes <= XATTRS_BYTES_MAX) found.set(slot, values);
      else this.#run.deps.report({ type: 'warning', message: `${path}: its attributes are too large to be saved` });
    }
    for (const { path, reason } of problems)
      if (slots.has(path))
        this.#run.deps.report({ type: 'warning', message: `${path}: its attributes were not saved: ${reason}` });
    return found;
  }

  async #settleFile(change: Change, saved: SavedFile, opened: number, xattrs: CatalogEntry['xattrs']): Promise<void> {
    const { slot, before } = change;
    if (saved.outcome !== 'saved') return this.#settleUnread(change, saved);
    const entry = this.#fileEntry(slot, saved, opened, xattrs);
    this.#queue.settleFile(slot, entry, saved.ids);
    this.#handlers.saved(entry);
    this.#run.bytes.read += entry.size ?? 0;
    const content = comparedWith(before?.entry, Buffer.from(saved.ids).toString('hex'));
    this.#run.noteFile(slot.path, entry.size ?? 0, content);
    if (saved.changed) this.#run.noteChangedWhileRead(slot.root, slot.path);
  }

  async #settleUnread({ slot, known }: Change, unread: Failure): Promise<void> {
    const isAway = unread.outcome === 'gone' && this.#handlers.hasVanished(slot.root);
    if (unread.outcome === 'gone' && !isAway) {
      this.#run.noteGone(slot.root, slot.path);
      this.#queue.drop(slot);
      return;
    }
    if (unread.outcome === 'unreadable') this.#run.noteProblem(slot.root, slot.path, unread.reason);
    this.#run.counts.filesUnreadable++;
    const files = known.filter(({ entry }) => entry.kind === 'file');
    if (files.length === 0) this.#queue.drop(slot);
    else await this.#handlers.carry(slot, files);
  }

  #fileEntry(
    slot: Slot,
    saved: Extract<SavedFile, { outcome: 'saved' }>,
    opened: number,
    xattrs: CatalogEntry['xattrs'],
  ): CatalogEntry {
    const { stat } = saved;
    return {
      root: slot.root,
      path: slot.path,
      kind: 'file',
      ...this.#ownership(stat),
      size: stat.bytes,
      mtime: stat.mtime.toString(),
      ctime: stat.ctime.toString(),
      inode: stat.inode.toString(),
      ...(stat.links > 1 ? { link: `${stat.device}:${stat.inode}` } : {}),
      ...(isSparse(stat) ? { sparse: true as const } : {}),
      ...(xattrs === undefined ? {} : { xattrs }),
      ...(isRacy(stat, opened) ? { racy: true as const } : {}),
      ...(saved.changed ? { changedWhileRead: true as const } : {}),
    };
  }

  #settleOther({ slot, walked }: Change, xattrs: CatalogEntry['xattrs']): void {
    const entry: CatalogEntry = {
      root: slot.root,
      path: slot.path,
      kind: walked.kind,
      ...this.#ownership(walked),
      mtime: walked.mtime.toString(),
      ctime: walked.ctime.toString(),
      inode: walked.inode.toString(),
      ...(walked.target === undefined ? {} : { target: walked.target }),
      ...(walked.kind !== 'folder' && walked.links > 1 ? { link: `${walked.device}:${walked.inode}` } : {}),
      ...(xattrs === undefined ? {} : { xattrs }),
    };
    this.#queue.settle(slot, entry);
    this.#handlers.saved(entry);
  }

  #ownership({ mode, uid, gid }: { mode: number; uid: number; gid: number }) {
    const user = this.#run.deps.owners.userName(uid);
    const group = this.#run.deps.owners.groupName(gid);
    return {
      mode,
      uid,
      gid,
      ...(user === undefined ? {} : { user }),
      ...(group === undefined ? {} : { group }),
    };
  }
}

/** How a file relates to what the snapshot before has. One touched but not changed counts as unchanged. */
export function comparedWith(before: CatalogEntry | undefined, content: string): 'new' | 'changed' | 'unchanged' {
  if (before?.kind !== 'file') return 'new';
  return contentOf(before) === content ? 'unchanged' : 'changed';
}

/** A file's chunks, or the lists of them, in one text. */
export const contentOf = ({ chunks, lists }: CatalogEntry): string => (chunks ?? lists ?? []).join('');

/** Fewer blocks than bytes: there are holes (or the file system compresses; then holes cost nothing either). */
const isSparse = (stat: FileStat): boolean => stat.bytes > 4096 && stat.bytesOnDisk < stat.bytes - 4096;
