/** Which command a command line means. Only options of every command may stand before its name. */
import { BackupError } from '@backup-agent/core';
import type { CommandRow } from './commands.ts';
import { COMMANDS } from './commands.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { findOption, optionNames } from './option-names.ts';
import { didYouMean } from './suggest.ts';

export interface FoundCommand {
  /** Undefined: no command was named, or only the first word of some. */
  readonly row: CommandRow | undefined;
  /** The commands of which only the first word was named. */
  readonly group: readonly CommandRow[];
  /** The words without the command's name. */
  readonly rest: readonly string[];
}

/** Throws CONFIG_INVALID for a command or option that does not exist. */
export function findCommand(words: readonly string[]): FoundCommand {
  const at = positionOfCommand(words);
  const first = words[at];
  if (first === undefined) return { row: undefined, group: [], rest: words };
  const second = words[at + 1];
  const without = (count: number): string[] => [...words.slice(0, at), ...words.slice(at + count)];
  const two = COMMANDS.find((row) => row.name === `${first} ${second}`);
  if (two !== undefined) return { row: two, group: [], rest: without(2) };
  const one = COMMANDS.find((row) => row.name === first);
  if (one !== undefined) return { row: one, group: [], rest: without(1) };
  const group = COMMANDS.filter((row) => row.name.startsWith(`${first} `));
  if (group.length > 0 && (second === undefined || second.startsWith('-')))
    return { row: undefined, group, rest: without(1) };
  throw unknownCommand(first, second, group);
}

function positionOfCommand(words: readonly string[]): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (!word.startsWith('-')) return at;
    if (word === '--') break;
    if (['--help', '-h', '--version'].includes(word)) continue;
    const spec = findOption(word, GLOBAL_OPTIONS);
    if (spec === undefined)
      throw new BackupError(
        'CONFIG_INVALID',
        `${word.split('=')[0]} is not an option that may stand before a command`,
        {
          hint: didYouMean(word.split('=')[0] as string, optionNames(GLOBAL_OPTIONS)) ?? 'write the command first',
        },
      );
    if (spec.type !== 'flag' && !word.includes('=')) at++;
  }
  return words.length;
}

/** What is wrong with a command line that names no command, or half a one. */
export function noCommand(group: readonly CommandRow[]): BackupError {
  const [first] = group[0]?.name.split(' ') ?? [];
  if (first !== undefined) return halfCommand(first, group);
  return new BackupError('CONFIG_INVALID', 'no command is given', { hint: '"backup-agent --help" lists them' });
}

function halfCommand(first: string, group: readonly CommandRow[], second?: string): BackupError {
  const names = group.map((row) => row.name);
  const nearest = second === undefined ? undefined : didYouMean(`${first} ${second}`, names);
  const what =
    second === undefined ? `"${first}" needs another word after it` : `there is no command "${first} ${second}"`;
  return new BackupError('CONFIG_INVALID', what, {
    hint: nearest ?? `write ${names.map((name) => `"${name}"`).join(' or ')}`,
  });
}

function unknownCommand(first: string, second: string | undefined, group: readonly CommandRow[]): BackupError {
  if (group.length > 0) return halfCommand(first, group, second);
  return new BackupError('CONFIG_INVALID', `there is no command "${first}"`, {
    hint:
      didYouMean(
        first,
        COMMANDS.map((row) => row.name),
      ) ?? 'see "backup-agent --help"',
  });
}
