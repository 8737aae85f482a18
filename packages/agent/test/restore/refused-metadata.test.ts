/** What a file system refuses of a file's metadata costs neither its content nor the rest. */
import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { failCalls } from '../kit/failing-calls.ts';
import { problemsOf, realMetadataTools, restoreInto } from '../kit/restore-bench.ts';
import { testOnLinux } from '../kit/tools.ts';
import { temporaryFolder } from '../kit/tree.ts';

const TIME = '1700000000000000000';
const large = randomBytes(3_000_000);

async function repositoryOf(uid: number) {
  const builder = new RepositoryBuilder();
  const rest = { uid, gid: uid, mtime: TIME };
  await builder.snapshot([
    { path: '' },
    { path: 'empty', content: '', mode: 0o640, ...rest },
    { path: 'folder', mode: 0o750, ...rest },
    { path: 'folder/large', content: large, mode: 0o640, ...rest },
    { path: 'folder/link', kind: 'symlink', target: 'x', ...rest },
    { path: 'pipe', kind: 'fifo', mode: 0o640, ...rest },
    { path: 'program', content: '#!', mode: 0o6755, ...rest },
  ]);
  return builder.repository;
}

const root = { platform: process.platform, uid: 0, gid: 0, groups: [] } as const;
const modeOf = (name: string): string => (fs.lstatSync(name).mode & 0o7777).toString(8);

testOnLinux('owners that cannot be set are one problem; contents, modes and times are restored', async () => {
  const target = temporaryFolder();
  const hits = ['fchownSync', 'lchownSync', 'chownSync'] as const;
  const counts = hits.map((name) => failCalls(name, 'EPERM'));
  const done = await restoreInto(await repositoryOf(12_345), target, {
    deps: { metadata: realMetadataTools(), system: root },
  });
  expect(counts.map(({ count }) => count)).toEqual([3, 2, 1]);
  expect(problemsOf(done)).toEqual({
    '': expect.stringMatching(
      /^its owner could not be set: permission denied \(6 files and folders: .*, \.\.\.\)$/,
    ) as string,
  });
  expect(done.result).toMatchObject({ outcome: 'incomplete', problemCount: 1 });
  expect(done.result.counts).toMatchObject({ files: 3, symlinks: 1, fifos: 1, folders: 1 });
  expect(fs.readFileSync(`${target}/folder/large`).equals(large)).toBe(true);
  const names = ['empty', 'folder', 'folder/large', 'pipe', 'program'];
  expect(names.map((name) => modeOf(`${target}/${name}`))).toEqual(['640', '750', '640', '640', '755']);
  for (const name of [...names, 'folder/link']) expect(fs.lstatSync(`${target}/${name}`).mtimeMs).toBe(1.7e12);
});

testOnLinux('one mode that cannot be set is the problem of that file; its time and all others are set', async () => {
  const target = temporaryFolder();
  const hits = failCalls('fchmodSync', 'ENOTSUP', ([, mode]) => mode === 0o6755);
  const done = await restoreInto(await repositoryOf(0), target, {
    deps: { metadata: realMetadataTools(), system: root },
  });
  expect(hits.count).toBe(1);
  expect(problemsOf(done)).toEqual({ program: 'its mode could not be set: ENOTSUP' });
  expect(fs.readFileSync(`${target}/program`, 'utf8')).toBe('#!');
  expect(fs.statSync(`${target}/program`).mtimeMs).toBe(1.7e12);
  expect(modeOf(`${target}/folder`)).toBe('750');
});

test('a folder that refuses its time does not keep others from theirs', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([{ path: '' }, ...['a', 'b', 'c'].map((path) => ({ path, mode: 0o750, mtime: TIME }))]);
  const target = temporaryFolder();
  let calls = 0;
  failCalls('utimesSync', 'EROFS', () => ++calls === 2);
  const done = await restoreInto(builder.repository, target);
  expect(problemsOf(done)).toEqual({ b: 'its time could not be set: EROFS' });
  expect(['a', 'c'].map((name) => fs.statSync(`${target}/${name}`).mtimeMs)).toEqual([1.7e12, 1.7e12]);
  expect(modeOf(`${target}/b`)).toBe('750');
});
