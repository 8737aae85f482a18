/**
 * Fetches the planned files' chunks pack by pack and has workers write them. Each segment is read and decompressed
 * once. What was not where the index said is looked for elsewhere; files of which a chunk is nowhere are named.
 */
import { canThaw, chunkIdOfBytes, isBackupError, packKey, readSegments } from '@backup-agent/core';
import type { BackupError, ChunkId } from '@backup-agent/core';
import { ChunkPlaces } from './chunk-places.ts';
import { isFatal, wordsOf } from './entry-planner.ts';
import type { MetadataFailure } from './file-metadata.ts';
import type { FilePlan } from './file-plan.ts';
import { InPlaceFiles } from './in-place-files.ts';
import { makeEmptyFiles, withCode } from './make-empty-files.ts';
import type { MadeFile } from './make-empty-files.ts';
import { OpenFiles } from './open-files.ts';
import { packsRead, planReads, segmentsOf } from './plan-reads.ts';
import type { ReadPlan, WantedSegment } from './plan-reads.ts';
import type { FileWriters, RestoreReply } from './protocol.ts';
import { resolveLists } from './resolve-lists.ts';
import type { RestoreRun } from './restore-run.ts';
import { TaskWriter } from './task-format.ts';
import { thawPacks } from './thaw-packs.ts';

export class FileRestorer {
  readonly #run: RestoreRun;
  readonly #plan: FilePlan;
  readonly #pool: FileWriters;
  readonly #places: ChunkPlaces;
  readonly #open: OpenFiles;
  readonly #tasks = new TaskWriter();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #inPlace: InPlaceFiles;
  /** Files that are there, whole. */
  readonly #restored: Set<number>;
  /** Parts of a file that are not written yet. */
  readonly #missingParts = new Map<number, number>();
  /** Why files are not restored. */
  readonly lost = new Map<number, string>();
  /** Of the pass under way: chunks with bytes other than their ids say, and why; and the files that need them. */
  #badChunks = new Map<ChunkId, string>();
  #badFiles = new Set<number>();
  #fatal: unknown;

  constructor(run: RestoreRun, plan: FilePlan, pool: FileWriters, restored: Set<number>) {
    this.#run = run;
    this.#plan = plan;
    this.#pool = pool;
    this.#places = new ChunkPlaces(run.locator);
    this.#open = new OpenFiles(plan, run.folders, { token: run.token, fsync: run.request.fsync });
    this.#inPlace = new InPlaceFiles(plan, this.#open, pool, this.#places);
    this.#restored = restored;
  }

