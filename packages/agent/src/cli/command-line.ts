/** One invocation, from the words of the command line to the exit code. */
import { BackupError, isBackupError } from '@backup-agent/core';
import { loadCommand } from './commands.ts';
import { completeWords, COMPLETION_REQUEST } from './complete-words.ts';
import { compose } from './compose.ts';
import type { Composed } from './compose.ts';
import { asBackupError, failureObject, failureSentence } from './failure.ts';
import { findCommand, noCommand } from './find-command.ts';
import { generalHelp, groupHelp } from './general-help.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import type { GlobalValues } from './global-options.ts';
import { isFlagOn } from './join-values.ts';
import { bold, red } from './output/colours.ts';
import { openOutput, OutputClosed } from './output/output.ts';
import type { OpenedOutput, OutputMode } from './output/output.ts';
import { printable } from './output/printable.ts';
import { openShell } from './shell.ts';
import type { Shell } from './shell.ts';
import { watchSignals } from './signals.ts';

export async function runCommandLine(words: readonly string[], environment: Shell['environment']): Promise<number> {
  const shell = openShell(environment);
  const now: { composed?: Composed } = {};
  const out = openOutput({
    stdout: shell.stdout,
    mode: outputMode(words),
    beforeText: () => now.composed?.progress?.clear(),
    bold: bold(shell.colours.stdout),
  });
  // An error that nobody waits for would end the process with a stack trace, and leave the lock.
  process.once('uncaughtException', (error) => {
    const code = reportFailure(error, shell, out, now.composed);
    now.composed?.end();
    process.exit(code);
  });
  let exitCode: number;
  try {
    exitCode = await runCommand(words, { shell, out, now });
  } catch (error) {
    exitCode = error instanceof OutputClosed ? 0 : reportFailure(error, shell, out, now.composed);
  }
  now.composed?.progress?.clear();
  now.composed?.end();
  now.composed?.log?.ended(exitCode, shell.clock.elapsed());
  await out.flush();
  return exitCode;
}

interface Running {
  readonly shell: Shell;
  readonly out: OpenedOutput;
  /** Filled as soon as it is there, for whoever reports a failure. */
  readonly now: { composed?: Composed };
}

async function runCommand(given: readonly string[], { shell, out, now }: Running): Promise<number> {
  if (given[0] === COMPLETION_REQUEST) {
    for (const word of await completeWords(given.slice(1))) out.help(word);
    return 0;
  }
  const words = given[0] === 'help' ? ['--help', ...given.slice(1)] : given;
  if (isHelp(words)) {
    const { row, group } = findCommand(words);
    if (row === undefined) return printHelp(out, group.length > 0 ? groupHelp(group) : generalHelp());
  }
  if (hasOption(words, '--version') && !isHelp(words)) return printVersion(out, shell.surroundings.version);
  const { row, group, rest } = findCommand(words);
  if (row === undefined) throw noCommand(group);
  const definition = await loadCommand(row);
  if (isHelp(rest)) {
    const { commandHelp } = await import('./help.ts');
    return printHelp(out, commandHelp(row, definition, shell.columns));
  }
  const { parseArguments } = await import('./parse-arguments.ts');
  const values = parseArguments(rest, { ...GLOBAL_OPTIONS, ...definition.args });
  const watch = watchSignals((name) => {
    now.composed?.progress?.clear();
    if (name === 'SIGINT' && shell.hasTerminal) shell.stderr.write('stopping; Ctrl-C again stops at once\n');
  });
  const globals = values as unknown as GlobalValues;
  const { signal } = watch;
  try {
    now.composed = await compose({ command: row.name, globals, shell, out, signal });
    return await definition.run(values, now.composed.context);
  } catch (error) {
    // What a signal makes fail along the way is the signal's doing.
    throw signal.aborted && !(error instanceof OutputClosed) ? (signal.reason as Error) : error;
  } finally {
    watch.close();
  }
}

const hasOption = (words: readonly string[], ...names: readonly string[]): boolean => {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some((word) => names.includes(word));
};

const isHelp = (words: readonly string[]): boolean => hasOption(words, '--help', '-h');

/** Known before the arguments are parsed, so that a wrong argument is told in the right form too. */
function outputMode(words: readonly string[]): OutputMode {
  if (!isFlagOn(words, '--json')) return 'text';
  return isFlagOn(words, '--progress') ? 'events' : 'json';
}

function printHelp(out: OpenedOutput, text: string): number {
  for (const line of text.trimEnd().split('\n')) out.help(line);
  return 0;
}

function printVersion(out: OpenedOutput, version: string): number {
  out.json({ version });
  out.line(version);
  return 0;
}

function reportFailure(thrown: unknown, shell: Shell, out: OpenedOutput, composed: Composed | undefined): number {
  const { error, isDefect } = asBackupError(thrown);
  const { redact, stderr, debug } = shell;
  composed?.progress?.clear();
  const safe = new BackupError(error.code, redact(error.message), {
    ...(error.hint === undefined ? {} : { hint: redact(error.hint) }),
    ...(error.key === undefined ? {} : { key: error.key }),
  });
  stderr.write(`${red(shell.colours.stderr)(printable(failureSentence(safe)))}\n`);
  if (debug) stderr.write(`${redact(traceOf(isDefect ? thrown : error))}\n`);
  out.json(failureObject(safe));
  composed?.log?.error(safe.code, safe.message, safe.hint);
  return error.exitCode;
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${traceOf(error.cause)}`;
  return `${error.stack ?? error.message}${isBackupError(error) ? ` [${error.code}]` : ''}${cause}`;
}
