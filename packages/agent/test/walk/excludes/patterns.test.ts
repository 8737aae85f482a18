import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makePatternScope } from '../../../src/walk/excludes/pattern-scope.ts';
import {
  patternBelow,
  patternForRoot,
  patternsOfFile,
  patternsOfOptions,
  readPatternFile,
} from '../../../src/walk/excludes/patterns.ts';
import { pathToBytes } from '@backup-agent/core';
import { temporaryFolder, writeTree } from '../../kit/tree.ts';

/** Which of these paths (folders end in a slash) the lines of a `.backupignore` in `folder` exclude. */
function excluded(lines: readonly string[], paths: readonly string[], folder = ''): string[] {
  const scope = makePatternScope([], false).extend(folder, patternsOfFile(Buffer.from(lines.join('\n')), 'file'));
  const within = folder === '' ? '' : `${folder}/`;
  return paths.filter((path) => {
    const decision = scope.decide(within + path.replace(/\/$/, ''), path.endsWith('/'));
    return decision !== undefined && decision !== 'included';
  });
}

const ROWS: readonly [string, string[], string[], string[]][] = [
  ['a name counts at any depth', ['*.iso'], ['a.iso', 'b/c/a.iso', 'a.iso.txt'], ['a.iso', 'b/c/a.iso']],
  ['a slash at the end means folders', ['tmp/'], ['tmp/', 'tmp', 'a/tmp/'], ['tmp/', 'a/tmp/']],
  ['a slash before binds to the place', ['/tmp'], ['tmp', 'a/tmp'], ['tmp']],
  ['a slash in the middle binds too', ['a/tmp'], ['a/tmp', 'b/a/tmp'], ['a/tmp']],
  ['two stars span folders', ['a/**/x'], ['a/x', 'a/b/c/x', 'x'], ['a/x', 'a/b/c/x']],
  ['the last match decides', ['*.txt', '!keep.txt'], ['a.txt', 'keep.txt'], ['a.txt']],
  ['comments and empty lines say nothing', ['# a', '', '   ', 'a'], ['a', '# a', '   '], ['a']],
  ['a backslash takes the meaning away', ['\\#a', '\\!b', 'c\\*'], ['#a', '!b', 'c*', 'cd'], ['#a', '!b', 'c*']],
  ['spaces at the end do not count unless escaped', ['a  ', 'b\\ '], ['a', 'b ', 'b'], ['a', 'b ']],
  ['a newline is a character of a name', ['a*b', 'c?d'], ['a\nb', 'c\nd', 'x\ny'], ['a\nb', 'c\nd']],
  ['odd names are names', ['..x', '...'], ['..x', '...', '....'], ['..x', '...']],
  ['a lone slash matches nothing', ['/', '!/'], ['a', 'a/'], []],
  ['case counts', ['A'], ['a', 'A'], ['A']],
];

describe('patterns of a file', () => {
  test.each(ROWS)('%s', (_, lines, paths, expected) => expect(excluded(lines, paths)).toEqual(expected));
  test.each(ROWS)('in a folder: %s', (_, lines, paths, expected) =>
    expect(excluded(lines, paths, 'some/[o]dd *folder!\n# ')).toEqual(expected),
  );

  test('one line of a wrong byte order, a byte order mark, and bytes that are no UTF-8 are read', () => {
    expect(patternsOfFile(Buffer.from('\uFEFFa\r\nb\r\n'), 'f').map(({ pattern }) => pattern)).toEqual(['a', 'b']);
    expect(patternsOfFile(Buffer.from('\uFEFFä\r\nb', 'utf16le'), 'f').map(({ pattern }) => pattern)).toEqual([
      'ä',
      'b',
    ]);
    const raw = patternsOfFile(pathToBytes('caf\udce9*'), 'f');
    expect(makePatternScope(raw, false).decide('x/caf\udce9.txt', false)).toMatchObject({ name: 'f:1 "caf\\udce9*"' });
  });

  test('rules are named by file and line', () => {
    expect(patternsOfFile(Buffer.from('# x\n\n*.iso'), 'a/.backupignore')).toEqual([
      { pattern: '*.iso', rule: 'a/.backupignore:3 "*.iso"' },
    ]);
  });
});

