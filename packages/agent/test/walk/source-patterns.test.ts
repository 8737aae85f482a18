import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { resolveSources } from '../../src/walk/source-patterns.ts';
import type { SourceContext } from '../../src/walk/source-patterns.ts';
import { testOnLinux } from '../kit/tools.ts';
import { folder, symlink, temporaryFolder, writeTree } from '../kit/tree.ts';
import type { TreeLiteral } from '../kit/tree.ts';

/** Roots, problems and notes with the top folder called TOP. */
async function resolved(tree: TreeLiteral, sources: readonly string[], context: Partial<SourceContext> = {}) {
  const top = temporaryFolder();
  writeTree(top, tree);
  const named = sources.map((source) => source.replace('TOP', top));
  const result = await resolveSources(named, {
    cwd: `${top}/cwd`,
    home: `${top}/home/me`,
    platform: 'linux',
    ...context,
  });
  return JSON.parse(JSON.stringify(result).replaceAll(top, 'TOP')) as typeof result;
}
const paths = async (...args: Parameters<typeof resolved>): Promise<string[]> =>
  (await resolved(...args)).roots.map(({ path }) => path);

const HOMES = {
  home: {
    ann: { Documents: {}, '.hidden': {} },
    bob: { Documents: {} },
    me: { Documents: {}, 'a[b]': {} },
    'a file': 'x',
  },
  cwd: { sub: {} },
};

test('patterns, the home folder and relative paths become absolute paths', async () => {
  expect(await paths(HOMES, ['TOP/home/*/Documents'])).toEqual([
    'TOP/home/ann/Documents',
    'TOP/home/bob/Documents',
    'TOP/home/me/Documents',
  ]);
  expect(await paths(HOMES, ['TOP/home/{ann,bob}/Documents'])).toHaveLength(2);
  expect(await paths(HOMES, ['~/Documents'])).toEqual(['TOP/home/me/Documents']);
  expect(await paths(HOMES, ['~'])).toEqual(['TOP/home/me']);
  expect(await paths(HOMES, ['~/Doc*'])).toEqual(['TOP/home/me/Documents']);
  expect(await paths(HOMES, ['sub', '.'])).toEqual(['TOP/cwd']);
  expect(await paths(HOMES, ['../home/b*'])).toEqual(['TOP/home/bob']);
  expect(await paths(HOMES, ['TOP/home/a*'])).toEqual(['TOP/home/a file', 'TOP/home/ann']);
  expect(await paths(HOMES, ['TOP/home/ann/*'])).toEqual(['TOP/home/ann/Documents']);
});

test('a name that looks like a pattern and exists is that name', async () => {
  expect(await paths(HOMES, ['~/a[b]'])).toEqual(['TOP/home/me/a[b]']);
  expect(await paths({ cwd: { '*': {}, other: {} } }, ['*'])).toEqual(['TOP/cwd/*']);
});

test('a folder that does not exist stays a root, a pattern that matches nothing is a problem', async () => {
  const result = await resolved(HOMES, ['TOP/usb/Documents', 'TOP/home/*/Pictures', '']);
  expect(result.roots).toEqual([{ path: 'TOP/usb/Documents', label: 'Documents' }]);
  expect(result.problems).toEqual([
    { source: 'TOP/home/*/Pictures', message: 'the pattern TOP/home/*/Pictures matches nothing' },
    { source: '', message: 'a source is empty; name a folder' },
  ]);
});

test('equal roots and roots within others are merged, with a note', async () => {
  const result = await resolved(HOMES, [
    'TOP/home',
    '~/Documents',
    'TOP/home/',
    'TOP/home/ann/../bob',
    'TOP/home/me/none',
  ]);
  expect(result.roots).toEqual([{ path: 'TOP/home', label: 'home' }]);
  expect(result.notes).toEqual([
    'TOP/home/bob is backed up as part of TOP/home',
    'TOP/home/me/Documents is backed up as part of TOP/home',
  ]);
  expect(result.problems).toEqual([{ source: 'TOP/home/me/none', message: 'TOP/home/me/none does not exist' }]);
});

