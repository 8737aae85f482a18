/** Turns the words of a command line into the values that a command's specification promises. */
import { Parser } from 'yargs/helpers';
import { BackupError } from '@backup-agent/core';
import type { ArgumentSpecs } from './define-command.ts';
import { joinValues } from './join-values.ts';
import { kebabCase, optionName, optionsOf } from './option-names.ts';
import type { OptionSpec } from './option-names.ts';
import { parseBytes } from './units.ts';

type Value = string | number | boolean | readonly string[] | undefined;

/** Names, not numbers: `20261120` is the beginning of a snapshot's name. Nothing is guessed, nothing is expanded. */
const PARSER = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
};

/** Throws CONFIG_INVALID, with one sentence, for whatever does not fit `specs`. */
export function parseArguments(words: readonly string[], specs: ArgumentSpecs): Record<string, Value> {
  const namesOf = (...types: readonly OptionSpec['type'][]): string[] =>
    optionsOf(specs).flatMap(([name, spec]) => (types.includes(spec.type) ? [kebabCase(name)] : []));
  const parsed = Parser(joinValues(words, specs), {
    boolean: namesOf('flag'),
    string: namesOf('text', 'list', 'number', 'bytes', 'optional-text'),
    array: namesOf('list'),
    configuration: PARSER,
  });
  const values: Record<string, Value> = {};
  for (const [name, spec] of optionsOf(specs))
    values[name] = readOption(optionName(name), spec, parsed[kebabCase(name)]);
  return { ...values, ...readPositionals(parsed._.map(String), specs) };
}

function readOption(name: string, spec: OptionSpec, given: unknown): Value {
  const all = given === undefined ? [] : Array.isArray(given) ? (given as unknown[]) : [given];
  if (spec.type === 'flag') return all.at(-1) === true;
  const texts = all.map(String);
  return spec.type === 'list' ? texts : readText(name, spec, texts.at(-1));
}

function readText(name: string, spec: OptionSpec, text: string | undefined): Value {
  if (text === undefined) return undefined;
  if (spec.type === 'bytes') return parseBytes(text, name);
  if (spec.type === 'number') {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (number >= spec.min && number <= spec.max) return number;
    throw new BackupError('CONFIG_INVALID', `${name}: "${text}" is not a whole number from ${spec.min} to ${spec.max}`);
  }
  if (spec.type === 'text' && spec.choices !== undefined && !spec.choices.includes(text))
    throw new BackupError('CONFIG_INVALID', `${name}: "${text}" is not one of ${spec.choices.join(', ')}`);
  return text;
}

function readPositionals(words: readonly string[], specs: ArgumentSpecs): Record<string, Value> {
  const left = [...words];
  const values: Record<string, Value> = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.type !== 'positional') continue;
    const isRest = spec.count === 'rest' || spec.count === 'some';
    const taken = isRest ? left.splice(0) : left.splice(0, 1);
    if (taken.length === 0 && (spec.count === 'one' || spec.count === 'some')) throw missingArgument(name, specs);
    values[name] = isRest ? taken : taken[0];
  }
  const [extra] = left;
  if (extra === undefined) return values;
  throw new BackupError('CONFIG_INVALID', `"${extra}" is one argument too many`, {
    hint: 'put quotes around what contains spaces',
  });
}

const missingArgument = (name: string, specs: ArgumentSpecs): BackupError =>
  new BackupError('CONFIG_INVALID', `<${kebabCase(name)}> is missing: ${specs[name]?.describe}`, {
    hint: 'see --help of this command',
  });
