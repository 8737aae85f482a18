/** What may come next on a command line that is being typed: asked by the script that `completion` prints. */
import { COMMANDS, loadCommand } from './commands.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { optionNames } from './option-names.ts';

/** The word by which that script asks; what was typed so far follows, the program's name first. */
export const COMPLETION_REQUEST = '--get-yargs-completions';

/** Completions of the last of `typed`. Nothing where a folder or another value is expected: the shell knows those. */
export async function completeWords(typed: readonly string[]): Promise<readonly string[]> {
  const current = typed.at(-1) ?? '';
  const before = typed.slice(1, -1).filter((word) => !word.startsWith('-'));
  const row = COMMANDS.find(({ name }) => name === before[0] || name === before.slice(0, 2).join(' '));
  if (current.startsWith('-')) {
    const own = row === undefined ? [] : optionNames((await loadCommand(row)).args);
    return matching([...own, ...optionNames(GLOBAL_OPTIONS), '--help'], current);
  }
  if (row !== undefined) return [];
  const position = before.length;
  const words = COMMANDS.map(({ name }) => name.split(' ')).filter((name) =>
    before.every((word, i) => name[i] === word),
  );
  return matching([...new Set(words.flatMap((name) => name[position] ?? []))], current);
}

const matching = (words: readonly string[], beginning: string): string[] =>
  words.filter((word) => word.startsWith(beginning));
