/** `npm start`: with arguments the command line, with none a demonstration on real documents. */
import { runCommand } from './start/cli-program.ts';
import { demonstrate } from './start/demonstrate.ts';

const words = process.argv.slice(2);
// npm changes to the top of the checkout; relative paths mean the folder where the person is.
const folder = process.env['INIT_CWD'] ?? process.cwd();
// Ctrl-C reaches the command as well, and it is the one to decide what to do.
process.on('SIGINT', () => {});

process.exitCode = words.length > 0 ? await runCommand(words, { folder, env: process.env }) : await demonstrate();
