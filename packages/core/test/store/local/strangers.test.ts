/** What others put into a repository's folder neither disturbs it nor leads it elsewhere. */
import { execFileSync } from 'node:child_process';
import { mkdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { devicePrefix, marksKey, marksPrefix } from '../../../src/keys.ts';
import { parseDeviceId } from '../../../src/ids.ts';
import type { ObjectKey } from '../../../src/ids.ts';
import { openLocalStore } from '../../../src/store/local/open-local-store.ts';
import { filesUnder, temporaryFolder } from './temporary-folder.ts';

const LAPTOP = parseDeviceId('laptop');
const KEY = marksKey(LAPTOP, 1);
const windows = process.platform === 'win32';

test('a symbolic link in place of a folder is not written through, nor removed through', async () => {
  const outside = await temporaryFolder();
  const folder = await temporaryFolder();
  const store = await openLocalStore({ folder });
  await mkdir(join(folder, 'v1', 'devices', 'laptop'), { recursive: true });
  await symlink(outside, join(folder, marksPrefix(LAPTOP).slice(0, -1)), 'junction');
  await expect(store.create(KEY, [Buffer.from('x')])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  await writeFile(join(outside, '00000001.json'), 'precious');
  await expect(store.remove(KEY)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect(await filesUnder(outside)).toEqual(['00000001.json']);
  expect((await store.list(devicePrefix(LAPTOP))).objects).toEqual([]);
});

test('a link that replaces a folder while the store is open is noticed', async () => {
  const outside = await temporaryFolder();
  const folder = await temporaryFolder();
  const store = await openLocalStore({ folder });
  await store.create(KEY, [Buffer.from('x')]);
  const marks = join(folder, marksPrefix(LAPTOP).slice(0, -1));
  await rename(marks, `${marks}-moved`);
  await symlink(outside, marks, 'junction');
  await expect(store.create(marksKey(LAPTOP, 2), [Buffer.from('x')])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect(await filesUnder(outside)).toEqual([]);
});

test('folders without objects are none: empty ones, links, those that hold only links, and unfinished files', async () => {
  const outside = await temporaryFolder();
  const folder = await temporaryFolder();
  const store = await openLocalStore({ folder });
  await store.create(KEY, [Buffer.from('x')]);
  const devices = join(folder, 'v1', 'devices');
  await writeFile(join(outside, 'file'), 'x');
  await mkdir(join(devices, 'empty', 'data'), { recursive: true });
  await symlink(outside, join(devices, 'link'), 'junction');
  await mkdir(join(devices, 'holds-link'));
  await symlink(outside, join(devices, 'holds-link', 'link'), 'junction');
  await mkdir(join(devices, 'Ünïcode'));
  await writeFile(join(devices, 'Ünïcode', 'file'), 'x');
  await writeFile(join(devices, 'file'), 'x');
  expect(await store.listFolders('v1/devices/')).toEqual(['laptop', 'Ünïcode']);
  await writeFile(join(folder, 'tmp', 'notes'), 'x');
  expect(await store.listFolders('')).toEqual(['v1']);
});

test.skipIf(windows)('a symbolic link in place of an object is neither listed, read nor replaced', async () => {
  const outside = join(await temporaryFolder(), 'secret');
  const folder = await temporaryFolder();
  const store = await openLocalStore({ folder });
  await writeFile(outside, 'secret');
  await mkdir(join(folder, marksPrefix(LAPTOP)), { recursive: true });
  await symlink(outside, join(folder, KEY));
  expect((await store.list('v1/')).objects).toEqual([]);
  await expect(store.read(KEY, 100)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key: KEY });
  await expect(store.create(KEY, [Buffer.from('x')])).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key: KEY });
  expect((await stat(outside)).size).toBe(6);
});

test.skipIf(windows)('a pipe in place of an object does not keep a reader waiting', async () => {
  const folder = await temporaryFolder();
  const store = await openLocalStore({ folder });
  await mkdir(join(folder, marksPrefix(LAPTOP)), { recursive: true });
  execFileSync('mkfifo', [join(folder, KEY)]);
  await expect(store.read(KEY, 100)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key: KEY });
});

test('files that this version does not know are listed, whatever their names', async () => {
  const folder = await temporaryFolder();
  const store = await openLocalStore({ folder });
  const names = ['Ünïcode', '.hidden', 'a b', 'a', 'a-b', '\u{1f600}', '\uffee'];
  await mkdir(join(folder, 'v1'));
  for (const name of names) await writeFile(join(folder, 'v1', name), 'x');
  const listed = (await store.list('v1/')).objects.map(({ key }) => key);
  expect(listed).toEqual(['.hidden', 'a', 'a b', 'a-b', 'Ünïcode', '\uffee', '\u{1f600}'].map((name) => `v1/${name}`));
});

test.each(['../outside', 'v1/../../outside', 'v1//x', 'tmp/laptop.lock', 'v1/a\\b', 'C:/x', ''])(
  'the key %j is refused as our own mistake',
  async (key) => {
    const store = await openLocalStore({ folder: await temporaryFolder() });
    await expect(store.create(key as ObjectKey, [])).rejects.toThrow(TypeError);
    await expect(store.find(key as ObjectKey, 1)).rejects.toThrow(TypeError);
    await expect(store.remove(key as ObjectKey)).rejects.toThrow(TypeError);
  },
);

test('the folders above a prefix do not lead out of the repository', async () => {
  const store = await openLocalStore({ folder: await temporaryFolder() });
  await expect(store.list('../')).rejects.toThrow(TypeError);
  await expect(store.list('v1/../../')).rejects.toThrow(TypeError);
  await expect(store.listFolders('v1/../../')).rejects.toThrow(TypeError);
});
