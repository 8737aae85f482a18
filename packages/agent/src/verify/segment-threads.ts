/** Checks segments in worker threads. */
import { JobPool } from '../threads/job-pool.ts';
import type { CheckReply, CheckRequest } from './check-segments.ts';
import type { SegmentChecker } from './job.ts';

export function openSegmentThreads(threads: number): SegmentChecker {
  const file = import.meta.url.endsWith('.ts') ? './verify-worker.ts' : './verify-worker.mjs';
  return new JobPool<CheckRequest, CheckReply>(new URL(file, import.meta.url), threads, undefined);
}
