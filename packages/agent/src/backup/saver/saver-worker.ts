/** A worker thread that reads files, cuts and hashes them, and compresses what is new into segments. */
import { parentPort, workerData } from 'node:worker_threads';
import { Saver } from './saver.ts';
import type { SaverOptions, SaverReply, SaverRequest } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('saver-worker runs as a worker thread');

const saver = new Saver(workerData as SaverOptions, (reply: SaverReply) => {
  port.postMessage(reply, reply.type === 'segment' ? [reply.stored.buffer as ArrayBuffer] : []);
});
port.on('message', (request: SaverRequest) => {
  saver.handle(request).catch((error: unknown) => {
    port.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
