/** Writes files in worker threads. */
import { JobPool } from '../threads/job-pool.ts';
import type { FileWriters, RestoreReply, RestoreRequest, RestoreWorkerData } from './protocol.ts';

export function openWriterThreads(data: RestoreWorkerData, threads: number): FileWriters {
  const file = import.meta.url.endsWith('.ts') ? './restore-worker.ts' : './restore-worker.mjs';
  return new JobPool<RestoreRequest, RestoreReply>(new URL(file, import.meta.url), threads, data);
}
