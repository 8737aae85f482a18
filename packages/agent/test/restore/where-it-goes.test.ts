import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import type { EntrySpec } from '@backup-agent/core/test-kit';
import { listTree } from '../kit/read-tree.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder } from '../kit/tree.ts';

const TWO_ROOTS = [
  { path: '/home/ann', label: 'ann', state: 'walked' },
  { path: '/srv/shared', label: 'shared', state: 'walked' },
] as const;

const entries = (root = 0): EntrySpec[] => [
  { root, path: '' },
  { root, path: 'letters', mode: 0o750 },
  { root, path: 'letters/a.txt', content: `a of ${root}` },
  { root, path: 'letters/old' },
  { root, path: 'letters/old/b.txt', content: `b of ${root}` },
  { root, path: 'letters.txt', content: 'beside' },
  { root, path: 'notes.md', content: `notes of ${root}` },
];

async function restored(roots: 1 | 2, options: Parameters<typeof restoreInto>[2] = {}): Promise<string[]> {
  const builder = new RepositoryBuilder();
  if (roots === 1) await builder.snapshot(entries());
  else await builder.snapshot([...entries(0), ...entries(1)], { roots: [...TWO_ROOTS] });
  const target = temporaryFolder();
  const done = await restoreInto(builder.repository, target, options);
  expect(problemsOf(done)).toEqual({});
  return listTree(target)
    .slice(1)
    .filter((name) => !fs.statSync(`${target}/${name}`).isDirectory());
}

test.each<[string, 1 | 2, readonly string[], readonly string[]]>([
  ['the contents of the only root', 1, [], ['letters/a.txt', 'letters/old/b.txt', 'letters.txt', 'notes.md']],
  ['the contents of one folder', 1, ['letters'], ['a.txt', 'old/b.txt']],
  ['one file', 1, ['letters/old/b.txt'], ['b.txt']],
  ['a path as it was on its machine', 1, ['/home/ann/letters/old/'], ['b.txt']],
  ['the root by its own path', 1, ['/home/ann'], ['letters/a.txt', 'letters/old/b.txt', 'letters.txt', 'notes.md']],
  ['several paths, each below its folders', 1, ['notes.md', 'letters/old'], ['letters/old/b.txt', 'notes.md']],
  [
    'paths within each other, once',
    1,
    ['letters/old', 'letters', './letters//old/b.txt'],
    ['letters/a.txt', 'letters/old/b.txt'],
  ],
  [
    'several roots, each in a folder of its own',
    2,
    [],
    [
      ...['letters/a.txt', 'letters/old/b.txt', 'letters.txt', 'notes.md'].map((name) => `ann/${name}`),
      ...['letters/a.txt', 'letters/old/b.txt', 'letters.txt', 'notes.md'].map((name) => `shared/${name}`),
    ],
  ],
  ['one path of one of several roots', 2, ['/srv/shared/letters/old'], ['b.txt']],
  ['a path that several roots have', 2, ['notes.md'], ['ann/notes.md', 'shared/notes.md']],
])('%s', async (_, roots, paths, expected) => expect(await restored(roots, { paths })).toEqual(expected));

const FILE_ROOT = { path: '/home/ann/letter.txt', label: 'letter.txt', state: 'walked' } as const;

test.each([
  ['alone', [], ['letter.txt']],
  ['alone, asked for', ['/home/ann/letter.txt'], ['letter.txt']],
])('a root that is a file goes into the target under its label: %s', async (_, paths, expected) => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([{ path: '', content: 'dear' }], { roots: [FILE_ROOT] });
  const target = `${temporaryFolder()}/new`;
  const done = await restoreInto(builder.repository, target, { paths });
  expect(problemsOf(done)).toEqual({});
  expect(listTree(target).slice(1)).toEqual(expected);
  expect(fs.readFileSync(`${target}/letter.txt`, 'utf8')).toBe('dear');
});

test('a root that is a file goes into the target under its label: beside a folder', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([...entries(), { root: 1, path: '', content: 'dear' }], { roots: [TWO_ROOTS[0], FILE_ROOT] });
  const target = temporaryFolder();
  expect(problemsOf(await restoreInto(builder.repository, target))).toEqual({});
  expect(fs.readFileSync(`${target}/letter.txt`, 'utf8')).toBe('dear');
  expect(fs.readFileSync(`${target}/ann/notes.md`, 'utf8')).toBe('notes of 0');
});

