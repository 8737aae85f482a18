/** The disk changes while a run is under way: roots that are symlinks, disks that vanish, files that grow. */
import { chownSync, closeSync, openSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packNamesOf } from '@backup-agent/core';
import type { ObjectKey, ObjectStore } from '@backup-agent/core';
import { statOf } from '../../src/backup/saver/file-reader.ts';
import { usualExcludes } from '../../src/walk/excludes/excludes.ts';
import { walkRoots } from '../../src/walk/walker.ts';
import { openBench } from '../kit/backup-bench.ts';
import { changeResults } from '../kit/failing-calls.ts';
import { readSnapshotContent, textsOf } from '../kit/read-snapshot.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

/** Does something after the walk has seen the tree and before a changed file is read: when the index is listed. */
const beforeReading =
  (act: () => void) =>
  (store: ObjectStore): ObjectStore => {
    let isDone = false;
    return {
      ...store,
      list: async (prefix) => {
        if (prefix.includes('/index/') && !isDone) {
          isDone = true;
          act();
        }
        return store.list(prefix);
      },
    };
  };

const openForTest = (path: string): number => {
  const descriptor = openSync(path, 'r');
  onTestFinished(() => closeSync(descriptor));
  return descriptor;
};

test('a root that is a symlink to a file is that file', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { real: 'precious' });
  symlinkSync('real', join(folder, 'link'));
  const bench = openBench();
  expect((await bench.run([join(folder, 'link')])).exitCode).toBe(0);
  expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:': 'precious' });
});

test('a root that is a symlink leads to one folder for the whole run', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { v1: { a: 'a of v1', b: 'b of v1' }, v2: { a: 'a of v2' } });
  const link = join(folder, 'current');
  symlinkSync('v1', link);
  const bench = openBench();
  const turn = (): void => {
    rmSync(link);
    symlinkSync('v2', link);
  };
  expect((await bench.run([link], { through: beforeReading(turn) })).exitCode).toBe(0);
  expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:a': 'a of v1', '0:b': 'b of v1' });
});

test('of a disk that vanishes before its files are read nothing counts as deleted', async () => {
  const folder = temporaryFolder();
  const disk = join(folder, 'disk');
  writeTree(folder, { disk: { a: 'a', b: 'b', sub: { c: 'c' } } });
  const bench = openBench();
  await bench.run([disk]);
  writeFileSync(join(disk, 'a'), 'a, changed');
  writeFileSync(join(disk, 'sub/c'), 'c, changed');
  const pull = (): void => renameSync(disk, join(folder, 'unplugged'));
  const result = await bench.run([disk], { through: beforeReading(pull) });
  expect(result.exitCode).toBe(3);
  expect(result.record.problems).toEqual([{ path: disk, reason: 'it vanished while the backup ran' }]);
  expect(result.snapshot).toMatchObject({ finished: false, roots: [{ state: 'missing' }], totals: { unreadable: 2 } });
  expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:a': 'a', '0:b': 'b', '0:sub/c': 'c' });
});

test('a walk whose root vanishes ends, and says that the root is missing, not that files are gone', () => {
  const folder = temporaryFolder();
  writeTree(folder, { disk: { a: { x: '1' }, b: { y: '2' }, c: '3' } });
  const told: string[] = [];
  const options = {
    excludes: usualExcludes({ platform: process.platform, home: '/nowhere' }),
    oneFileSystem: true,
    leaveOut: [],
    tellExcluded: false,
  };
  walkRoots([join(folder, 'disk')], options, {
    beginRoot: () => {},
    entry: (_, name) => {
      told.push(name);
      if (name === 'a') renameSync(join(folder, 'disk'), join(folder, 'unplugged'));
    },
    item: (item) =>
      told.push(item.type === 'unreadable' ? `${item.lost} of "${item.path}": ${item.reason}` : item.type),
    endRoot: () => {},
  });
  expect(told).toEqual(['', 'a', 'content of "": missing']);
});

test.skipIf(process.getuid?.() !== 0)(
  'a file that was given to another owner since it was walked has his name',
  async () => {
    const folder = temporaryFolder();
    writeTree(folder, { a: 'precious', given: 'present' });
    const bench = openBench();
    const give = (): void => chownSync(join(folder, 'given'), 4711, 4712);
    const owners = {
      userName: (uid: number) => `user ${uid}`,
      groupName: (gid: number) => `group ${gid}`,
      userId: () => undefined,
      groupId: () => undefined,
    };
    expect((await bench.run([folder], { through: beforeReading(give), deps: { owners } })).exitCode).toBe(0);
    const content = await readSnapshotContent(bench.repository);
    expect(textsOf(content)).toMatchObject({ '0:a': 'precious', '0:given': 'present' });
    expect(content.get('0:given')?.entry).toMatchObject({ uid: 4711, user: 'user 4711', group: 'group 4712' });
    expect(content.get('0:a')?.entry).toMatchObject({ uid: 0, user: 'user 0' });
  },
);

test('a file that has grown large since it was walked is saved as a large one', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'precious', grown: 'small' });
  const bench = openBench();
  const grow = (): void => truncateSync(join(folder, 'grown'), 40_000_000);
  expect((await bench.run([folder], { through: beforeReading(grow) })).exitCode).toBe(0);
  const content = await readSnapshotContent(bench.repository);
  expect(content.get('0:a')?.content?.toString()).toBe('precious');
  expect(content.get('0:grown')?.entry.size).toBe(40_000_000);
});

test('inode numbers of 64 bits are saved as the unsigned numbers that they are', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const calls = changeResults('fstatSync', (stat) => Object.assign(stat as object, { ino: -2n }));
  const { inode } = statOf(openForTest(join(folder, 'a'))) ?? {};
  expect(calls.count).toBe(1);
  expect(inode).toBe(2n ** 64n - 2n);
});

test('where the newest version of a file is lost and it cannot be read, the one before is carried forward', async () => {
  const folder = temporaryFolder();
  const disk = join(folder, 'disk');
  writeTree(folder, { disk: { a: 'first' } });
  const bench = openBench();
  const first = await bench.run([disk]);
  writeFileSync(join(disk, 'a'), 'second, and longer');
  const cut = (store: ObjectStore): ObjectStore => ({
    ...store,
    create: async (key, body, options) => {
      if (key.includes('/index/')) throw new Error('cut off');
      return store.create(key, body, options);
    },
  });
  await expect(bench.run([disk], { through: cut })).rejects.toThrow('cut off');
  // Its packs are removed before another run needs them; its journal stays.
  const kept = new Set(first.snapshot === undefined ? [] : packNamesOf(first.snapshot));
  for (const kind of ['data', 'meta'])
    for (const { key } of (await bench.store.list(`v1/devices/laptop-1/${kind}/`)).objects)
      if (!kept.has(key.replace('v1/devices/laptop-1/', ''))) await bench.store.remove(key as ObjectKey);
  renameSync(disk, join(folder, 'unplugged'));
  const result = await bench.run([disk]);
  expect(result.exitCode).toBe(3);
  expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:a': 'first' });
});
