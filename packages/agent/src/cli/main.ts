#!/usr/bin/env node
/** The entry point. What needs no work is answered before anything else is loaded. */
import { programVersion } from './version.ts';

/** Since then Node has zstd. */
const NODE_VERSION_MIN = [22, 15] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isRecentEnough = major > NODE_VERSION_MIN[0] || (major === NODE_VERSION_MIN[0] && minor >= NODE_VERSION_MIN[1]);

const words = process.argv.slice(2);
const [only] = words.length === 1 ? words : [];

if (only === '--version') {
  process.stdout.write(`${programVersion()}\n`);
} else if (only === '--help' || only === '-h' || only === 'help') {
  const { generalHelp } = await import('./general-help.ts');
  process.stdout.write(generalHelp());
} else if (!isRecentEnough) {
  process.stderr.write(
    `backup-agent: Node ${NODE_VERSION_MIN.join('.')} or newer is needed, this is ${process.versions.node}. Install a newer Node.\n`,
  );
  process.exitCode = 2;
} else {
  const { homedir } = await import('node:os');
  const { agentFolders } = await import('../state/folders.ts');
  const { keepCompiledCode } = await import('./code-cache.ts');
  const { platform, env } = process;
  keepCompiledCode(agentFolders({ platform, home: homedir(), environment: env }).cache);
  const { runCommandLine } = await import('./command-line.ts');
  // Sockets that are kept for another request would keep the process; everything is flushed by now.
  process.exit(await runCommandLine(words, process.env));
}
