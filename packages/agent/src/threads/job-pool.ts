/** Worker threads that all do the same kind of job; a job goes to the least busy one. */
import { Worker } from 'node:worker_threads';
import { BackupError } from '@backup-agent/core';

export interface JobMessage<Request> {
  /** Undefined: no answer is expected. */
  readonly job: number | undefined;
  readonly request: Request;
}

export type JobReply<Reply> =
  { readonly job: number; readonly reply: Reply } | { readonly job: number | undefined; readonly failure: string };

interface Thread {
  readonly worker: Worker;
  jobs: number;
}

/** A thread that has a job more than the one it works on is never idle between two. */
const JOBS_PER_THREAD = 2;

/** Workers handle large buffers and few objects: room for more would only be filled with garbage. */
const YOUNG_MB_MAX = 4;

export class JobPool<Request, Reply> {
  readonly #threads: Thread[];
  readonly #jobs = new Map<number, { resolve: (reply: Reply) => void; reject: (error: unknown) => void }>();
  #nextJob = 0;
  #failure: BackupError | undefined;
  #closed = false;
  #waiting: (() => void)[] = [];

  /** `file`: what a worker runs; it calls serveJobs. */
  constructor(file: URL, threads: number, workerData: unknown) {
    this.#threads = Array.from({ length: threads }, () => this.#start(file, workerData));
  }

  /** Sends every thread a message that is not answered; jobs sent later find it handled. */
  tell(request: Request): void {
    for (const { worker } of this.#threads)
      worker.postMessage({ job: undefined, request } satisfies JobMessage<Request>);
  }

  /** Resolves as soon as a thread has room for a job. Throws what a thread failed with. */
  async room(): Promise<void> {
    while (this.#failure === undefined && this.#threads.every((thread) => thread.jobs >= JOBS_PER_THREAD))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Rejects with FAILED if the thread fails: failures that are to be expected are part of the reply. */
  run(request: Request, transfer: ArrayBuffer[] = []): Promise<Reply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const [first, ...others] = this.#threads;
    const thread = others.reduce((best, other) => (other.jobs < best.jobs ? other : best), first as Thread);
    const job = this.#nextJob++;
    thread.jobs++;
    return new Promise<Reply>((resolve, reject) => {
      this.#jobs.set(job, { resolve, reject });
      thread.worker.postMessage({ job, request } satisfies JobMessage<Request>, transfer);
    }).finally(() => {
      thread.jobs--;
      this.#wake();
    });
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(file: URL, workerData: unknown): Thread {
    const worker = new Worker(file, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX } });
    worker.on('message', (message: JobReply<Reply>) => this.#handle(message));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => {
      if (!this.#closed) this.#fail(new Error(`a worker thread ended with code ${code}`));
    });
    return { worker, jobs: 0 };
  }

  #handle(message: JobReply<Reply>): void {
    if ('failure' in message) {
      this.#fail(new Error(message.failure));
      return;
    }
    this.#jobs.get(message.job)?.resolve(message.reply);
    this.#jobs.delete(message.job);
  }

  #fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#failure ??= new BackupError('FAILED', `a worker thread failed: ${message}`, { cause });
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