  /** Restores all planned files, or tells in `lost` why not. Throws DISK_FULL and what the store throws. */
  async restoreAll(): Promise<void> {
    try {
      await resolveLists(this.#run, this.#plan, (file, reason) => this.#lose(file, reason));
      const files = range(this.#plan.count).filter((file) => !this.lost.has(file));
      this.#pool.tell({ type: 'folders', rows: this.#run.folders.takeNew() });
      const filled = files.filter((file) => !this.#isEmpty(file));
      await this.#locate(filled);
      await this.#inPlace.compareAll(filled, (file, error) => this.#failFile(file, error));
      if (canThaw(this.#run.deps.repository.store))
        await thawPacks(packsRead(this.#planReads(filled), this.#places.table), this.#run);
      this.#run.hasBegun = true;
      const empty = files.filter((file) => this.#isEmpty(file));
      this.#noteEmptyFiles(await makeEmptyFiles(this.#plan, empty, this.#pool));
      await this.#settle();
      await this.#restore(filled);
    } finally {
      await Promise.allSettled(this.#inFlight);
      this.#open.discardAll();
    }
  }

  /** What is in no pack that can be read may be in one of an archive that no index tells of. */
  async #locate(files: readonly number[]): Promise<void> {
    const { untold, locator } = this.#run;
    await this.#places.locate(this.#plan.ids);
    const reads = this.#planReads(files);
    if (untold.size === 0 || reads.incomplete.size === 0) return;
    await thawPacks([...packsRead(reads, this.#places.table), ...untold.values()], this.#run);
    locator.forget();
    await this.#places.locate(this.#plan.ids);
  }

  /** A file that has a size but no chunks is not empty: it is lost. */
  #isEmpty(file: number): boolean {
    const [first, end] = this.#plan.usesOf(file);
    return first === end && this.#plan.sizeOf(file) === 0 && !this.#inPlace.has(file);
  }

  /** Pass by pass, until every file is restored or lost. */
  async #restore(all: readonly number[]): Promise<void> {
    let files: readonly number[] = all;
    while (files.length > 0) {
      this.#badChunks = new Map();
      this.#badFiles = new Set();
      await this.#pass(files);
      files = [...this.#badFiles];
      if (files.length > 0) files = await this.#lookElsewhere(files);
    }
  }

  async #pass(files: readonly number[]): Promise<void> {
    let reads = this.#planReads(files);
    if (reads.wrongSize.length > 0) {
      await this.#places.correctFor(this.#plan, reads.wrongSize, files);
      reads = this.#planReads(files);
    }
    const { table } = this.#places;
    for (const file of reads.wrongSize) this.#lose(file, 'its chunks do not add up to its size');
    for (const [file, id] of reads.incomplete) {
      this.#badFiles.add(file);
      this.#badChunks.set(id, `chunk ${id} is in no pack`);
    }
    this.#countParts(reads, files);
    for await (const { request, stored } of readSegments(this.#run.deps.repository, segmentsOf(reads, table))) {
      this.#run.deps.signal.throwIfAborted();
      if (this.#fatal !== undefined) break;
      if (isBackupError(stored)) this.#noteLostSegment(reads, request, stored);
      else await this.#send(reads, request, stored);
      this.#run.tally.progress();
    }
    await this.#settle();
  }

  #planReads(files: readonly number[]): ReturnType<typeof planReads> {
    return planReads(this.#plan, files, this.#places.table, (use) => !this.#inPlace.isPresent(use));
  }

  /** Waits for the workers. Throws what made going on pointless. */
  async #settle(): Promise<void> {
    await Promise.all(this.#inFlight);
    if (this.#fatal !== undefined) throw this.#fatal as Error;
  }

  #countParts(reads: ReadPlan, files: readonly number[]): void {
    this.#missingParts.clear();
    for (const use of reads.uses) {
      const file = this.#plan.useFile.at(use);
      if (this.#isWhole(file)) continue;
      this.#missingParts.set(file, (this.#missingParts.get(file) ?? 0) + 1);
    }
    for (const file of files) {
      const isSettled = reads.incomplete.has(file) || this.lost.has(file) || this.#missingParts.has(file);
      if (!isSettled && !this.#isWhole(file)) this.#finish(file); // In place, and nothing differs.
    }
  }

  /** Whether the file is one chunk, and so written by one task. */
  #isWhole(file: number): boolean {
    const [first, end] = this.#plan.usesOf(file);
    return end - first === 1 && !this.#inPlace.has(file);
  }

  async #send(reads: ReadPlan, segment: WantedSegment, stored: Buffer): Promise<void> {
    const { table } = this.#places;
    const targets: number[] = [];
    const chunks: ChunkId[] = [];
    for (let i = segment.first; i < segment.end; i++) {
      const use = reads.uses[i] as number;
      const entry = reads.entries[i] as number;
      if (i === segment.first || entry !== reads.entries[i - 1]) {
        const { chunkOffset, chunkBytes } = table.place(entry);
        this.#tasks.chunk(this.#plan.idOf(use), chunkOffset, chunkBytes);
        chunks.push(chunkIdOfBytes(this.#plan.idOf(use)));
      }
      if (this.#addTarget(use, reads.positions[use] as number)) targets.push(use);
    }
    const task = this.#tasks.take();
    this.#run.tally.counts.bytesFetched += stored.length;
    if (targets.length === 0) return;
    const copy = new Uint8Array(stored); // A slice of a longer read cannot be transferred by itself.
    const where = packKey(this.#run.deps.repository.device, segment.pack);
    await this.#pool.room();
    const request = { type: 'segment', stored: copy, rawBytes: segment.rawBytes, where, task } as const;
    this.#track(
      this.#pool.run(request, [copy.buffer, task.buffer]).then((reply) => this.#noteReply(reply, targets, chunks)),
    );
  }

  /** Whether the use goes with the task: the file may have been lost by now, or its parts may not be writable. */
  #addTarget(use: number, position: number): boolean {
    const file = this.#plan.useFile.at(use);
    if (this.#isWhole(file)) {
      this.#tasks.whole({ ...this.#plan.headOf(file), name: this.#plan.nameOf(file) });
      return true;
    }
    if (this.lost.has(file)) return false;
    try {
      this.#tasks.part({ flags: this.#plan.flagsOf(file), descriptor: this.#open.acquire(file), position });
      this.#inPlace.noteWrite(file);
      return true;
    } catch (error) {
      this.#failFile(file, error as NodeJS.ErrnoException);
      return false;
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => void (this.#fatal ??= error))
      .finally(() => this.#inFlight.delete(tracked));
    this.#inFlight.add(tracked);
  }

  #noteReply({ badChunks, failures, unset }: RestoreReply, uses: readonly number[], chunks: readonly ChunkId[]): void {
    const failed = new Set(failures.map(({ target }) => target));
    const bad = new Map(badChunks.map(({ chunk, reason }) => [chunks[chunk] as ChunkId, reason]));
    for (const [id, reason] of bad) this.#badChunks.set(id, reason);
    // Before any file is finished: the last part of a file may have come with a part of it that failed.
    for (const { target, code, message } of failures)
      this.#failFile(this.#plan.useFile.at(uses[target] as number), withCode(message, code));
    for (const [i, use] of uses.entries()) {
      const file = this.#plan.useFile.at(use);
      const isBad = bad.size > 0 && bad.has(chunkIdOfBytes(this.#plan.idOf(use)));
      if (isBad && !this.lost.has(file)) this.#badFiles.add(file);
      if (this.#isWhole(file)) {
        if (!isBad && !failed.has(i)) this.#countFile(file);
        continue;
      }
      this.#open.release(file);
      const left = (this.#missingParts.get(file) as number) - 1;
      this.#missingParts.set(file, left);
      if (left === 0 && !this.#badFiles.has(file) && !this.lost.has(file)) this.#finish(file);
    }
    for (const { target, ...failure } of unset)
      this.#noteUnset(this.#plan.useFile.at(uses[target] as number), [failure]);
  }

  #noteLostSegment(reads: ReadPlan, segment: WantedSegment, error: BackupError): void {
    for (let i = segment.first; i < segment.end; i++) {
      const use = reads.uses[i] as number;
      this.#badChunks.set(chunkIdOfBytes(this.#plan.idOf(use)), error.message);
      this.#badFiles.add(this.#plan.useFile.at(use));
    }
  }

  #finish(file: number): void {
    if (this.#run.request.verify) return this.#track(this.#finishVerified(file));
    try {
      this.#countFile(file, this.#open.finish(file));
    } catch (error) {
      this.#failFile(file, error as NodeJS.ErrnoException);
    }
  }

  async #finishVerified(file: number): Promise<void> {
    try {
      const different = await this.#inPlace.compare(file);
      if (different.length > 0) return this.#lose(file, 'it reads back differently');
      this.#countFile(file, this.#open.finish(file));
    } catch (error) {
      if (isBackupError(error)) throw error;
      this.#failFile(file, error as NodeJS.ErrnoException);
    }
  }

  #noteEmptyFiles(made: readonly MadeFile[]): void {
    for (const { file, error, unset } of made) {
      if (error === undefined) this.#countFile(file, unset);
      else this.#failFile(file, error);
    }
  }

  #countFile(file: number, unset: readonly MetadataFailure[] = []): void {
    const { counts } = this.#run.tally;
    this.#restored.add(file);
    counts.files++;
    counts.bytes += this.#plan.sizeOf(file);
    this.#noteUnset(file, unset);
  }

  #noteUnset(file: number, unset: readonly MetadataFailure[]): void {
    if (unset.length > 0) this.#run.metadataLosses.note(this.#run.pathOf(this.#plan, file), unset);
  }

  /** A file that the system does not let us write. Where nothing else can be written either, all ends. */
  #failFile(file: number, error: NodeJS.ErrnoException): void {
    if (isFatal(error)) this.#fatal ??= error;
    this.#lose(file, error.code === 'UNKNOWN' ? error.message : wordsOf(error));
  }

  #lose(file: number, reason: string): void {
    if (this.lost.has(file)) return;
    const why = reason + this.#inPlace.costOf(file);
    this.lost.set(file, why);
    this.#badFiles.delete(file);
    this.#open.discard(file);
    this.#run.tally.problem(this.#run.pathOf(this.#plan, file), why);
  }

  /** The files that can be tried again; the others are lost. */
  async #lookElsewhere(files: readonly number[]): Promise<readonly number[]> {
    const { again, lost } = await this.#places.moveOnFor(this.#plan, files, new Set(this.#badChunks.keys()));
    for (const [file, id] of lost) this.#lose(file, this.#badChunks.get(id) ?? `chunk ${id} is lost`);
    return again;
  }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
