/** A program: explores as its argument says, and prints what came of it as one line of JSON. */
import { explore } from './explore.ts';
import type { ExplorationOptions } from './explore.ts';

const options = JSON.parse(process.argv[2] ?? '') as ExplorationOptions;
process.stdout.write(`${JSON.stringify(await explore(options))}\n`);
