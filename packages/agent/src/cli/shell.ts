/** The process around a command: streams, clocks, randomness, the machine. No other file touches them. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { isNodeError } from '@backup-agent/core';
import type { Clock } from '../backup/job.ts';
import { agentFolders } from '../state/folders.ts';
import type { AgentFolders } from '../state/folders.ts';
import type { Surroundings } from './context.ts';
import { makeRedactor } from './output/redact.ts';
import type { Redact } from './output/redact.ts';
import { programVersion } from './version.ts';

export interface Shell {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Width of help texts. */
  readonly columns: number;
  /** Whether a line on stderr may be drawn over. */
  readonly hasTerminal: boolean;
  /** Whether somebody is there to answer. */
  readonly canAsk: boolean;
  /** A line that is typed, '' at the end of the input. Throws the signal's reason. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string>;
  readonly colours: { readonly stdout: boolean; readonly stderr: boolean };
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly redact: Redact;
  readonly folders: AgentFolders;
  readonly surroundings: Surroundings;
  /** BACKUP_AGENT_DEBUG=1: show where errors come from. */
  readonly debug: boolean;
}

export function openShell(environment: Shell['environment']): Shell {
  const { stdout, stderr, platform } = process;
  const home = os.homedir();
  const isPlain = environment['TERM'] === 'dumb';
  const isColourless = isPlain || (environment['NO_COLOR'] ?? '') !== '';
  // A terminal that has gone away is no reason to stop a backup.
  stderr.on('error', () => {});
  return {
    environment,
    stdout,
    stderr,
    columns: stdout.isTTY ? stdout.columns : 100,
    hasTerminal: stderr.isTTY && !isPlain,
    canAsk: isatty(0) && stderr.isTTY,
    ask: askAtTerminal,
    colours: { stdout: stdout.isTTY && !isColourless, stderr: stderr.isTTY && !isColourless },
    clock: {
      now: () => new Date(),
      elapsed: () => performance.now(),
      wait: (ms, signal) => delay(ms, undefined, { signal }),
    },
    random: (bytes) => randomBytes(bytes),
    redact: makeRedactor(environment),
    folders: agentFolders({ platform, home, environment }),
    surroundings: {
      platform,
      home,
      host: os.hostname(),
      user: userName(environment),
      workingFolder: workingFolder(environment),
      processors: os.availableParallelism(),
      system: `${platform} ${os.release()} ${process.arch}`,
      version: programVersion(),
      // Opening it has effects of its own, so only whoever reads it does.
      get stdin() {
        return process.stdin;
      },
      searchPath: environment['PATH'] ?? environment['Path'] ?? '',
      awsConfigFile: environment['AWS_CONFIG_FILE'] || path.join(home, '.aws', 'config'),
      awsCredentialsFile: environment['AWS_SHARED_CREDENTIALS_FILE'] || path.join(home, '.aws', 'credentials'),
      temporaryFolder: os.tmpdir(),
      userId: process.getuid?.(),
      groupId: process.getgid?.(),
      groupIds: process.getgroups?.() ?? [],
    },
    debug: environment['BACKUP_AGENT_DEBUG'] === '1',
  };
}

async function askAtTerminal(question: string, signal: AbortSignal): Promise<string> {
  // Not as a terminal: Ctrl-C then reaches the process, which knows what to do.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const ended = once(lines, 'close', { signal }).then(() => '');
    return await Promise.race([lines.question(question, { signal }), ended]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}

/** One that was deleted meanwhile has no name: relative paths then count from where there is surely nothing else. */
function workingFolder(environment: Shell['environment']): string {
  try {
    return process.cwd();
  } catch (error) {
    if (!isNodeError(error, 'ENOENT')) throw error;
    return environment['PWD'] ?? '/';
  }
}

/** A user without an entry in the system's list, as containers have them, has no name. */
function userName(environment: Shell['environment']): string {
  try {
    return os.userInfo().username;
  } catch {
    return environment['USER'] ?? environment['USERNAME'] ?? '';
  }
}
