/** Doubles numbers; fails at negative ones and ends at 13. */
import { serveJobs } from '../../src/threads/serve-jobs.ts';

let added = 0;

serveJobs<{ readonly request: number | { readonly add: number }; readonly reply: number }>((request) => {
  if (typeof request !== 'number') return (added += request.add);
  if (request === 13) process.exit(1);
  if (request < 0) throw new Error('too small');
  return request * 2 + added;
});
