/** Between names in code (`excludeFile`) and on the command line (`--exclude-file`). */
import type { ArgumentSpec, ArgumentSpecs } from './define-command.ts';

export type OptionSpec = Exclude<ArgumentSpec, { type: 'positional' }>;

export const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const optionName = (name: string): string => `--${kebabCase(name)}`;

export const optionsOf = (specs: ArgumentSpecs): readonly (readonly [name: string, spec: OptionSpec])[] =>
  Object.entries(specs).filter((entry): entry is [string, OptionSpec] => entry[1].type !== 'positional');

export const optionNames = (specs: ArgumentSpecs): readonly string[] =>
  optionsOf(specs).map(([name]) => optionName(name));

/** The option that a word of the command line names, with or without `=value`. */
export function findOption(word: string, specs: ArgumentSpecs): OptionSpec | undefined {
  const [name] = word.split('=', 1);
  return optionsOf(specs).find(([key]) => optionName(key) === name)?.[1];
}
