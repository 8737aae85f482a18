#!/usr/bin/env node
/** The entry point. What needs no work is answered before anything else is loaded. */
import { enableCompileCache } from 'node:module';
import { programVersion } from './version.ts';

const words = process.argv.slice(2);
const [only] = words.length === 1 ? words : [];

if (only === '--version') {
  process.stdout.write(`${programVersion()}\n`);
} else if (only === '--help' || only === '-h' || only === 'help') {
  const { generalHelp } = await import('./general-help.ts');
  process.stdout.write(generalHelp());
} else {
  enableCompileCache();
  const { runCommandLine } = await import('./command-line.ts');
  // Sockets that are kept for another request would keep the process; everything is flushed by now.
  process.exit(await runCommandLine(words, process.env));
}
