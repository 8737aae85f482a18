/** Saves what is new or changed: batches of files through the saver threads, with their extended attributes. */
import type { CatalogEntry, CatalogLine } from '@backup-agent/core';
import { joinPath } from '../system/long-paths.ts';
import type { WalkedEntry } from '../walk/walked-entry.ts';
import type { BackupRun } from './backup-run.ts';
import type { CatalogQueue, Slot } from './catalog-queue.ts';
import { comparedWith } from './compared-with.ts';
import { filesOf } from './saver/file-batch.ts';
import type { FileBatch, SavedInBatch } from './saver/file-batch.ts';
import { fileEntry, ownership, withXattrs } from './saver/file-entry.ts';
import { WHOLE_FILE_BYTES_MAX } from './saver/protocol.ts';
import type { Failure } from './saver/file-reader.ts';
import type { SavedFile } from './saver/protocol.ts';
import { saveLargeFile } from './saver/save-large-file.ts';
import type { TreeBase } from './tree-base.ts';
import { XattrReader } from './xattr-reader.ts';

/** A batch is sent when it has this many entries or bytes. */
const BATCH_ENTRIES = 256;
const BATCH_BYTES = 1024 * 1024; // With a whole file on top it fits a saver's read buffer.
/** Of one entry, in base64: a catalog page holds whole entries and is bounded. A resource fork may be larger. */
const XATTRS_BYTES_MAX = 2 * 1024 * 1024;
/** Large files under way at the same time: each has slices and ranges of its own. */
const LARGE_FILES_MAX = 2;

interface Change {
  readonly slot: Slot;
  /** What is known of the path, best first, for the case that it cannot be read. */
  readonly known: readonly CatalogLine[];
  /** What the previous snapshot has under this path. */
  readonly before: CatalogLine | undefined;
}

interface AddedChange extends Change {
  readonly walked: WalkedEntry;
}

/** A change that was sent. It waits longer than anything else, so it holds on to little. */
interface SentChange extends Change {
  /** What is not a file has nothing to be read. */
  readonly other: WalkedEntry | undefined;
}

interface SavedAlone {
  readonly saved: SavedFile;
  /** A moment before it was opened, ms since 1970. */
  readonly opened: number;
}

export interface ChangeHandlers {
  readonly saved: (kind: CatalogEntry['kind'], bytes: number) => void;
  readonly carry: (slot: Slot, known: readonly CatalogLine[]) => Promise<void>;
  /** Whether the root is not there any more, so that nothing of it may count as deleted. */
  readonly hasVanished: (root: number) => boolean;
}

export class ChangeSaver {
  readonly #run: BackupRun;
  readonly #base: TreeBase;
  readonly #queue: CatalogQueue;
  readonly #handlers: ChangeHandlers;
  #batch: AddedChange[] = [];
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

  /** Returns a promise only where the caller must wait: to wait for each of many small files would be most of the work. */
  add(
    slot: Slot,
    walked: WalkedEntry,
    known: readonly CatalogLine[],
    before: CatalogLine | undefined,
  ): Promise<void> | undefined {
    const change = { slot, walked, known, before };
    if (walked.kind === 'file' && walked.size > WHOLE_FILE_BYTES_MAX) return this.#addLarge(change);
    this.#batch.push(change);
    if (walked.kind === 'file') this.#batchBytes += walked.size;
    const isFull = this.#batch.length >= BATCH_ENTRIES || this.#batchBytes >= BATCH_BYTES;
    return isFull ? this.send() : undefined;
  }

  /** Resolves when all that was added is settled and uploaded. */
  async settle(): Promise<void> {
    await this.send();
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

  /** Begins to save what was added. To be called where a root ends: a batch is of one root. */
  async send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length === 0) return;
    const opened = this.#run.deps.clock.now().getTime();
    await this.#run.data.room();
    if (batch.some(({ walked }) => walked.kind === 'file')) await (await this.#run.savers(this.#base)).room();
    this.#check();
    const files = batch.filter(({ walked }) => walked.kind === 'file');
    this.#track(this.#saveBatch(batch.map(asSent), files.length === 0 ? undefined : this.#fileBatch(files, opened)));
  }

  async #addLarge(change: AddedChange): Promise<void> {
    while (this.#large >= LARGE_FILES_MAX) await Promise.race(this.#underWay);
    this.#check();
    await this.#run.data.room();
    this.#large++;
    this.#track(this.#saveLarge(asSent(change)).finally(() => this.#large--));
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

  async #saveBatch(batch: readonly SentChange[], files: FileBatch | undefined): Promise<void> {
    const [saved, xattrs] = await Promise.all([
      files === undefined ? [] : this.#saveFiles(files),
      this.#readXattrs(batch),
    ]);
    for (const { slot, other } of batch) if (other !== undefined) this.#settleOther(slot, other, xattrs.get(slot));
    const changes = batch.filter(({ other }) => other === undefined).values();
    for (const file of saved) {
      const change = changes.next().value as Change;
      const later = this.#settleInBatch(change, file, xattrs.get(change.slot));
      if (later !== undefined) await later;
    }
    this.#queue.drain();
  }

