/** Loaded before the command: what it waits for happens at once on the servers of tests, so it looks again soon. */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const WAIT_MS_MAX = 500;
const wait = timers.setTimeout;

timers.setTimeout = (ms, ...others) => wait(Math.min(ms ?? 0, WAIT_MS_MAX), ...others);
syncBuiltinESMExports();
