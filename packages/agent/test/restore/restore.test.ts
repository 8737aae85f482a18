import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openWriterThreads } from '../../src/restore/writer-threads.ts';
import { openBench } from '../kit/backup-bench.ts';
import { readTree } from '../kit/read-tree.ts';
import { realMetadataTools, restoreInto } from '../kit/restore-bench.ts';
import { testOnLinux, testWithTools } from '../kit/tools.ts';
import {
  fifo,
  file,
  folder,
  hardLink,
  sparse,
  symlink,
  temporaryFolder,
  writeDeepTree,
  writeTree,
} from '../kit/tree.ts';
import type { TreeLiteral } from '../kit/tree.ts';

/** Backs the tree up and restores it elsewhere. */
async function roundTrip(tree: TreeLiteral, options: Parameters<typeof restoreInto>[2] = {}) {
  const [source, target] = [temporaryFolder(), `${temporaryFolder()}/restored`];
  writeTree(source, tree);
  const bench = openBench();
  const metadata = realMetadataTools();
  await bench.run([source], { deps: { metadata } });
  const restored = await restoreInto(bench.repository, target, { ...options, deps: { metadata, ...options.deps } });
  return { source, target, bench, ...restored };
}

describe('a backup restored elsewhere', () => {
  test('is the same tree: names, contents, modes, times', async () => {
    const { source, target, result } = await roundTrip({
      'a.txt': file('hello', { mode: 0o640, mtime: 1_700_000_000.123456 }),
      empty: '',
      'old.txt': file('before 1970', { mtime: -86_400.5 }),
      'far.txt': file('after 2038', { mtime: 4_102_444_800.999999 }),
      'empty folder': folder({}, { mode: 0o700, mtime: 1_000_000_000 }),
      nested: folder({ deeper: { 'b.txt': 'b', 'c.txt': 'b' } }, { mode: 0o2755, mtime: 1_600_000_000.5 }),
    });
    expect(result.outcome).toBe('complete');
    expect(result.problems).toEqual([]);
    expect(readTree(target, { top: true })).toEqual(readTree(source, { top: true }));
  });

  testOnLinux('has every kind of entry and every kind of name', async () => {
    const { source, target, result } = await roundTrip({
      'caf\udce9.txt': 'not UTF-8',
      'new\nline': 'x',
      ' leading and trailing ': 'x',
      '-rf': 'x',
      'ünï\u0308cödé 🗂': { 'naïve \udcff\udcfe': folder({ x: 'y' }) },
      'dangling link': symlink('nowhere/at all', { mtime: 1_500_000_000.25 }),
      'link out': symlink('/etc/passwd'),
      'link of bytes': symlink('\udc80'),
      pipe: fifo({ mode: 0o620, mtime: 1_400_000_000 }),
      'first name': file('shared', { mtime: 1_300_000_000 }),
      'other name': hardLink('first name'),
      deep: { 'third name': hardLink('first name') },
      'setuid program': file('#!', { mode: 0o4755 }),
      'setgid and sticky': folder({ x: '' }, { mode: 0o3770 }),
      'read only': folder({ 'a file': file('x', { mode: 0o400 }) }, { mode: 0o500 }),
      closed: folder({ 'a file': file('x', { mode: 0 }) }, { mode: 0 }),
    });
    expect(result.problems).toEqual([]);
    expect(result.counts).toMatchObject({ symlinks: 3, fifos: 1, hardLinks: 2 });
    expect(readTree(target, { top: true })).toEqual(readTree(source, { top: true }));
  });

  testWithTools('has extended attributes and ACLs', ['getfattr', 'setfattr', 'setfacl'], async () => {
    const { source, target, result } = await roundTrip({
      a: file('x', { mode: 0o640, xattrs: { 'user.who': 'me\n"you"' }, acl: 'u:1:r,g:2:rw' }),
      'read only': file('x', { mode: 0o440, xattrs: { 'user.k': 'v' } }),
      folder: folder({ b: 'y' }, { mode: 0o750, acl: 'd:u:1:rwx', xattrs: { 'user.f': '1' } }),
    });
    expect(result.problems).toEqual([]);
    expect(readTree(target, { xattrs: true })).toEqual(readTree(source, { xattrs: true }));
  });

  testOnLinux('has holes where there were holes, and only there', async () => {
    const tree = {
      holes: sparse(8 << 20, { 5: 'x', [6 << 20]: 'y' }),
      zeros: Buffer.alloc(1 << 20),
      end: sparse(1 << 20),
    };
    const { source, target } = await roundTrip(tree);
    expect(readTree(target)).toEqual(readTree(source));
    expect(readTree(target)['holes']).toMatchObject({ holes: true });
    expect(readTree(target)['zeros']).not.toHaveProperty('holes');
    const dense = await roundTrip(tree, { sparse: false });
    expect(readTree(dense.target)['holes']).not.toHaveProperty('holes');
  });

  test('has large files of many chunks, some of them in common', async () => {
    const shared = randomBytes(5_000_000);
    const { source, target, result } = await roundTrip(
      {
        one: Buffer.concat([shared, randomBytes(1_000_000)]),
        two: Buffer.concat([randomBytes(300_000), shared]),
        same: shared,
        again: shared,
      },
      { verify: true, fsync: true, deps: { openWriters: openWriterThreads } },
    );
    expect(result.problems).toEqual([]);
    expect(readTree(target)).toEqual(readTree(source));
    expect(result.counts.bytes).toBeGreaterThan(21_000_000);
    expect(result.counts.bytesFetched).toBeLessThan(15_000_000);
  });

  testOnLinux('has paths longer than any call takes', async () => {
    const [source, target] = [temporaryFolder(), temporaryFolder()];
    writeDeepTree(source, Array<string>(30).fill('n'.repeat(200)), { 'at the bottom': 'x' });
    const bench = openBench();
    await bench.run([source]);
    const { result } = await restoreInto(bench.repository, target);
    expect(result).toMatchObject({ problems: [], counts: { files: 1, folders: 30 } });
  });
});

