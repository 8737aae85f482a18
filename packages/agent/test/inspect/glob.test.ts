import { expect, test } from 'vitest';
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
