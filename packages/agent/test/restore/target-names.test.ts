import { expect, test } from 'vitest';
import { nameFor } from '../../src/restore/target-names.ts';

const LINUX = { foldsCase: false, windows: false };
const MACOS = { foldsCase: true, windows: false };
const WINDOWS = { foldsCase: true, windows: true };

test.each([
  ['anything stays where anything is allowed', LINUX, ['CON', 'a', 'A', 'a:b', 'x. '], ['CON', 'a', 'A', 'a:b', 'x. ']],
  ['names that differ in case', MACOS, ['Read.me', 'READ.ME', 'read.me'], ['Read.me', 'READ~2.ME', 'read~3.me']],
  ['two forms of one letter', MACOS, ['\u00e9', 'e\u0301'], ['\u00e9', 'e\u0301~2']],
  ['a name that is taken by a changed one', MACOS, ['a', 'a~2', 'A'], ['a', 'a~2', 'A~3']],
  [
    'names of devices',
    WINDOWS,
    ['con', 'AUX.txt', 'com1.tar.gz', 'console', '.con'],
    ['con~2', 'AUX~2.txt', 'com1~2.tar.gz', 'console', '.con'],
  ],
  ['characters', WINDOWS, ['a:b', 'q?.txt', 'back\\slash', 'tab\t'], ['a_b~2', 'q_~2.txt', 'back_slash~2', 'tab_~2']],
  ['endings', WINDOWS, ['x.', 'x ', 'x. .'], ['x_~2', 'x_~3', 'x___~2']],
])('%s', (_, rules, names, expected) => {
  const taken = new Set<string>();
  expect(names.map((name) => nameFor(name, taken, rules))).toEqual(expected);
});
