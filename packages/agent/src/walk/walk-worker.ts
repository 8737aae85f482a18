/** The thread that walks: sends batches, and waits while the other side has enough of them. */
import { parentPort, workerData } from 'node:worker_threads';
import { BatchEncoder } from './batch-format.ts';
import type { EncodedBatch } from './batch-format.ts';
import { walkRoots } from './walker.ts';
import type { WalkOptions } from './walk-options.ts';

export interface WalkOrder {
  readonly roots: readonly string[];
  readonly options: WalkOptions;
  /** Shared: how many batches the other side has not taken yet. */
  readonly waiting: Int32Array;
  readonly waitingMax: number;
}
export type WalkMessage = EncodedBatch | 'end';

function run(order: WalkOrder, send: (message: WalkMessage, transfer: readonly ArrayBuffer[]) => void): void {
  const encoder = new BatchEncoder();
  let root = 0;
  let rootPath = '';
  const flush = (): void => {
    if (encoder.isEmpty) return;
    const batch = encoder.take(root, rootPath);
    send(batch, [batch.columns]);
    let count = Atomics.add(order.waiting, 0, 1) + 1;
    for (; count >= order.waitingMax; count = Atomics.load(order.waiting, 0)) Atomics.wait(order.waiting, 0, count);
  };
  walkRoots(order.roots, order.options, {
    beginRoot(number, path) {
      root = number;
      rootPath = path;
    },
    entry(depth, name, stat, target) {
      encoder.addEntry(depth, name, stat, target);
      if (encoder.isFull) flush();
    },
    item(item) {
      encoder.addItem(item);
      if (encoder.isFull) flush();
    },
    endRoot: flush,
  });
  send('end', []);
}

const port = parentPort;
if (port === null) throw new Error('walk-worker runs only as a worker thread');
run(workerData as WalkOrder, (message, transfer) => port.postMessage(message, transfer));
