import { chmod, mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marksKey, repositoryKey } from '../../../src/keys.ts';
import { parseDeviceId } from '../../../src/ids.ts';
import { openLocalStore } from '../../../src/store/local/open-local-store.ts';
import { filesUnder, temporaryFolder } from './temporary-folder.ts';

const KEY = marksKey(parseDeviceId('laptop'), 1);
const windows = process.platform === 'win32';
const cannotBeRefused = windows || process.getuid?.() === 0;

test('a folder that does not exist is a missing repository', async () => {
  const folder = join(await temporaryFolder(), 'none');
  await expect(openLocalStore({ folder })).rejects.toMatchObject({
    code: 'REPOSITORY_MISSING',
    message: `there is no repository in ${folder}: the folder does not exist`,
  });
});

test('a folder is made with its parents when asked for, and others cannot look into it', async () => {
  const folder = join(await temporaryFolder(), 'a', 'b', 'c');
  const store = await openLocalStore({ folder, create: true });
  expect(store.location).toBe(folder);
  await store.create(repositoryKey(), [Buffer.from('x')]);
  if (windows) return;
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'v1'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'v1', 'repository.json'))).mode & 0o777).toBe(0o600);
});

test.each([true, false])('a file is not a repository (create: %s)', async (create) => {
  const folder = join(await temporaryFolder(), 'file');
  await writeFile(folder, 'x');
  await expect(openLocalStore({ folder, create })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `${folder} is not a folder`,
  });
});

test('nothing is written beside a repository whose disk was unmounted', async () => {
  const folder = join(await temporaryFolder(), 'repository');
  const store = await openLocalStore({ folder, create: true });
  await store.create(KEY, [Buffer.from('x')]);
  await rm(folder, { recursive: true });
  await expect(store.list('v1/')).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
  await expect(store.listFolders('v1/')).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
  await expect(store.read(KEY, 1)).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
  await expect(store.readRange(KEY, 0, 1)).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
  await expect(store.find(KEY, 1)).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
  await expect(store.create(KEY, [])).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('nothing is written into another folder in the place of the repository, such as an empty mount point', async () => {
  const folder = join(await temporaryFolder(), 'repository');
  const store = await openLocalStore({ folder, create: true });
  await store.create(KEY, [Buffer.from('x')]);
  await rename(folder, `${folder}-elsewhere`);
  await mkdir(folder);
  const vanished = { code: 'REPOSITORY_MISSING', message: `the repository in ${folder} vanished while it was in use` };
  await expect(store.list('v1/')).rejects.toMatchObject(vanished);
  await expect(store.read(KEY, 1)).rejects.toMatchObject(vanished);
  await expect(store.create(repositoryKey(), [])).rejects.toMatchObject(vanished);
  expect(await filesUnder(folder)).toEqual([]);
});

test.each([
  ['opening for creation', true],
  ['the first creation', false],
])('%s removes temporary files older than a day, and only those', async (_, create) => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'tmp'));
  const old = ['0123456789abcdef0123456789abcdef.part', 'laptop.lock', 'notes.part', `${'a'.repeat(32)}.txt`];
  const young = `${'b'.repeat(32)}.part`;
  for (const name of [...old, young]) await writeFile(join(folder, 'tmp', name), 'x');
  const now = (await stat(folder)).mtime.getTime();
  for (const name of old) await utimes(join(folder, 'tmp', name), 0, new Date(now - 25 * 3_600_000));
  await utimes(join(folder, 'tmp', young), 0, new Date(now - 23 * 3_600_000));

  const store = await openLocalStore({ folder, create });
  if (!create) {
    await store.list('v1/');
    expect(await filesUnder(join(folder, 'tmp'))).toEqual([...old, young].sort());
    await store.create(KEY, [Buffer.from('x')]);
  }
  expect(await filesUnder(join(folder, 'tmp'))).toEqual([...old.slice(1), young].sort());
});

test('every call rejects after the signal, and a creation under way leaves nothing', async () => {
  const folder = await temporaryFolder();
  const stop = new AbortController();
  const store = await openLocalStore({ folder, signal: stop.signal });
  const reason = new Error('interrupted');
  const creating = store.create(KEY, [Buffer.alloc(1000)]);
  stop.abort(reason);
  await expect(creating).rejects.toBe(reason);
  await expect(store.list('v1/')).rejects.toBe(reason);
  await expect(store.listFolders('v1/')).rejects.toBe(reason);
  await expect(store.read(KEY, 1)).rejects.toBe(reason);
  await expect(store.find(KEY, 1)).rejects.toBe(reason);
  await expect(store.readRange(KEY, 0, 1)).rejects.toBe(reason);
  await expect(store.create(KEY, [])).rejects.toBe(reason);
  await expect(store.remove(KEY)).rejects.toBe(reason);
  expect(await filesUnder(folder)).toEqual([]);
});

const refused = cannotBeRefused ? ' (skipped: this user is refused nothing)' : '';

test.skipIf(cannotBeRefused)(`a folder that may not be written to is refused in one sentence${refused}`, async () => {
  const folder = await temporaryFolder();
  const store = await openLocalStore({ folder });
  await store.create(KEY, [Buffer.from('x')]);
  await chmod(join(folder, 'tmp'), 0o500);
  await expect(store.create(KEY, [Buffer.from('x')])).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    message: `cannot create ${KEY}: access to ${folder} is denied`,
  });
  expect((await store.list('v1/')).objects).toMatchObject([{ key: KEY, bytes: 1 }]);
  await chmod(join(folder, 'tmp'), 0o700);
});
