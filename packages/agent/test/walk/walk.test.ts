import * as fs from 'node:fs';
import * as net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { walk } from '../../src/walk/walk.ts';
import { testOnLinux } from '../kit/tools.ts';
import { fifo, file, folder, symlink, temporaryFolder, writeDeepTree, writeTree } from '../kit/tree.ts';
import { describeItem, itemsOf, walkAll, walked, walkOptions } from './walked.ts';

const asRoot = process.getuid?.() === 0;
const testUnprivileged = (name: string, run: () => Promise<void>): void =>
  asRoot || process.platform === 'win32'
    ? test.skip(`${name} (skipped: needs a user whom permissions bind)`, () => {})
    : test(name, run);

test('a folder comes before its content, and all of it before the next name', async () => {
  const top = temporaryFolder();
  writeTree(top, { b: { z: '', a: { x: '' } }, 'b-': '', a: '', 'b.txt': '' });
  expect(await walked(top)).toEqual(['/', 'a', 'b/', 'b/a/', 'b/a/x', 'b/z', 'b-', 'b.txt']);
});

test('an entry tells what the disk knows', async () => {
  const top = temporaryFolder();
  writeTree(top, { 'a.txt': file('hello', { mode: 0o4640, mtime: 1_700_000_000.123456 }) });
  fs.linkSync(`${top}/a.txt`, `${top}/b.txt`);
  const stat = fs.lstatSync(`${top}/a.txt`, { bigint: true });
  const [, item] = await itemsOf(top);
  expect(item).toEqual({
    type: 'entry',
    entry: {
      path: 'a.txt',
      kind: 'file',
      mode: Number(stat.mode) & 0o7777,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      size: 5,
      mtime: stat.mtimeNs,
      ctime: stat.ctimeNs,
      inode: stat.ino,
      device: stat.dev,
      links: 2,
      target: undefined,
    },
  });
});

testOnLinux('symlinks are recorded and not followed, FIFOs recorded, sockets named', async () => {
  const top = temporaryFolder();
  writeTree(top, {
    real: { x: '' },
    'link to folder': symlink('real'),
    dangling: symlink('no\nwhere\udcff'),
    pipe: fifo(),
  });
  const server = net.createServer().listen(`${top}/socket`);
  await new Promise((resolve) => server.once('listening', resolve));
  const items = await walked(top);
  await new Promise((resolve) => server.close(resolve));
  expect(items).toEqual([
    '/',
    'dangling -> no\nwhere\udcff',
    'link to folder -> real',
    'pipe|',
    'real/',
    'real/x',
    'socket: socket',
  ]);
});

testOnLinux('a device is named', async () => {
  expect(await walked('/dev/null')).toEqual([': device']);
});

test('roots come by number, each with where it really is', async () => {
  const top = temporaryFolder();
  writeTree(top, { z: { one: '' }, a: { two: '' }, link: symlink('z'), 'a file': 'x' });
  const roots = ['z', 'a', 'link', 'a file', 'missing'].map((name) => `${top}/${name}`);
  const batches = await walkAll(roots);
  expect(batches.map(({ root, rootPath, items }) => [root, rootPath.slice(top.length), items.length])).toEqual([
    [0, '/z', 2],
    [1, '/a', 2],
    [2, '/z', 2],
    [3, '/a file', 1],
    [4, '/missing', 1],
  ]);
  expect(batches[4]?.items).toEqual([
    { type: 'unreadable', path: '', lost: 'entry', code: 'ENOENT', reason: 'missing' },
  ]);
});

testOnLinux('names that are not UTF-8, hold a newline or a replacement character are told as they are', async () => {
  const top = temporaryFolder();
  const names = [
    '\udcff\udcfe',
    'a\nb',
    'caf\udce9',
    'ok',
    '\uFFFD',
    '\uFFFD\udc80',
    '😀',
    '\ue000',
    '..x',
    'CON',
    ' ',
  ];
  writeTree(top, {
    'raw\udce9': folder(Object.fromEntries(names.map((name) => [name, '']))),
    'raw\udcea': symlink('\udc80'),
  });
  const entries = await walked(top);
  expect(entries.slice(0, 2)).toEqual(['/', 'raw\udce9/']);
  expect(entries.at(-1)).toBe('raw\udcea -> \udc80');
  expect(new Set(entries.slice(2, -1))).toEqual(new Set(names.map((name) => `raw\udce9/${name}`)));
});

testUnprivileged('a folder that cannot be listed is told after its own entry', async () => {
  const top = temporaryFolder();
  writeTree(top, {
    closed: folder({ secret: '' }, { mode: 0o300 }),
    unsearchable: folder({ x: '' }, { mode: 0o400 }),
    z: '',
  });
  expect(await walked(top)).toEqual([
    '/',
    'closed/',
    'closed: content unreadable, EACCES',
    'unsearchable/',
    'unsearchable/x: entry unreadable, EACCES',
    'z',
  ]);
});

