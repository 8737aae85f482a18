import { expect, test } from 'vitest';
import { explainExclusion } from '../../../src/walk/excludes/explain.ts';
import { testOnLinux } from '../../kit/tools.ts';
import { fifo, folder, sparse, symlink, temporaryFolder, writeTree } from '../../kit/tree.ts';
import type { TreeLiteral } from '../../kit/tree.ts';
import { walked, walkOptions } from '../walked.ts';
import type { WalkChoice } from '../walked.ts';

async function walkTree(tree: TreeLiteral, choice: WalkChoice = {}): Promise<string[]> {
  const top = temporaryFolder();
  writeTree(top, tree);
  return walked(top, choice);
}

const TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# made by a program';

test('what a pattern leaves out is counted, a folder once', async () => {
  const tree = { 'a.iso': '', sub: { 'b.iso': '', c: '' }, drafts: { d: '', e: '' } };
  expect(await walkTree(tree, { exclude: ['*.iso', 'drafts/'] })).toEqual([
    '/',
    'sub/',
    'sub/c',
    '2 by --exclude "*.iso"',
    '1 by --exclude "drafts/"',
  ]);
});

test('each single one is told on request', async () => {
  const tree = { 'a.iso': '', sub: { 'b.iso': '' } };
  expect(await walkTree(tree, { exclude: ['*.iso'], tellExcluded: true })).toEqual([
    '/',
    'a.iso: excluded by --exclude "*.iso"',
    'sub/',
    'sub/b.iso: excluded by --exclude "*.iso"',
    '2 by --exclude "*.iso"',
  ]);
});

test('a .backupignore applies below its folder only; a deeper one is stronger, the command line strongest', async () => {
  const tree = {
    '.backupignore': '*.log\nbuild/\n',
    'a.log': '',
    sub: { '.backupignore': '!keep.log\n!build/\n/only here\n', 'keep.log': '', 'x.log': '', build: { out: '' } },
    'only here': '',
    other: { 'keep.log': '', build: { out: '' }, 'never.txt': '' },
  };
  const kept = await walkTree(
    { ...tree, sub: { ...tree.sub, 'only here': '' } },
    { exclude: ['never*', '!other/keep.log'] },
  );
  expect(kept.filter((item) => !item.includes(' by '))).toEqual([
    '/',
    '.backupignore',
    'only here',
    'other/',
    'other/keep.log',
    'sub/',
    'sub/.backupignore',
    'sub/build/',
    'sub/build/out',
    'sub/keep.log',
  ]);
  expect(kept.filter((item) => item.includes(' by '))).toEqual([
    '2 by .backupignore:1 "*.log"',
    '1 by .backupignore:2 "build/"',
    '1 by --exclude "never*"',
    '1 by sub/.backupignore:3 "/only here"',
  ]);
});

testOnLinux('a .backupignore that is no readable file is told, and everything is kept', async () => {
  const tree = { a: { '.backupignore': fifo(), x: '' }, b: { '.backupignore': symlink('../c'), x: '' }, c: 'x' };
  expect(await walkTree(tree)).toEqual([
    '/',
    'a/',
    'a/.backupignore: not obeyed, not a regular file',
    'a/.backupignore|',
    'a/x',
    'b/',
    'b/.backupignore: not obeyed, not a regular file',
    'b/.backupignore -> ../c',
    'b/x',
    'c',
  ]);
  expect(await walkTree({ '.backupignore': sparse(2_000_000), x: '' })).toEqual([
    '/',
    '.backupignore: not obeyed, larger than 1 MiB',
    '.backupignore',
    'x',
  ]);
});

test('of a marked folder itself and the marker are kept', async () => {
  const tree = {
    cache: { 'CACHEDIR.TAG': TAG, a: '', b: { c: '' } },
    false: { 'CACHEDIR.TAG': 'Signature: something else', a: '' },
    short: { 'CACHEDIR.TAG': '', a: '' },
    private: { '.nobackup': '', a: '' },
  };
  const choice = { excludes: { ifPresent: ['.nobackup'] } };
  expect(await walkTree(tree, choice)).toEqual([
    '/',
    'cache/',
    'cache/CACHEDIR.TAG',
    'false/',
    'false/CACHEDIR.TAG',
    'false/a',
    'private/',
    'private/.nobackup',
    'short/',
    'short/CACHEDIR.TAG',
    'short/a',
    '2 by CACHEDIR.TAG',
    '1 by --exclude-if-present .nobackup',
  ]);
  expect(await walkTree({ 'CACHEDIR.TAG': TAG, a: '' })).toEqual([
    '/',
    ': excluded by CACHEDIR.TAG',
    'CACHEDIR.TAG',
    '1 by CACHEDIR.TAG',
  ]);
  expect(await walkTree({ 'CACHEDIR.TAG': TAG, a: '' }, { excludes: { cacheTags: false } })).toEqual([
    '/',
    'CACHEDIR.TAG',
    'a',
  ]);
});