test('an empty folder that is there becomes what the root was; one with something in it keeps its mode and time', async () => {
  const source = temporaryFolder();
  writeTree(source, { a: 'x' });
  fs.chmodSync(source, 0o751);
  const bench = openBench();
  await bench.run([source]);
  const empty = temporaryFolder();
  await restoreInto(bench.repository, empty);
  expect(fs.statSync(empty).mode & 0o7777).toBe(0o751);
  const full = temporaryFolder();
  writeTree(full, { mine: 'y' });
  await restoreInto(bench.repository, full);
  expect(fs.statSync(full).mode & 0o7777).toBe(0o700);
  expect(Object.keys(readTree(full))).toEqual(['a', 'mine']);
});

test('a dry run makes nothing, not even the target', async () => {
  const source = temporaryFolder();
  writeTree(source, { a: 'x', b: { c: 'yy' }, l: symlink('a') });
  const bench = openBench();
  await bench.run([source]);
  const target = `${temporaryFolder()}/restored`;
  const { result } = await restoreInto(bench.repository, target, { dryRun: true });
  expect(result.counts).toMatchObject({ files: 2, bytes: 3, folders: 1, symlinks: 1 });
  expect(fs.existsSync(target)).toBe(false);
});

test('an older snapshot is restored as it was', async () => {
  const source = temporaryFolder();
  writeTree(source, { a: 'first', gone: 'x' });
  const bench = openBench();
  const first = await bench.run([source]);
  fs.rmSync(`${source}/gone`);
  fs.writeFileSync(`${source}/a`, 'second');
  await bench.run([source]);
  const target = temporaryFolder();
  await restoreInto(bench.repository, target, { snapshot: { by: 'name', prefix: first.name as string } });
  expect(readTree(target, { without: ['mode', 'mtime', 'owner'] })).toEqual({
    a: { kind: 'file', size: 5, content: 'first' },
    gone: { kind: 'file', size: 1, content: 'x' },
  });
});

test('a restore that is stopped says so and leaves no unfinished file', async () => {
  const source = temporaryFolder();
  writeTree(source, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, randomBytes(1_500_000)])));
  const bench = openBench();
  await bench.run([source]);
  const [target, stop] = [temporaryFolder(), new AbortController()];
  const report = (event: { type: string }) => event.type === 'progress' && stop.abort(new Error('stopped'));
  await expect(restoreInto(bench.repository, target, { deps: { report, signal: stop.signal } })).rejects.toThrow(
    'stopped',
  );
  for (const name of fs.readdirSync(target))
    expect(fs.readFileSync(`${target}/${name}`)).toEqual(fs.readFileSync(`${source}/${name}`));
});
