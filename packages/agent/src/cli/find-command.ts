/** Which command a command line means. Only options of every command may stand before its name. */
import { BackupError } from '@backup-agent/core';
import type { CommandRow } from './commands.ts';
import { COMMANDS } from './commands.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { findOption, optionNames } from './option-names.ts';
import { didYouMean } from './suggest.ts';

export interface FoundCommand {
  /** Undefined: no command was named. */
  readonly row: CommandRow | undefined;
  /** The words without the command's name. */
  readonly rest: readonly string[];
}

/** Throws CONFIG_INVALID for a command or option that does not exist. */
export function findCommand(words: readonly string[]): FoundCommand {
  const at = positionOfCommand(words);
  const first = words[at];
  if (first === undefined) return { row: undefined, rest: words };
  const second = words[at + 1];
  const without = (count: number): string[] => [...words.slice(0, at), ...words.slice(at + count)];
  const two = COMMANDS.find((row) => row.name === `${first} ${second}`);
  if (two !== undefined) return { row: two, rest: without(2) };
  const one = COMMANDS.find((row) => row.name === first);
  if (one !== undefined) return { row: one, rest: without(1) };
  throw unknownCommand(first, second);
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

function unknownCommand(first: string, second: string | undefined): BackupError {
  const group = COMMANDS.filter((row) => row.name.startsWith(`${first} `));
  const names = group.map((row) => row.name);
  if (group.length > 0)
    return new BackupError('CONFIG_INVALID', `"${first}" needs another word after it`, {
      hint: didYouMean(`${first} ${second}`, names) ?? `write ${names.map((name) => `"${name}"`).join(' or ')}`,
    });
  return new BackupError('CONFIG_INVALID', `there is no command "${first}"`, {
    hint:
      didYouMean(
        first,
        COMMANDS.map((row) => row.name),
      ) ?? 'see "backup-agent --help"',
  });
}