test('any folder name, put before a pattern, stands for itself alone', () => {
  const name = fc
    .array(
      fc.constantFrom(
        'a',
        '*',
        '?',
        '[',
        ']',
        '!',
        '#',
        '\\',
        ' ',
        '\n',
        '\t',
        '{',
        '(',
        '+',
        '^',
        '$',
        '.',
        'ä',
        '\udce9',
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((parts) => parts.join(''))
    .filter((text) => text !== '.' && text !== '..');
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), name, (folders, other) => {
      const folder = folders.join('/');
      const scope = makePatternScope([], false).extend(folder, [{ pattern: 'x', rule: 'r' }]);
      expect(scope.decide(`${folder}/x`, false)).toMatchObject({ name: 'r' });
      expect(scope.decide(`${folder}/sub/x`, false)).toMatchObject({ name: 'r' });
      if (other !== folders[0]) expect(scope.decide(`${other}/x`, false)).toBeUndefined();
      expect(scope.decide('x', false)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('no pattern and no name makes it throw', () => {
  const part = fc.constantFrom(
    '*',
    '**',
    '/',
    '[',
    ']',
    '!',
    '\\',
    '#',
    '..',
    '.',
    'a',
    '\n',
    '\udcff',
    '\ud800',
    '{',
    '(',
    '$',
    '?',
    ' ',
  );
  const text = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, fc.boolean(), (pattern, name, isFolder) => {
      const path = name.replaceAll('/', '_');
      const scope = makePatternScope([{ pattern, rule: 'r' }], true).extend('sub', [{ pattern, rule: 's' }]);
      scope.decide(path, isFolder);
      scope.decide(`sub/${path}`, isFolder);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['an absolute path in the root', '/home/me/Documents/tmp', '/tmp'],
  ['with a pattern on the way', '/home/*/Documents/*.iso', '/*.iso'],
  ['with any depth on the way', '/home/**/tmp', '/**/tmp'],
  ['taken back in', '!/home/me/Documents/tmp/', '!/tmp/'],
  ['from the home folder', '~/Documents/drafts/', '/drafts/'],
  ['elsewhere stays, and binds to the root', '/tmp', '/tmp'],
  ['of another user stays', '/home/you/Documents/tmp', '/home/you/Documents/tmp'],
  ['the root itself stays', '/home/me/Documents', '/home/me/Documents'],
  ['above the root stays', '/home/me', '/home/me'],
  ['a relative one stays', 'home/me/Documents/tmp', 'home/me/Documents/tmp'],
])('a pattern with an absolute path: %s', (_, pattern, expected) => {
  expect(patternForRoot(pattern, '/home/me/Documents', '/home/me', false)).toBe(expected);
});

test('a path of Windows is one of a pattern too', () => {
  const [given] = patternsOfOptions(['C:\\Users\\Me\\Documents\\old\\']);
  expect(patternForRoot(given?.pattern ?? '', 'C:\\Users\\me\\Documents', 'C:\\Users\\me', true)).toBe('/old/');
});

test('a pattern below a folder names the folder', () => {
  expect(patternBelow('a b/c', '!*.x')).toBe('!/a\\ b/c/**/*.x');
  expect(patternBelow('a', '/x')).toBe('/a/x');
  expect(patternBelow('a', 'x/y ')).toBe('/a/x/y ');
  expect(patternBelow('', 'x')).toBe('x');
});

test('given one by one, a number sign is itself, and what can match nothing is refused', () => {
  expect(patternsOfOptions(['#recycle'])).toEqual([{ pattern: '\\#recycle', rule: '--exclude "#recycle"' }]);
  for (const useless of ['', ' ', '!', 'a\\'])
    expect(() => patternsOfOptions([useless])).toThrow(`--exclude "${useless}" can match nothing`);
});

test('an exclude file that is missing is a mistake of the configuration', () => {
  const top = temporaryFolder();
  writeTree(top, { list: '*.iso\n' });
  expect(readPatternFile(`${top}/list`)).toEqual([{ pattern: '*.iso', rule: `${top}/list:1 "*.iso"` }]);
  expect(() => readPatternFile(`${top}/none`)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