const deviceOf = (path: string): bigint | undefined => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })?.dev;
const hasMount = process.platform === 'linux' && ![undefined, deviceOf('/dev')].includes(deviceOf('/dev/shm'));
test.skipIf(!hasMount)(
  `content of another file system is not walked unless wanted${hasMount ? '' : ' (skipped: needs /dev/shm)'}`,
  async () => {
    fs.writeFileSync(`/dev/shm/backup-agent-test-${process.pid}`, '');
    onTestFinished(() => fs.rmSync(`/dev/shm/backup-agent-test-${process.pid}`));
    const below = (items: readonly string[]): string[] => items.filter((item) => item.startsWith('shm'));
    const options = { excludes: { defaults: false } };
    expect(below(await walked('/dev', options))).toEqual(['shm/', 'shm: other file system']);
    expect(below(await walked('/dev', { ...options, oneFileSystem: false }))).toContain(
      `shm/backup-agent-test-${process.pid}`,
    );
  },
);

test("the agent's own folders are left out by device and inode, wherever they are met", async () => {
  const top = temporaryFolder();
  writeTree(top, { repository: { pack: '' }, documents: { 'a.txt': '' } });
  const { dev, ino } = fs.lstatSync(`${top}/repository`, { bigint: true });
  const leaveOut = [
    { device: dev, inode: ino },
    { device: dev + 1n, inode: fs.lstatSync(`${top}/documents`, { bigint: true }).ino },
  ];
  expect(await walked(top, { leaveOut })).toEqual(['/', 'documents/', 'documents/a.txt', 'repository: own folder']);
  expect(await walked(`${top}/repository`, { leaveOut })).toEqual([': own folder']);
});

/** A very long path in few words: a failed comparison of such paths would take minutes to print. */
const inBrief = (path: string): string =>
  `${path.split('/').length} names, ${Buffer.byteLength(path)} bytes, ends in ${JSON.stringify(path.slice(-14))}`;

testOnLinux('a tree 10,000 bytes deep is walked to the bottom, and no descriptor stays open', async () => {
  const top = temporaryFolder();
  const names = Array.from({ length: 45 }, (_, i) =>
    i % 3 === 0 ? `${i}-`.padEnd(120, 'ä') : `${i}-`.padEnd(240, 'x'),
  );
  names[20] = 'raw \udce9';
  writeDeepTree(top, names, { bottom: 'x', 'raw\udcff': 'y', '.backupignore': 'raw*' });
  const folders = names.map((_, i) => `${names.slice(0, i + 1).join('/')}/`);
  const deepest = folders.at(-1) ?? '';
  expect(Buffer.byteLength(deepest)).toBeGreaterThan(10_000);
  const before = fs.readdirSync('/proc/self/fd').length;
  const items = await walked(top);
  expect(items.slice(0, -1).map(inBrief)).toEqual(
    ['/', ...folders, `${deepest}.backupignore`, `${deepest}bottom`].map(inBrief),
  );
  expect(items.at(-1)?.slice(-22)).toBe('.backupignore:1 "raw*"');
  expect(fs.readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
});

testOnLinux('a chain of 2,000 folders does not exhaust the stack', async () => {
  const top = temporaryFolder();
  writeDeepTree(top, Array<string>(2_000).fill('d'), { bottom: 'x' });
  const items = await walked(top);
  expect(items.length).toBe(2_002);
  expect(items.at(-1) === `${'d/'.repeat(2_000)}bottom`).toBe(true);
});

test('a walk of more batches than may wait ahead loses nothing', async () => {
  const top = temporaryFolder();
  writeTree(top, { a: '', b: '' });
  const roots = Array<string>(1_000).fill(top);
  const seen: string[] = [];
  for await (const { root, items } of walk(roots, walkOptions())) {
    if (root === 0) await new Promise((resolve) => setTimeout(resolve, 200)); // Let the walker run ahead.
    seen.push(...items.map((item) => `${root} ${describeItem(item)}`));
  }
  expect(seen).toEqual(roots.flatMap((_, i) => [`${i} /`, `${i} a`, `${i} b`]));
});

test('leaving the loop early or aborting ends a walker that waits', async () => {
  const top = temporaryFolder();
  const roots = Array<string>(1_000).fill(top);
  for await (const batch of walk(roots, walkOptions())) {
    expect(batch.items.length).toBe(1);
    break;
  }
  const abort = new AbortController();
  const read = async (): Promise<void> => {
    for await (const batch of walk(roots, walkOptions(), abort.signal)) {
      expect(batch.root).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 200)); // Until the walker waits.
      abort.abort(new Error('enough'));
    }
  };
  await expect(read()).rejects.toThrow('enough');
});
