/**
 * The walk as the main thread sees it. A thread of its own walks ahead, at most some batches; whoever leaves the loop
 * early ends it.
 */
import { Worker } from 'node:worker_threads';
import { BackupError } from '@backup-agent/core';
import { BatchDecoder } from './batch-format.ts';
import type { EncodedBatch } from './batch-format.ts';
import type { WalkMessage, WalkOrder } from './walk-worker.ts';
import type { WalkOptions } from './walk-options.ts';
import type { WalkBatch } from './walked-entry.ts';

export type { WalkOptions } from './walk-options.ts';

/** How far the walker may be ahead: enough to bridge a pause, some megabytes at most. */
const BATCHES_AHEAD_MAX = 64;

/** The built command has the worker beside itself as JavaScript. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './walk-worker.ts' : './walk-worker.mjs', import.meta.url);

/**
 * Walks the roots (absolute paths) one after the other. Entries come in the catalog's order; a batch belongs to one
 * root and each root has at least one. Symlinks are never followed; a root given as a symlink is resolved once at the
 * start. What the disk refuses is an item of the stream, never an error; throws `signal`'s reason when aborted, and
 * FAILED if the walker itself breaks.
 */
export async function* walk(
  roots: readonly string[],
  options: WalkOptions,
  signal?: AbortSignal,
): AsyncGenerator<WalkBatch, void, undefined> {
  signal?.throwIfAborted();
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const order: WalkOrder = { roots, options, waiting, waitingMax: BATCHES_AHEAD_MAX };
  const worker = new Worker(WORKER, { workerData: order, stdin: false });
  const inbox = new Inbox(worker, signal);
  const decoder = new BatchDecoder();
  try {
    for (;;) {
      const message = inbox.take() ?? (await inbox.next());
      if (message === 'end') return;
      Atomics.sub(waiting, 0, 1);
      Atomics.notify(waiting, 0);
      yield decoder.decode(message);
    }
  } finally {
    inbox.close();
    await worker.terminate();
  }
}

/** Messages in order, and then the failure if there was one. */
class Inbox {
  readonly #messages: WalkMessage[] = [];
  readonly #signal: AbortSignal | undefined;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(worker: Worker, signal: AbortSignal | undefined) {
    this.#signal = signal;
    worker.on('message', (message: WalkMessage) => {
      this.#messages.push(message);
      this.#wake();
    });
    worker.on('error', (cause) => this.#fail(new BackupError('FAILED', 'the walk of the folders failed', { cause })));
    worker.on('exit', () => this.#fail(new BackupError('FAILED', 'the walk of the folders ended early')));
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  take(): WalkMessage | undefined {
    this.#signal?.throwIfAborted();
    return this.#messages.shift();
  }

  async next(): Promise<EncodedBatch | 'end'> {
    for (;;) {
      const message = this.take();
      if (message !== undefined) return message;
      if (this.#failure !== undefined) throw this.#failure.error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#wake();

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }
}