test('a name that only begins like a root is no part of it', async () => {
  expect(await paths({ a: {}, ab: {}, 'a-': {} }, ['TOP/a', 'TOP/ab', 'TOP/a-'])).toEqual([
    'TOP/a',
    'TOP/a-',
    'TOP/ab',
  ]);
});

testOnLinux('a symlink and the folder it leads to are one root, known by its real path', async () => {
  const tree = { data: { docs: { sub: {} } }, link: symlink('data/docs'), dangling: symlink('nowhere') };
  const result = await resolved(tree, ['TOP/link', 'TOP/data/docs', 'TOP/link/sub', 'TOP/dangling']);
  expect(result.roots.map(({ path }) => path)).toEqual(['TOP/dangling', 'TOP/data/docs']);
  expect(result.notes).toHaveLength(2);
  expect(await paths(tree, ['TOP/link'])).toEqual(['TOP/link']);
  expect(await paths(tree, ['TOP/l*/s*'])).toEqual(['TOP/link/sub']);
});

testOnLinux('what the outer root would not walk stays a root of its own', async () => {
  expect(
    await paths(HOMES, ['TOP/home', 'TOP/home/ann/.hidden'], { isLeftOut: (_, path) => path === 'ann/.hidden' }),
  ).toEqual(['TOP/home', 'TOP/home/ann/.hidden']);
  if (!fs.existsSync('/dev/shm')) return;
  const context = { cwd: '/', home: '/root', platform: 'linux' } as const;
  const both = ['/dev', '/dev/shm'];
  expect((await resolveSources(both, context)).roots).toHaveLength(2);
  expect((await resolveSources(both, { ...context, oneFileSystem: false })).roots).toEqual([
    { path: '/dev', label: 'dev' },
  ]);
});

test('roots are sorted by bytes, and labels are unique also where case does not count', async () => {
  const tree = { b: { Docs: {} }, a: { docs: {}, 'docs~2': {} }, 'a!': { docs: {} }, ä: { docs: {} } };
  const result = await resolved(tree, ['TOP/ä/docs', 'TOP/b/Docs', 'TOP/a/docs', 'TOP/a/docs~2', 'TOP/a!/docs']);
  expect(result.roots).toEqual([
    { path: 'TOP/a/docs', label: 'docs' },
    { path: 'TOP/a/docs~2', label: 'docs~2' },
    { path: 'TOP/a!/docs', label: 'docs~3' },
    { path: 'TOP/b/Docs', label: 'Docs~4' },
    { path: 'TOP/ä/docs', label: 'docs~5' },
  ]);
});

testOnLinux('the whole disk has a label', async () => {
  const { roots } = await resolveSources(['/'], { cwd: '/', home: '/root', platform: 'linux' });
  expect(roots).toEqual([{ path: '/', label: 'root' }]);
});

testOnLinux('a name that is not UTF-8 can be named, and a pattern that meets it says so', async () => {
  const tree = { cwd: { 'caf\udce9': {}, ok: {} } };
  expect(await paths(tree, ['caf\udce9'])).toEqual(['TOP/cwd/caf\udce9']);
  const result = await resolved(tree, ['*']);
  expect(result.roots.map(({ path }) => path)).toEqual(['TOP/cwd/ok']);
  expect(result.problems[0]?.message).toContain('has a name that is not UTF-8');
});

const asRoot = process.getuid?.() === 0;
(asRoot ? test.skip : test)(
  `a folder in which a pattern cannot be looked for is told${asRoot ? ' (skipped: needs a user whom permissions bind)' : ''}`,
  async () => {
    const tree = { home: { ann: folder({ Documents: {} }, { mode: 0o000 }), bob: { Documents: {} } } };
    const result = await resolved(tree, ['TOP/home/*/Doc*']);
    expect(result.roots.map(({ path }) => path)).toEqual(['TOP/home/bob/Documents']);
    expect(result.problems).toEqual([
      { source: 'TOP/home/*/Doc*', message: 'cannot look for TOP/home/*/Doc* in TOP/home/ann: permission denied' },
    ]);
  },
);