testOnLinux('a tag that is a symlink or a folder marks nothing', async () => {
  const tree = {
    real: TAG,
    a: { 'CACHEDIR.TAG': symlink('../real'), x: '' },
    b: { 'CACHEDIR.TAG': folder({}), x: '' },
  };
  const items = await walkTree(tree);
  expect(items).toContain('a/x');
  expect(items).toContain('b/x');
});

test('files over the limit are left out, folders are not', async () => {
  const tree = { small: 'x'.repeat(10), large: 'x'.repeat(11), folder: {} };
  expect(await walkTree(tree, { excludes: { largerThanBytes: 10 } })).toEqual([
    '/',
    'folder/',
    'small',
    '1 by --exclude-larger-than 10',
  ]);
});

test('defaults are one switch, and a negated pattern takes one back in', async () => {
  const tree = { '.DS_Store': '', 'Thumbs.db': '', '.Trash-1000': { a: '' } };
  expect(await walkTree(tree, { exclude: ['!Thumbs.db'] })).toEqual([
    '/',
    'Thumbs.db',
    '1 by default: view settings of the Finder',
    '1 by default: trash',
  ]);
  expect(await walkTree(tree, { excludes: { defaults: false } })).toHaveLength(5);
});

test('the root is walked whatever its name is', async () => {
  const top = temporaryFolder();
  writeTree(top, { '.Trash-1000': { a: '' } });
  expect(await walked(`${top}/.Trash-1000`, { exclude: ['.Trash-1000'] })).toEqual(['/', 'a']);
});

test('an absolute pattern means that place', async () => {
  const top = temporaryFolder();
  writeTree(top, { a: { x: '' }, b: { a: { x: '' } } });
  expect(await walked(top, { exclude: [`${top}/a`] })).toEqual([
    '/',
    'b/',
    'b/a/',
    'b/a/x',
    `1 by --exclude "${top}/a"`,
  ]);
});

testOnLinux('awkward names pass the patterns', async () => {
  const tree = { 'a\nb': '', 'caf\udce9': { x: '' }, '..x': '', '...': '', '\\': { y: '' }, '!a': '', '#b': '' };
  expect(await walkTree(tree, { exclude: ['*\n*', 'x', '\\!a'] })).toEqual([
    '/',
    '#b',
    '...',
    '..x',
    '\\/',
    '\\/y',
    'caf\udce9/',
    '1 by --exclude "\\\\!a"',
    '1 by --exclude "*\\n*"',
    '1 by --exclude "x"',
  ]);
});

test('why a path is left out can be told', () => {
  const top = temporaryFolder();
  writeTree(top, {
    '.backupignore': 'drafts/\n',
    sub: { drafts: { deep: { x: '' } }, 'CACHEDIR.TAG': TAG, a: '' },
    cache: { 'CACHEDIR.TAG': TAG, a: { b: '' } },
    'Thumbs.db': '',
    'large.bin': 'x'.repeat(20),
    ok: '',
  });
  const { excludes } = walkOptions({ exclude: ['*.iso'], excludes: { largerThanBytes: 10 } });
  const why = (path: string): string | undefined => {
    const found = explainExclusion(top, path, excludes);
    return found === undefined ? undefined : `${found.at}: ${found.rule.name}`;
  };
  expect(why('drafts')).toBeUndefined(); // There is no such folder, and the rule is for folders.
  expect(why('sub/drafts/deep/x')).toBe('sub: CACHEDIR.TAG');
  expect(why('cache/a/b')).toBe('cache: CACHEDIR.TAG');
  expect(why('cache/CACHEDIR.TAG')).toBe('cache/CACHEDIR.TAG: --exclude-larger-than 10');
  expect(why('cache')).toBeUndefined();
  expect(why('Thumbs.db')).toBe('Thumbs.db: default: thumbnails');
  expect(why('large.bin')).toBe('large.bin: --exclude-larger-than 10');
  expect(why('missing.iso')).toBe('missing.iso: --exclude "*.iso"');
  expect(why('ok')).toBeUndefined();
  expect(why('')).toBeUndefined();
});
