/**
 * One run under way: its id, its packs, its threads, and what there is to tell of it. It outlives the passes that a
 * commit may need, so packs of an earlier pass are not written again.
 */
import {
  encodeIndexSegment,
  indexKey,
  BackupError,
  INDEX_RECORDS_MAX,
  isBackupError,
  RUN_PROBLEMS_MAX,
} from '@backup-agent/core';
import type { IndexInfo, RunId, RunRecord } from '@backup-agent/core';
import { joinPath } from '../system/long-paths.ts';
import type { WalkItem } from '../walk/walked-entry.ts';
import { EndingCounter } from './ending-counter.ts';
import type { BackupDeps, BackupJob } from './job.ts';
import { JournalWriter } from './journal.ts';
import { PackWriter } from './pack-writer.ts';
import type { WrittenPack } from './pack-writer.ts';
import { RunChunks } from './run-chunks.ts';
import { SaverPool } from './saver/saver-pool.ts';
import type { TreeBase } from './tree-base.ts';

/** An index segment is written after this much, so that a run cut off is found again without reading directories. */
const CHECKPOINT_BYTES = 1024 ** 3;
/** And after so many chunks: half of what one index segment holds. */
const CHECKPOINT_CHUNKS = INDEX_RECORDS_MAX / 2;
const CHECKPOINT_MS = 5 * 60_000;
/** Progress is told at most so often, ms. */
const PROGRESS_MS = 100;

/** What a pass counts anew. */
const NO_ENTRIES = { filesNew: 0, filesChanged: 0, filesUnchanged: 0, filesDeleted: 0, filesUnreadable: 0, folders: 0 };

export class BackupRun {
  readonly job: BackupJob;
  readonly deps: BackupDeps;
  readonly id: RunId;
  readonly data: PackWriter;
  readonly meta: PackWriter;
  readonly journal: JournalWriter | undefined;
  /** ISO 8601, this machine's clock. */
  readonly startedText: string;
  readonly counts = {
    filesNew: 0,
    filesChanged: 0,
    filesUnchanged: 0,
    filesDeleted: 0,
    filesUnreadable: 0,
    folders: 0,
    chunksNew: 0,
    chunksIncompressible: 0,
    packs: 0,
    objects: 0,
  };
  readonly bytes = { read: 0, new: 0, uploaded: 0 };
  /** Of files whose path is new in this pass. */
  readonly newEndings = new EndingCounter();
  readonly problems: { path: string; reason: string }[] = [];
  problemCount = 0;
  /** All packs of this run that are durable. */
  readonly written: WrittenPack[] = [];
  #unindexed: WrittenPack[] = [];
  #checkpoints = 0;
  /** Whether the key without a number is taken. */
  #indexed = false;
  #checkpointAt: number;
  #indexing: Promise<void> = Promise.resolve();
  readonly #reached: string[] = [];
  #chunks = new RunChunks();
  #onUploaded: () => void = () => {};
  #pool: SaverPool | undefined;
  #pooled: Promise<SaverPool> | undefined;
  #files = 0;
  #filesBytes = 0;
  #progressAt = -Infinity;
  #expected: { files: number; bytes: number } | undefined;

  constructor(id: RunId, job: BackupJob, deps: BackupDeps) {
    this.id = id;
    this.job = job;
    this.deps = deps;
    this.startedText = deps.clock.now().toISOString();
    this.#checkpointAt = deps.clock.elapsed();
    this.data = this.#packWriter('data');
    this.meta = this.#packWriter('meta');
    const roots = job.roots.map((root) => root.catalogPath);
    const warn = (message: string): void => deps.report({ type: 'warning', message });
    this.journal = job.dryRun ? undefined : new JournalWriter(deps.journalFolder, { run: id, roots }, warn);
  }

  get signal(): AbortSignal {
    return this.deps.signal;
  }

  get hasSavers(): boolean {
    return this.#pooled !== undefined;
  }

  /** As it was named, for messages. */
  rootPath(number: number): string {
    return this.job.roots[number]?.path ?? '';
  }

