/**
 * A program: explores as its argument says and prints what came of it as one line of JSON; or plays the schedule that its
 * argument is, as a failure prints it, and prints what happened.
 */
import { explore, replay } from './explore.ts';
import type { ExplorationOptions } from './explore.ts';
import type { Schedule } from './play.ts';

const given = JSON.parse(process.argv[2] ?? '') as ExplorationOptions | Schedule;
const result = 'commands' in given ? await replay(given) : JSON.stringify(await explore(given));
process.stdout.write(`${result}\n`);
