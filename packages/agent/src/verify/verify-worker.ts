/** A worker thread of a verification. */
import { release } from '../backup/saver/segment-builder.ts';
import { serveJobs } from '../threads/serve-jobs.ts';
import { checkSegments } from './check-segments.ts';
import type { CheckReply, CheckRequest } from './check-segments.ts';

serveJobs<{ readonly request: CheckRequest; readonly reply: CheckReply }>((request) => {
  const reply = checkSegments(request);
  release(request.stored); // It came here for good.
  return reply;
});