  async #saveFiles(files: FileBatch): Promise<Iterable<SavedInBatch>> {
    const pool = await this.#run.savers(this.#base);
    return filesOf(await pool.saveFiles(files));
  }

  #fileBatch(files: readonly AddedChange[], opened: number): FileBatch {
    const [{ slot }] = files as [AddedChange];
    const { owners } = this.#run.deps;
    const users = new Map<number, string | undefined>();
    const groups = new Map<number, string | undefined>();
    for (const { walked } of files) {
      if (!users.has(walked.uid)) users.set(walked.uid, owners.userName(walked.uid));
      if (!groups.has(walked.gid)) groups.set(walked.gid, owners.groupName(walked.gid));
    }
    return {
      root: slot.root,
      rootPath: this.#run.reachedPath(slot.root),
      paths: files.map((file) => file.slot.path),
      opened,
      users,
      groups,
    };
  }

  /** Returns a promise only where there is something to wait for. */
  #settleInBatch(change: Change, file: SavedInBatch, xattrs: CatalogEntry['xattrs']): Promise<void> | undefined {
    switch (file.outcome) {
      case 'saved':
      case 'changed':
        this.#queue.settleSaved(change.slot, withXattrs(file.line, xattrs), file.ids);
        this.#noteSaved(change, file.bytes, file.ids, file.outcome === 'changed');
        return undefined;
      case 'unlike':
        return this.#saveAlone(change).then((saved) => this.#settleAlone(change, saved, xattrs));
      case 'gone':
        return this.#settleUnread(change, { outcome: 'gone' });
      case 'unreadable':
        return this.#settleUnread(change, { outcome: 'unreadable', reason: file.reason ?? '' });
    }
  }

  async #saveLarge(change: Change): Promise<void> {
    const attributes = this.#readXattrs([change]);
    this.#xattrs?.flush(); // A large file is worth a call of its own: others may be waiting for it to end.
    const [saved, xattrs] = await Promise.all([this.#saveAlone(change), attributes]);
    await this.#settleAlone(change, saved, xattrs.get(change.slot));
    this.#queue.drain();
  }

  async #saveAlone({ slot }: Change): Promise<SavedAlone> {
    const opened = this.#run.deps.clock.now().getTime();
    const pool = await this.#run.savers(this.#base);
    const file = { root: this.#run.reachedPath(slot.root), path: slot.path };
    return { opened, saved: await saveLargeFile(file, pool, () => this.#run.data.room()) };
  }

  async #readXattrs(batch: readonly Change[]): Promise<Map<Slot, Readonly<Record<string, string>>>> {
    const found = new Map<Slot, Readonly<Record<string, string>>>();
    if (this.#xattrs === undefined) return found;
    const pathOf = ({ slot }: Change): string => joinPath(this.#run.reachedPath(slot.root), slot.path);
    const { xattrs, problems } = await this.#xattrs.read(batch.map(pathOf));
    if (xattrs.size === 0 && problems.length === 0) return found;
    const slots = new Map(batch.map((change) => [pathOf(change), change.slot]));
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

  async #settleAlone(change: Change, { saved, opened }: SavedAlone, xattrs: CatalogEntry['xattrs']): Promise<void> {
    if (saved.outcome !== 'saved') return this.#settleUnread(change, saved);
    const { root, path } = change.slot;
    const { stat, ids, changed } = saved;
    const entry = fileEntry({ root, path, stat, opened, changed }, this.#run.deps.owners);
    this.#queue.settleFile(change.slot, xattrs === undefined ? entry : { ...entry, xattrs }, ids);
    this.#noteSaved(change, stat.bytes, ids, changed);
  }

  #noteSaved({ slot, before }: Change, bytes: number, ids: Uint8Array, changed: boolean): void {
    this.#handlers.saved('file', bytes);
    this.#run.bytes.read += bytes;
    const content = comparedWith(before?.entry, () => Buffer.from(ids).toString('hex'));
    this.#run.noteFile(slot.path, bytes, content);
    if (changed) this.#run.noteChangedWhileRead(slot.root, slot.path);
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

  #settleOther(slot: Slot, walked: WalkedEntry, xattrs: CatalogEntry['xattrs']): void {
    const entry: CatalogEntry = {
      root: slot.root,
      path: slot.path,
      kind: walked.kind,
      ...ownership(walked, this.#run.deps.owners),
      mtime: walked.mtime.toString(),
      ctime: walked.ctime.toString(),
      inode: walked.inode.toString(),
      ...(walked.target === undefined ? {} : { target: walked.target }),
      ...(walked.kind !== 'folder' && walked.links > 1 ? { link: `${walked.device}:${walked.inode}` } : {}),
      ...(xattrs === undefined ? {} : { xattrs }),
    };
    this.#queue.settle(slot, entry);
    this.#handlers.saved(walked.kind, 0);
  }
}

const asSent = ({ slot, walked, known, before }: AddedChange): SentChange => ({
  slot,
  known,
  before,
  other: walked.kind === 'file' ? undefined : walked,
});
