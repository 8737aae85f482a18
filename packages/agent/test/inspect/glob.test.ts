import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBackupError } from '@backup-agent/core';
import { globMatcher } from '../../src/inspect/glob.ts';

const PATHS = [
  '/home/ann/a.txt',
  '/home/ann/docs/A.TXT',
  '/home/ann/docs/b{1}.pdf',
  '/home/ann/docs/[x].md',
  '/home/ann/docs',
];
const matching = (pattern: string, ignoreCase = false) => PATHS.filter(globMatcher(pattern, { ignoreCase }));

test.each<[string, readonly number[]]>([
  ['a.txt', [0]],
  ['*.txt', [0]],
  ['?.txt', [0]],
  ['*', [0, 1, 2, 3, 4]],
  ['[a-c]*', [0, 2]],
  ['[!a-c]*', [1, 3, 4]],
  ['*.{txt,pdf}', [0, 2]],
  ['b{1}.pdf', []],
  ['b[{]1}.pdf', [2]],
  ['[[]x].md', [3]],
  ['[x.md', []],
  ['docs/*', [1, 2, 3]],
  ['ann/*', [0, 4]],
  ['ann/**', [0, 1, 2, 3, 4]],
  ['**/*.pdf', [2]],
  ['/home/**/*.txt', [0]],
  ['/docs/*', []],
  ['/home/ann/docs', [4]],
  ['ocs/*', []],
  ['a.t.t', []],
])('%s', (pattern, expected) => expect(matching(pattern)).toEqual(expected.map((i) => PATHS[i])));

test('case counts unless it is to be ignored', () => {
  expect(matching('*.txt', true)).toEqual([PATHS[0], PATHS[1]]);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['[~]*', ['~draft'], ['draft']],
  ['[a&b]', ['a', '&', 'b'], ['c', 'a&b']],
  ['[&&]', ['&'], ['a']],
  ['[|^]', ['|', '^'], ['a', '\\']],
  ['[^a]', ['^', 'a'], ['b']],
  ['[\\-a]', ['\\', 'a', ']'], ['-', 'b']],
  ['[a-]', ['a', '-'], ['b']],
  ['[--0]', ['-', '.', '0'], ['1']],
  ['{a,[}]}', ['a', '}'], ['[}]']],
  ['{a[b}c]', ['{ab', '{a}'], ['ab']],
])('%s fits %j, not %j', (pattern, fitting, others) => {
  const fits = globMatcher(pattern, { ignoreCase: false });
  expect([...fitting, ...others].filter(fits)).toEqual(fitting);
});

test('a range that ends before it begins is told', () => {
  expect(() => globMatcher('x[z-a]', { ignoreCase: false })).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: 'the pattern "[z-a]" has a range that ends before it begins: z-a',
    }),
  );
});

test('whatever the pattern, it is one, or one sentence says why not', () => {
  const character = fc.constantFrom(...Array.from('[]{}!^-&~|,*?/\\()$.+#az09 é\u{1f600}'));
  fc.assert(
    fc.property(fc.array(character, { maxLength: 12 }), fc.boolean(), (characters, ignoreCase) => {
      try {
        globMatcher(characters.join(''), { ignoreCase })('/home/ann/a.txt');
      } catch (error) {
        if (!isBackupError(error, 'CONFIG_INVALID')) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
