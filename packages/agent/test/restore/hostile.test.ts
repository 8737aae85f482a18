import * as fs from 'node:fs';
import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import type { EntrySpec } from '@backup-agent/core/test-kit';
import type { ChunkId } from '@backup-agent/core';
import { listTree, readTree } from '../kit/read-tree.ts';
import { problemsOf, realMetadataTools, restoreInto } from '../kit/restore-bench.ts';
import { testOnLinux } from '../kit/tools.ts';
import { temporaryFolder } from '../kit/tree.ts';

/** Restores into `<top>/target` and returns what lies outside of it afterwards. */
async function restoredBeside(entries: readonly EntrySpec[], prepare: (top: string) => void = () => {}) {
  const top = temporaryFolder();
  fs.mkdirSync(`${top}/target`);
  fs.mkdirSync(`${top}/outside`);
  fs.writeFileSync(`${top}/outside/precious`, 'precious');
  prepare(top);
  const builder = new RepositoryBuilder();
  await builder.snapshot([{ path: '' }, ...entries]);
  const done = await restoreInto(builder.repository, `${top}/target`);
  const outside = listTree(top).filter((name) => name !== '' && !/^target(?:\/|$)/.test(name));
  expect(outside).toEqual(['outside', 'outside/precious']);
  expect(fs.readFileSync(`${top}/outside/precious`, 'utf8')).toBe('precious');
  return { ...done, target: `${top}/target` };
}

