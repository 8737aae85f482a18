/** The saver threads as the main thread sees them: jobs go to the least busy one, claims and segments come back. */
import { Worker } from 'node:worker_threads';
import { BackupError } from '@backup-agent/core';
import type { Segment, SharedChunkIds } from '@backup-agent/core';
import type { FileBatch, SavedBatch } from './file-batch.ts';
import type { CutResult, FileToSave, RangeResult, SaverOptions, SaverReply, SaverRequest } from './protocol.ts';

/** A thread that has one job more than it works on is never idle between two. */
const JOBS_PER_THREAD = 2;
/** A thread makes little that lives long: a nursery of 4 MB, three times over, keeps its memory small. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 12 };

export interface SaverHandlers {
  /** Which of these chunks the claiming thread is to store: 1 for each that is granted. */
  readonly claim: (ids: Uint8Array) => Uint8Array;
  readonly segment: (segment: Segment, stored: Uint8Array) => void;
}

interface Thread {
  readonly worker: Worker;
  jobs: number;
}

type JobReply = Extract<SaverReply, { job: number }>;
type JobRequest = Extract<SaverRequest, { job: number }>;

export class SaverPool {
  readonly #threads: Thread[];
  readonly #handlers: SaverHandlers;
  readonly #jobs = new Map<number, { resolve: (reply: JobReply) => void; reject: (error: unknown) => void }>();
  #nextJob = 0;
  #failure: Error | undefined;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(threads: number, options: SaverOptions, handlers: SaverHandlers) {
    this.#handlers = handlers;
    this.#threads = Array.from({ length: threads }, () => this.#start(options));
  }

  /** Tells the threads which chunks are stored already. */
  setKnown(table: SharedChunkIds): void {
    for (const thread of this.#threads)
      thread.worker.postMessage({
        type: 'known',
        table: { slots: table.slots, ids: table.ids },
      } satisfies SaverRequest);
  }

  /** Resolves as soon as a thread has room for a job. Throws what a thread failed with. */
  async room(): Promise<void> {
    while (this.#failure === undefined && this.#threads.every((thread) => thread.jobs >= JOBS_PER_THREAD))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  async saveFiles(batch: FileBatch): Promise<SavedBatch> {
    const reply = await this.#run((job) => ({ type: 'files', job, batch }));
    return (reply as Extract<JobReply, { type: 'files-saved' }>).saved;
  }

  async cut(file: FileToSave, offset: number): Promise<CutResult> {
    const reply = await this.#run((job) => ({ type: 'cut', job, file, offset }));
    return (reply as Extract<JobReply, { type: 'cut-done' }>).result;
  }

  async saveRange(file: FileToSave, offset: number, lengths: readonly number[]): Promise<RangeResult> {
    const reply = await this.#run((job) => ({ type: 'range', job, file, offset, lengths }));
    return (reply as Extract<JobReply, { type: 'range-saved' }>).result;
  }

  /** Has every thread seal its segments; resolves when all of them have arrived. */
  async flush(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => this.#send(thread, (job) => ({ type: 'flush', job }))));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #run(request: (job: number) => JobRequest): Promise<JobReply> {
    const [first, ...others] = this.#threads;
    const idlest = others.reduce((best, thread) => (thread.jobs < best.jobs ? thread : best), first as Thread);
    return this.#send(idlest, request);
  }

  #send(thread: Thread, request: (job: number) => JobRequest): Promise<JobReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const job = this.#nextJob++;
    thread.jobs++;
    return new Promise<JobReply>((resolve, reject) => {
      this.#jobs.set(job, { resolve, reject });
      thread.worker.postMessage(request(job));
    }).finally(() => {
      thread.jobs--;
      this.#wake();
    });
  }

  #start(options: SaverOptions): Thread {
    const file = import.meta.url.endsWith('.ts') ? './saver-worker.ts' : './saver-worker.mjs';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: options, resourceLimits: THREAD_LIMITS });
    const thread: Thread = { worker, jobs: 0 };
    worker.on('message', (reply: SaverReply) => this.#handle(worker, reply));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => {
      if (!this.#closed) this.#fail(new Error(`a worker thread ended with code ${code}`));
    });
    return thread;
  }

  #handle(worker: Worker, reply: SaverReply): void {
    switch (reply.type) {
      case 'claim': {
        const granted: SaverRequest = { type: 'granted', claim: reply.claim, mine: this.#handlers.claim(reply.ids) };
        worker.postMessage(granted);
        return;
      }
      case 'segment':
        this.#handlers.segment(reply.segment, reply.stored);
        return;
      case 'failed':
        this.#fail(new BackupError('FAILED', reply.message));
        return;
      default:
        this.#jobs.get(reply.job)?.resolve(reply);
        this.#jobs.delete(reply.job);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const job of this.#jobs.values()) job.reject(this.#failure);
    this.#jobs.clear();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