test.each<[string, { include?: string[]; exclude?: string[] }, readonly string[]]>([
  ['what a pattern names', { include: ['*.md'] }, ['notes.md']],
  ['all that lies in a folder that a pattern names', { include: ['/letters'] }, ['letters/a.txt', 'letters/old/b.txt']],
  ['all but what a pattern names', { exclude: ['old/', '*.md'] }, ['letters/a.txt', 'letters.txt']],
  ['both', { include: ['letters'], exclude: ['b.*'] }, ['letters/a.txt']],
])('patterns leave %s', async (_, patterns, expected) => expect(await restored(1, patterns)).toEqual(expected));

test('with patterns only the folders that are needed are made, with their modes', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([...entries(), { path: 'unneeded' }]);
  const target = temporaryFolder();
  await restoreInto(builder.repository, target, { include: ['a.txt'] });
  expect(listTree(target)).toEqual(['', 'letters', 'letters/a.txt']);
  expect(fs.statSync(`${target}/letters`).mode & 0o777).toBe(0o750);
});

test('folders above several paths asked for get their own modes', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot(entries());
  const target = temporaryFolder();
  await restoreInto(builder.repository, target, { paths: ['letters/a.txt', 'notes.md'] });
  expect(fs.statSync(`${target}/letters`).mode & 0o777).toBe(0o750);
});

test.each([
  ['a path that is not there', ['letters/c.txt'], /"letters\/c\.txt" is not in this snapshot/],
  ['a path outside', ['/home/bob'], /outside everything this snapshot holds/],
  ['a path that leads out', ['letters/../../bob'], /outside everything/],
])('%s is one clear sentence, and nothing is made', async (_, paths, message) => {
  const builder = new RepositoryBuilder();
  await builder.snapshot(entries());
  const target = path.join(temporaryFolder(), 'restored');
  await expect(restoreInto(builder.repository, target, { paths })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(message) as string,
  });
  expect(fs.existsSync(target)).toBe(false);
});

test('nothing is restored into the repository, however its folder is reached', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot(entries());
  const [repositoryFolder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  fs.symlinkSync(repositoryFolder, `${elsewhere}/link`);
  for (const target of [repositoryFolder, `${repositoryFolder}/new/folder`, `${elsewhere}/link/new`]) {
    await expect(restoreInto(builder.repository, target, { deps: { repositoryFolder } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('lies in the repository') as string,
    });
  }
  expect(fs.readdirSync(repositoryFolder)).toEqual([]);
  fs.mkdirSync(`${elsewhere}/backup`);
  await restoreInto(builder.repository, elsewhere, { deps: { repositoryFolder: `${elsewhere}/backup` } });
});

test('a target that is a file is refused', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot(entries());
  const target = `${temporaryFolder()}/file`;
  fs.writeFileSync(target, 'mine');
  await expect(restoreInto(builder.repository, target)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('names that the system cannot have are changed and told; what lies in such folders goes with them', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([
    { path: '' },
    { path: 'CON.txt', content: 'device' },
    { path: 'a:b' },
    { path: 'a:b/c?', content: 'x' },
    { path: 'fine', content: 'y' },
  ]);
  const target = temporaryFolder();
  const windows = { platform: 'win32', uid: undefined, gid: undefined, groups: [] } as const;
  const { result } = await restoreInto(builder.repository, target, { deps: { system: windows } });
  expect(listTree(target)).toEqual(['', 'CON~2.txt', 'a_b~2', 'a_b~2/c_~2', 'fine']);
  expect(result).toMatchObject({ outcome: 'complete' });
  expect(result.renamed).toEqual([
    { path: 'CON.txt', as: 'CON~2.txt' },
    { path: 'a:b', as: 'a_b~2' },
    { path: 'a_b~2/c?', as: 'a_b~2/c_~2' },
  ]);
});

test.each(['a folder', 'S3'])('a target below a file is one sentence (repository in %s)', async (place) => {
  const repositoryFolder = place === 'S3' ? undefined : temporaryFolder();
  const builder = new RepositoryBuilder();
  await builder.snapshot(entries());
  const file = path.join(temporaryFolder(), 'file');
  fs.writeFileSync(file, '');
  for (const target of [`${file}/x`, `${file}/x/y`])
    await expect(restoreInto(builder.repository, target, { deps: { repositoryFolder } })).rejects.toMatchObject({
      code: 'FAILED',
      message: expect.stringMatching(/^cannot make .*file\/x/) as string,
    });
});
