/** Writes every option of a command line as one word, so that nothing is left to guess of which word belongs to which. */
import { BackupError } from '@backup-agent/core';
import type { ArgumentSpecs } from './define-command.ts';
import { findOption, optionNames } from './option-names.ts';
import type { OptionSpec } from './option-names.ts';
import { didYouMean } from './suggest.ts';

/**
 * `--tag a --json -- --x` -> `--tag="a" --json=true -- --x`. The quotes are for yargs, which takes one pair of them away
 * and would else take those that belong to the value.
 * Throws CONFIG_INVALID for an option that `specs` lack, that lacks its value or has one that does not fit.
 */
export function joinValues(words: readonly string[], specs: ArgumentSpecs): string[] {
  const joined: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') return [...joined, ...words.slice(at)];
    if (!word.startsWith('-') || word === '-') {
      joined.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const spec = findOption(name, specs);
    if (spec === undefined) throw unknownOption(name, specs);
    if (equals >= 0) joined.push(joinedOption(name, spec, word.slice(equals + 1)));
    else if (spec.type === 'flag') joined.push(joinedOption(name, spec, 'true'));
    else if (spec.type === 'optional-text') joined.push(joinedOption(name, spec, ''));
    else joined.push(joinedOption(name, spec, valueAmong(words, ++at)));
  }
  return joined;
}

/** The next word, unless it looks like another option: a forgotten value must not swallow that one. */
function valueAmong(words: readonly string[], at: number): string {
  const word = words[at] ?? '';
  return word.startsWith('-') && word !== '-' ? '' : word;
}

function joinedOption(name: string, spec: OptionSpec, value: string): string {
  if (spec.type === 'flag') {
    if (value === 'true' || value === 'false') return `${name}=${value}`;
    throw new BackupError('CONFIG_INVALID', `${name} takes no value but true or false`);
  }
  if (value === '' && spec.type !== 'optional-text')
    throw new BackupError('CONFIG_INVALID', `${name} needs a value`, {
      hint: `write ${name} <${spec.value}>; a value that begins with a hyphen goes after "="`,
    });
  return `${name}="${value}"`;
}

const unknownOption = (name: string, specs: ArgumentSpecs): BackupError =>
  new BackupError('CONFIG_INVALID', `there is no option ${name}`, {
    hint: didYouMean(name, optionNames(specs)) ?? 'a value that begins with a hyphen goes after "=" or after "--"',
  });

/** Whether a flag is switched on, told before the command is known whose options the other words are. */
export function isFlagOn(words: readonly string[], name: string): boolean {
  const end = words.indexOf('--');
  const last = (end < 0 ? words : words.slice(0, end)).findLast((word) => word === name || word.startsWith(`${name}=`));
  return last === name || last === `${name}=true`;
}
