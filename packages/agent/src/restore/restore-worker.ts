/** A worker thread of a restore. */
import { threadId, workerData } from 'node:worker_threads';
import { serveJobs } from '../threads/serve-jobs.ts';
import { FileWriter } from './file-writer.ts';
import type { RestoreReply, RestoreRequest, RestoreWorkerData } from './protocol.ts';

const writer = new FileWriter(workerData as RestoreWorkerData, threadId);
serveJobs<{ request: RestoreRequest; reply: RestoreReply }>((request) => writer.handle(request));
