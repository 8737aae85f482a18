import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ObjectStore } from '@backup-agent/core';
import type { MetadataTools } from '../../src/system/metadata-tools.ts';
import { openBench } from '../kit/backup-bench.ts';
import type { Bench } from '../kit/backup-bench.ts';
import { readSnapshotContent, textsOf } from '../kit/read-snapshot.ts';
import { hardLink, symlink, temporaryFolder, writeTree } from '../kit/tree.ts';
import type { TreeLiteral } from '../kit/tree.ts';

const treeOf = (literal: TreeLiteral): string => {
  const folder = temporaryFolder();
  writeTree(folder, literal);
  return folder;
};

const keysOf = async (bench: Bench): Promise<string[]> => (await bench.store.list('v1/')).objects.map(({ key }) => key);
const kindsOf = (keys: readonly string[]): string[] => keys.map((key) => key.split('/')[3] ?? key).sort();

describe('a backup', () => {
  test('holds every file of the tree, to the byte', async () => {
    const bench = openBench();
    const photo = randomBytes(6_000_000).toString('latin1');
    const folder = treeOf({
      'a.txt': 'hello',
      'caf\udce9.txt': 'not UTF-8',
      'line\nfeed': 'x',
      empty: '',
      photos: { 'big.jpg': Buffer.from(photo, 'latin1'), again: Buffer.from(photo, 'latin1') },
      nothing: {},
      link: symlink('nowhere/at all'),
      twin: hardLink('a.txt'),
    });
    const result = await bench.run([folder]);
    expect(result.exitCode).toBe(0);
    const files = await readSnapshotContent(bench.repository);
    expect(textsOf(files)).toEqual({
      '0:a.txt': 'hello',
      '0:caf\udce9.txt': 'not UTF-8',
      '0:line\nfeed': 'x',
      '0:empty': '',
      '0:photos/big.jpg': photo,
      '0:photos/again': photo,
      '0:twin': 'hello',
    });
    expect(files.get('0:link')?.entry).toMatchObject({ kind: 'symlink', target: 'nowhere/at all' });
    expect(files.get('0:nothing')?.entry.kind).toBe('folder');
    expect(files.get('0:a.txt')?.entry.link).toBe(files.get('0:twin')?.entry.link);
    expect(result.snapshot?.totals).toMatchObject({ files: 7, folders: 3, others: 1, unreadable: 0 });
  });

  test('stores the bytes of equal files once', async () => {
    const bench = openBench();
    const bytes = randomBytes(300_000);
    await bench.run([treeOf({ a: bytes, b: bytes, c: { d: bytes } })]);
    const [pack] = (await bench.store.list('v1/devices/laptop-1/data/')).objects;
    expect(pack?.bytes).toBeGreaterThan(300_000);
    expect(pack?.bytes).toBeLessThan(301_000);
  });

  test('of an unchanged tree writes its snapshot and its record, and nothing else', async () => {
    const bench = openBench();
    const folder = treeOf({ a: 'one', b: { c: 'two' } });
    await bench.run([folder]);
    const before = await keysOf(bench);
    const read: string[] = [];
    const through = (store: ObjectStore): ObjectStore => ({
      ...store,
      find: (key, bytesMax) => {
        read.push(key);
        return store.find(key, bytesMax);
      },
    });
    const second = await bench.run([folder], { through });
    const written = (await keysOf(bench)).filter((key) => !before.includes(key));
    expect(kindsOf(written)).toEqual(['runs', 'snapshots']);
    expect(kindsOf(read)).toEqual(['snapshots']); // No index: all packs of the last snapshot are usable.
    expect(second.record.counts).toMatchObject({ filesUnchanged: 2, filesNew: 0, filesChanged: 0 });
    expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:a': 'one', '0:b/c': 'two' });
  });

  test('of a file moved between folders uploads no data', async () => {
    const bench = openBench();
    const folder = treeOf({ letters: { 'a.txt': randomBytes(5000) }, archive: {} });
    await bench.run([folder]);
    renameSync(join(folder, 'letters/a.txt'), join(folder, 'archive/a.txt'));
    const second = await bench.run([folder]);
    expect(second.record.bytes.new).toBe(0);
    expect(second.record.counts).toMatchObject({ filesNew: 1, filesDeleted: 1 });
    expect([...(await readSnapshotContent(bench.repository)).keys()]).toContain('0:archive/a.txt');
  });

  test('saves what changed and leaves the rest, and both snapshots can be read', async () => {
    const bench = openBench();
    const folder = treeOf({ a: 'one', b: 'two', c: 'three' });
    const first = await bench.run([folder]);
    appendFileSync(join(folder, 'b'), ' and more');
    rmSync(join(folder, 'c'));
    writeFileSync(join(folder, 'd'), 'four');
    const second = await bench.run([folder]);
    expect(second.record.counts).toMatchObject({ filesNew: 1, filesChanged: 1, filesUnchanged: 1, filesDeleted: 1 });
    expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({
      '0:a': 'one',
      '0:b': 'two and more',
      '0:d': 'four',
    });
    const named = await readSnapshotContent(bench.repository, { by: 'name', prefix: first.name ?? '' });
    expect(textsOf(named)).toEqual({ '0:a': 'one', '0:b': 'two', '0:c': 'three' });
  });

  test('sees a change that keeps size and modification time', async () => {
    const bench = openBench();
    const folder = treeOf({ a: 'before' });
    utimesSync(join(folder, 'a'), 1000, 1000);
    await bench.run([folder]);
    writeFileSync(join(folder, 'a'), 'after!');
    utimesSync(join(folder, 'a'), 1000, 1000);
    await bench.run([folder]);
    expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:a': 'after!' });
  });

  test.each([
    ['reads a file again that was written to just before it was read', { afterMs: 1_000, racy: true, read: 3 }],
    ['trusts a file that was written to well before it was read', { afterMs: 3_000, racy: undefined, read: 0 }],
  ])('%s', async (_, { afterMs, racy, read }) => {
    const bench = openBench();
    const folder = treeOf({ a: 'one' });
    writeFileSync(join(folder, 'a'), 'two');
    // By the file's own times: by the machine's clock a run under load would open it seconds later than this test means.
    const opened = new Date(Math.floor(statSync(join(folder, 'a')).ctimeMs) + afterMs);
    const clock = { now: () => opened, elapsed: () => performance.now(), wait: () => Promise.resolve() };
    await bench.run([folder], { deps: { clock } });
    expect((await readSnapshotContent(bench.repository)).get('0:a')?.entry.racy).toBe(racy);
    const second = await bench.run([folder], { deps: { clock } });
    expect(second.record.bytes.read).toBe(read);
    expect(second.record.counts).toMatchObject({ filesChanged: 0, filesUnchanged: 1 });
  });

  test('of several folders keeps each apart, whatever was backed up with which', async () => {
    const bench = openBench();
    const [one, two] = [treeOf({ a: 'in one' }), treeOf({ a: 'in two' })].sort() as [string, string];
    await bench.run([two]);
    const both = await bench.run([one, two]);
    expect(both.record.counts).toMatchObject({ filesUnchanged: 1, filesNew: 1 });
    expect(Object.values(textsOf(await readSnapshotContent(bench.repository))).sort()).toEqual(['in one', 'in two']);
    expect(both.snapshot?.roots.map((root) => root.path)).toEqual([one, two]);
  });

  test('keeps what it has of a folder that is missing, and says so', async () => {
    const bench = openBench();
    const folder = treeOf({ disk: { 'a.txt': 'kept', b: { c: 'kept too' } } });
    const root = join(folder, 'disk');
    await bench.run([root]);
    renameSync(root, join(folder, 'unplugged'));
    const second = await bench.run([root]);
    expect(second.exitCode).toBe(3);
    expect(second.snapshot).toMatchObject({ finished: false, totals: { files: 2, unreadable: 4 } });
    const files = await readSnapshotContent(bench.repository);
    expect(textsOf(files)).toEqual({ '0:a.txt': 'kept', '0:b/c': 'kept too' });
    expect(files.get('0:a.txt')?.entry.unreadableSince).toBeDefined();

    renameSync(join(folder, 'unplugged'), root);
    const third = await bench.run([root]);
    expect(third.snapshot).toMatchObject({ finished: true, totals: { unreadable: 0 } });
    expect(third.record.bytes.new).toBe(0);
  });

  test('of a folder that is missing and never was there is refused, and leaves no snapshot', async () => {
    const bench = openBench();
    const missing = join(temporaryFolder(), 'mistyped');
    await expect(bench.run([missing])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `nothing to back up: ${missing} is missing, and no snapshot has it`,
    });
    expect((await bench.store.list('v1/devices/laptop-1/snapshots/')).objects).toEqual([]);
  });

  test('leaves out extended attributes that no catalog page could hold, and says so', async () => {
    const bench = openBench();
    const folder = treeOf({ a: 'one', b: 'two' });
    const huge = { 'user.fork': Buffer.alloc(7_000_000).toString('base64') };
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    const metadata = {
      readXattrs: () =>
        Promise.resolve({
          xattrs: new Map<string, Record<string, string>>([
            [a, huge],
            [b, { 'user.k': 'dg==' }],
          ]),
          problems: [],
        }),
    } as unknown as MetadataTools;
    expect((await bench.run([folder], { deps: { metadata } })).exitCode).toBe(0);
    const content = await readSnapshotContent(bench.repository);
    expect(content.get('0:a')?.entry.xattrs).toBeUndefined();
    expect(content.get('0:b')?.entry.xattrs).toEqual({ 'user.k': 'dg==' });
    expect(bench.events).toContainEqual({ type: 'warning', message: `${a}: its attributes are too large to be saved` });
  });

  test('that is a dry run stores nothing', async () => {
    const bench = openBench();
    const result = await bench.run([treeOf({ a: 'one' })], {
      job: { dryRun: true },
      through: (store) => ({ ...store, create: () => Promise.reject(new Error('a dry run must not write')) }),
    });
    expect(result.snapshot).toBeUndefined();
    expect(await keysOf(bench)).toEqual([]);
  });

  test('cuts large files, and a kilobyte in the middle costs a few chunks', async () => {
    const bench = openBench();
    const folder = treeOf({});
    const bytes = randomBytes(40_000_000);
    writeFileSync(join(folder, 'big'), bytes);
    await bench.run([folder]);
    const longer = Buffer.concat([bytes.subarray(0, 20_000_000), randomBytes(1024), bytes.subarray(20_000_000)]);
    writeFileSync(join(folder, 'big'), longer);
    const second = await bench.run([folder]);
    expect(second.record.bytes.uploaded).toBeLessThan(12_000_000);
    expect((await readSnapshotContent(bench.repository)).get('0:big')?.content?.equals(longer)).toBe(true);
  });

  test('of thousands of small files writes pages of which an unchanged one is not written again', async () => {
    const bench = openBench();
    const folder = treeOf({});
    for (let i = 0; i < 60; i++) {
      mkdirSync(join(folder, `folder-${i}`));
      for (let j = 0; j < 50; j++) writeFileSync(join(folder, `folder-${i}/file-${j}`), `text ${i} ${j}`);
    }
    const first = await bench.run([folder]);
    writeFileSync(join(folder, 'folder-30/file-7'), 'another text');
    const second = await bench.run([folder]);
    const ids = new Set(first.snapshot?.pages?.map((page) => page.id));
    const fresh = second.snapshot?.pages?.filter((page) => !ids.has(page.id));
    expect(first.snapshot?.pages?.length).toBeGreaterThan(1);
    expect(fresh).toHaveLength(1);
    expect((await readSnapshotContent(bench.repository)).size).toBe(3061);
  });
});