  /** Where the walk found a root: one given as a symlink leads to one place for the whole pass. */
  noteReached(number: number, path: string): void {
    this.#reached[number] = path;
  }

  reachedPath(number: number): string {
    return this.#reached[number] ?? this.rootPath(number);
  }

  /** Begins a pass over the disk: claims of an earlier one count no longer, for its packs may be gone. */
  beginPass(onUploaded: () => void): RunChunks {
    this.#chunks = new RunChunks();
    this.#onUploaded = onUploaded;
    this.#pooled = undefined;
    this.#files = 0;
    this.#filesBytes = 0;
    Object.assign(this.counts, NO_ENTRIES);
    this.newEndings.clear();
    this.problems.length = 0;
    this.problemCount = 0;
    return this.#chunks;
  }

  /** The saver threads, started when first needed and told what is stored in usable packs. */
  savers(base: TreeBase): Promise<SaverPool> {
    this.#pooled ??= this.#startSavers(base);
    return this.#pooled;
  }

  async #startSavers(base: TreeBase): Promise<SaverPool> {
    const { concurrency, compressionLevel, extraVerify } = this.job;
    this.#pool ??= new SaverPool(
      concurrency,
      { compressionLevel, extraVerify },
      {
        claim: (ids) => this.#chunks.claim(ids),
        segment: (segment, stored) => {
          const place = this.data.add(segment, stored);
          this.#chunks.packed(segment, place.number);
          this.counts.chunksNew += segment.lengths.length;
          if (segment.storedBytes === segment.rawBytes) this.counts.chunksIncompressible += segment.lengths.length;
          this.bytes.new += segment.rawBytes;
        },
      },
    );
    this.#pool.setKnown(await base.table());
    return this.#pool;
  }

  /**
   * Makes what has been uploaded findable without reading pack directories, and packs that no index tells of, of runs cut
   * off: from an archive no directory can be read. Nothing is written if nothing is new.
   */
  async writeIndex(untold: readonly WrittenPack[]): Promise<void> {
    await this.#indexing;
    const packs = this.#unindexed;
    this.#unindexed = [];
    if (packs.length > 0) await this.#putIndex('run', this.#nextIndex(), packs);
    if (untold.length > 0) await this.#putIndex('repair', this.#nextIndex(), untold);
  }

  /** What numbers the key of an index segment that is no checkpoint: the first goes without. */
  #nextIndex(): number | undefined {
    const number = this.#indexed ? ++this.#checkpoints : undefined;
    this.#indexed = true;
    return number;
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.#pool?.close();
    this.journal?.close();
  }

  /** What the previous snapshot had, to estimate how long this run will take. */
  expect(files: number, bytes: number): void {
    this.#expected = { files, bytes };
  }

  /** A file of the new catalog, and what it is to the snapshot before. */
  noteFile(path: string, bytes: number, content: 'new' | 'changed' | 'unchanged'): void {
    if (content === 'unchanged') this.counts.filesUnchanged++;
    else if (content === 'changed') this.counts.filesChanged++;
    else {
      this.counts.filesNew++;
      this.newEndings.add(path);
    }
    this.#progress(bytes);
  }

  noteProblem(root: number, path: string, reason: string): void {
    const problem = { path: joinPath(this.rootPath(root), path).toWellFormed(), reason };
    this.problemCount++;
    if (this.problems.length < RUN_PROBLEMS_MAX) this.problems.push(problem);
    this.deps.report({ type: 'problem', ...problem });
  }

  noteChangedWhileRead(root: number, path: string): void {
    this.noteProblem(root, path, 'kept changing while it was read; what was saved may be of several moments');
  }

  noteGone(root: number, path: string): void {
    this.deps.report({
      type: 'warning',
      message: `${joinPath(this.rootPath(root), path)} was deleted while the backup ran`,
    });
  }

  /** What the walk tells beside entries. */
  noteLeftOut(root: number, item: Exclude<WalkItem, { type: 'entry' | 'unreadable' }>): void {
    const { report } = this.deps;
    if (item.type === 'excluded') {
      report({ type: 'detail', message: `${item.entries} left out by ${item.rule}: ${item.reason}` });
      return;
    }
    const path = joinPath(this.rootPath(root), item.path);
    if (item.type === 'gone') this.noteGone(root, item.path);
    else if (item.type === 'skipped') report({ type: 'detail', message: `${path} is left out: ${item.reason}` });
    else report({ type: 'warning', message: `${path} is not obeyed: ${item.reason}` });
  }

  /** For the run record. */
  summary(): Pick<RunRecord, 'counts' | 'bytes' | 'newEndings' | 'problemCount' | 'problems'> {
    return {
      counts: { ...this.counts },
      bytes: { total: this.#filesBytes, ...this.bytes },
      newEndings: this.newEndings.top(),
      problemCount: this.problemCount,
      problems: this.problems,
    };
  }

  /** Counts an object that was written beside packs. */
  noteObject(bytes: number): void {
    this.counts.objects++;
    this.bytes.uploaded += bytes;
  }

  #packWriter(kind: 'data' | 'meta'): PackWriter {
    return new PackWriter(kind, {
      store: this.deps.repository.store,
      device: this.deps.repository.device,
      run: this.id,
      elapsed: () => this.deps.clock.elapsed(),
      onUploaded: (written, key) => {
        this.written.push(written);
        this.#unindexed.push(written);
        this.counts.packs++;
        this.noteObject(written.pack.bytes);
        this.deps.report({ type: 'pack-uploaded', key, bytes: written.pack.bytes });
        if (kind === 'data') this.#chunks.uploaded(written.pack.number);
        this.#onUploaded();
        this.#checkpoint();
      },
    });
  }

  #checkpoint(): void {
    const bytes = this.#unindexed.reduce((sum, { pack }) => sum + pack.bytes, 0);
    const chunks = this.#unindexed
      .flatMap(({ segments }) => segments)
      .reduce((sum, { lengths }) => sum + lengths.length, 0);
    const isDue = this.deps.clock.elapsed() - this.#checkpointAt >= CHECKPOINT_MS;
    if (bytes < CHECKPOINT_BYTES && chunks < CHECKPOINT_CHUNKS && !isDue) return;
    const packs = this.#unindexed;
    this.#unindexed = [];
    this.#checkpointAt = this.deps.clock.elapsed();
    const number = ++this.#checkpoints;
    // One at a time, and a failure surfaces when the run writes its index: until then the packs speak for themselves.
    this.#indexing = this.#indexing.then(() => this.#putIndex('checkpoint', number, packs));
    this.#indexing.catch(() => {});
  }

  async #putIndex(made: IndexInfo['made'], number: number | undefined, packs: readonly WrittenPack[]): Promise<void> {
    const { store, device } = this.deps.repository;
    const key = indexKey(device, this.id, number);
    // Which folders the other runs backed up is not known.
    const roots = made === 'repair' ? [] : this.job.roots.map((root) => root.catalogPath);
    const bytes = encodeIndexSegment({ made, roots, replaces: [] }, packs);
    const created = await store.create(key, [bytes]);
    if (created.outcome === 'already-there')
      throw new BackupError('KEY_CONFLICT', `${key} is there already with other content`, { key });
    this.noteObject(bytes.length);
    this.deps.report({ type: 'checkpoint-written', key });
  }

  #progress(bytes: number): void {
    this.#files++;
    this.#filesBytes += bytes;
    const now = this.deps.clock.elapsed();
    if (now - this.#progressAt < PROGRESS_MS) return;
    this.#progressAt = now;
    this.tellProgress();
  }

  tellProgress(): void {
    this.deps.report({
      type: 'progress',
      phase: 'backup',
      files: this.#files,
      bytes: this.#filesBytes,
      bytesMoved: this.bytes.uploaded,
      ...(this.#expected === undefined || this.#expected.files < this.#files
        ? {}
        : { filesTotal: this.#expected.files, bytesTotal: this.#expected.bytes }),
    });
  }
}

/** Whether a failure is worth a run record: an unreachable store will not take one. */
export const canRecord = (error: unknown): boolean => !isBackupError(error, 'STORE_UNREACHABLE', 'REPOSITORY_MISSING');
