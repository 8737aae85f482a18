/** The worker's side of a JobPool: answers each request, and passes on what went wrong as a message. */
import { parentPort } from 'node:worker_threads';
import type { JobMessage, JobReply } from './job-pool.ts';

export function serveJobs<Jobs extends { readonly request: unknown; readonly reply: unknown }>(
  handle: (request: Jobs['request']) => Jobs['reply'],
): void {
  const port = parentPort;
  if (port === null) throw new Error('a worker file runs as a worker thread');
  port.on('message', ({ job, request }: JobMessage<Jobs['request']>) => {
    try {
      const reply = handle(request);
      if (job !== undefined) port.postMessage({ job, reply } satisfies JobReply<Jobs['reply']>);
    } catch (error) {
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      port.postMessage({ job, failure } satisfies JobReply<Jobs['reply']>);
    }
  });
}
