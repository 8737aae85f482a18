/** A worker thread of a verification. */
import { serveJobs } from '../threads/serve-jobs.ts';
import { checkSegment } from './check-segment.ts';
import type { CheckReply, CheckRequest } from './check-segment.ts';

serveJobs<{ readonly request: CheckRequest; readonly reply: CheckReply }>(checkSegment);
