import { expect, test } from 'vitest';
import type { ArgumentSpecs } from '../../src/cli/define-command.ts';
import { isFlagOn } from '../../src/cli/join-values.ts';
import { parseArguments } from '../../src/cli/parse-arguments.ts';

const SPECS = {
  folders: { type: 'positional', count: 'rest', describe: 'folders' },
  exclude: { type: 'list', value: 'pattern', describe: 'leaves out' },
  filesFrom: { type: 'text', value: 'file', describe: 'names folders' },
  readData: { type: 'optional-text', value: 'part', describe: 'reads' },
  json: { type: 'flag', describe: 'prints JSON' },
} as const satisfies ArgumentSpecs;

const NOTHING = { folders: [], exclude: [], filesFrom: undefined, readData: undefined, json: false };

test.each<[string, readonly string[], object]>([
  ['a hyphen alone is a value', ['--files-from', '-', 'src'], { filesFrom: '-', folders: ['src'] }],
  ['a hyphen alone is an argument', ['-'], { folders: ['-'] }],
  ['values add up', ['--exclude', 'a', '--exclude=b', 'src'], { exclude: ['a', 'b'], folders: ['src'] }],
  ['a value that begins with a hyphen goes after "="', ['--exclude=--json'], { exclude: ['--json'] }],
  ['a value may hold "=" and line breaks', ['--exclude', 'a=b\nc'], { exclude: ['a=b\nc'] }],
  ['quotes belong to the value', [`--exclude='x'`, '--exclude', '"'], { exclude: [`'x'`, '"'] }],
  ['quotes of a single value, too', ['--files-from', '"list"'], { filesFrom: '"list"' }],
  ['digits stay as they are', ['--files-from', '007', '1e3'], { filesFrom: '007', folders: ['1e3'] }],
  ['what follows "--" are arguments', ['--', '--exclude', '--read-data'], { folders: ['--exclude', '--read-data'] }],
  ['an optional value needs "="', ['--read-data', '5%'], { readData: '', folders: ['5%'] }],
  ['an optional value', ['--read-data=5%'], { readData: '5%' }],
  ['a flag takes no word that follows', ['--json', 'false'], { json: true, folders: ['false'] }],
  ['a flag may be spelled out', ['--json=true'], { json: true }],
  ['the last flag counts', ['--json', '--json=false'], { json: false }],
])('%s', (_, words, expected) => expect(parseArguments(words, SPECS)).toEqual({ ...NOTHING, ...expected }));

test.each<[string, readonly string[], string]>([
  ['a list option at the end', ['src', '--exclude'], '--exclude needs a value'],
  ['a list option before another option', ['src', '--exclude', '--json'], '--exclude needs a value'],
  ['an option before "--"', ['--files-from', '--', 'src'], '--files-from needs a value'],
  ['an empty value', ['--exclude='], '--exclude needs a value'],
  ['an empty word', ['--exclude', ''], '--exclude needs a value'],
  ['an unknown option', ['--exclud=x'], 'there is no option --exclud'],
  ['a flag with another value', ['--json=1'], '--json takes no value but true or false'],
])('%s is refused', (_, words, message) => {
  expect(() => parseArguments(words, SPECS)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
});

test.each<[readonly string[], boolean]>([
  [['status', '--json'], true],
  [['status', '--json=true'], true],
  [['status', '--json', '--json=false'], false],
  [['run', '--', '--json'], false],
  [['status', '--json-lines'], false],
])('%j asks for JSON: %s', (words, expected) => expect(isFlagOn(words, '--json')).toBe(expected));