describe('a hostile snapshot writes nothing outside the target', () => {
  test.each(['../outside/new', '/outside/new', 'a/../../outside/new', 'a/./b', 'a//b', '..', '.', 'with\0nul', 'a/'])(
    'with the path %j: that entry is reported, the others are restored',
    async (path) => {
      const { result, target } = await restoredBeside([
        { path: 'good', content: 'x' },
        { path, content: 'evil' },
      ]);
      expect(result.problemCount).toBe(1);
      expect(result.problems[0]?.reason).toMatch(/entry's path is not valid/);
      expect(Object.keys(readTree(target))).toEqual(['good']);
    },
  );

  testOnLinux('with a symlink and a file below it', async () => {
    const done = await restoredBeside([
      { path: 'a', kind: 'symlink', target: '../outside' },
      { path: 'a/new', content: 'evil' },
      { path: 'a/deeper/new', content: 'evil' },
    ]);
    expect(problemsOf(done)).toEqual({
      'a/new': 'what it lies in is no folder',
      'a/deeper/new': expect.stringContaining('what it lies in is no folder') as string,
    });
  });

  test('with a file and something below it, with names twice and out of order', async () => {
    const done = await restoredBeside([
      { path: 'file', content: 'x' },
      { path: 'file/below', content: 'y' },
      { path: 'twice', content: 'first' },
      { path: 'twice', content: 'second' },
    ]);
    expect(problemsOf(done)).toEqual({
      'file/below': 'what it lies in is no folder',
      '': expect.stringMatching(/twice or out of order/) as string,
    });
    expect(fs.readFileSync(`${done.target}/twice`, 'utf8')).toBe('first');
  });

  test.each([
    [
      'before',
      [
        { root: 5, path: 'evil', content: 'x' },
        { path: 'good', content: 'x' },
      ],
    ],
    [
      'behind',
      [
        { path: 'good', content: 'x' },
        { root: 5, path: 'evil', content: 'x' },
      ],
    ],
  ])('with an entry of a root that there is not, %s others: it is reported, they are restored', async (_, entries) => {
    const done = await restoredBeside(entries);
    expect(done.result).toMatchObject({ outcome: 'incomplete', problemCount: 1 });
    expect(Object.values(problemsOf(done))[0]).toMatch(/belongs to no folder/);
    expect(Object.keys(readTree(done.target))).toEqual(['good']);
  });

  test('with sizes that its chunks do not have', async () => {
    const chunk = hash('sha256', 'x') as ChunkId;
    const done = await restoredBeside([
      { path: 'good', content: 'x' },
      { path: 'long', content: 'x', size: 2 ** 40 },
      { path: 'short', content: 'x', chunks: [chunk, chunk, chunk] },
    ]);
    expect(problemsOf(done)).toEqual({
      long: 'its chunks do not add up to its size',
      short: 'its chunks do not add up to its size',
    });
  });
});

describe('a symlink planted in the target leads nothing outside', () => {
  const entries: EntrySpec[] = [
    { path: 'folder' },
    { path: 'folder/precious', content: 'evil' },
    { path: 'folder/deep' },
    { path: 'folder/deep/new', content: 'evil' },
    { path: 'good', content: 'x' },
  ];

  testOnLinux('in the place of a folder', async () => {
    const done = await restoredBeside(entries, (top) => fs.symlinkSync('../outside', `${top}/target/folder`));
    const reason = expect.stringContaining('something that is not a folder is in the place of') as string;
    expect(problemsOf(done)).toEqual({
      folder: reason,
      'folder/precious': reason,
      'folder/deep': reason,
      'folder/deep/new': reason,
    });
    expect(fs.readFileSync(`${done.target}/good`, 'utf8')).toBe('x');
  });

  testOnLinux('in the place of a file', async () => {
    const done = await restoredBeside(entries, (top) => {
      fs.mkdirSync(`${top}/target/folder`);
      fs.symlinkSync('../../outside/new', `${top}/target/folder/precious`);
    });
    expect(done.result).toMatchObject({ outcome: 'incomplete', counts: { kept: 1, keptDifferent: 1 } });
  });

  testOnLinux('swapped for a folder before FIFOs and extended attributes are made', async () => {
    const builder = new RepositoryBuilder();
    const xattrs = { 'user.k': Buffer.from('evil').toString('base64') };
    await builder.snapshot([
      { path: '' },
      { path: 'folder', xattrs },
      { path: 'folder/pipe', kind: 'fifo' },
      { path: 'folder/precious', content: 'x', xattrs },
    ]);
    const top = temporaryFolder();
    fs.mkdirSync(`${top}/outside`);
    fs.writeFileSync(`${top}/outside/precious`, 'precious');
    const tools = realMetadataTools();
    const metadata = {
      ...tools,
      makeFifos: (paths: readonly string[]) => {
        fs.renameSync(`${top}/target/folder`, `${top}/target/moved`);
        fs.symlinkSync('../outside', `${top}/target/folder`);
        return tools.makeFifos(paths);
      },
    };
    await restoreInto(builder.repository, `${top}/target`, { deps: { metadata } });
    expect(fs.readdirSync(`${top}/outside`)).toEqual(['precious']);
    expect(fs.lstatSync(`${top}/target/moved/pipe`).isFIFO()).toBe(true);
    const outside = [`${top}/outside`, `${top}/outside/precious`];
    expect((await tools.readXattrs(outside)).xattrs).toEqual(new Map());
  });

  testOnLinux('swapped for a folder after it was made', async () => {
    const builder = new RepositoryBuilder({ segmentBytes: 1 });
    await builder.snapshot([{ path: '' }, ...entries]);
    const top = temporaryFolder();
    fs.mkdirSync(`${top}/outside`);
    // The first ranged read of a pack happens after the folders are made and before a file is written.
    let swapped = false;
    const store = {
      ...builder.store,
      readRange: (...args: Parameters<typeof builder.store.readRange>) => {
        if (!swapped && args[0].includes('/data/')) {
          swapped = true;
          fs.renameSync(`${top}/target/folder`, `${top}/target/moved`);
          fs.symlinkSync('../outside', `${top}/target/folder`);
        }
        return builder.store.readRange(...args);
      },
    };
    const done = await restoreInto({ ...builder.repository, store }, `${top}/target`);
    expect(swapped).toBe(true);
    expect(fs.readdirSync(`${top}/outside`)).toEqual([]);
    expect(fs.readFileSync(`${top}/target/good`, 'utf8')).toBe('x');
    // Folders opened before are still the folders that were made; others are refused.
    for (const reason of Object.values(problemsOf(done))) expect(reason).toMatch(/not a folder/);
  });
});
