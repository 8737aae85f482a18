import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolders } from '../../../src/store/local/make-folders.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a folder is made with what is missing above it, and the topmost new one is told', async () => {
  const folder = await temporaryFolder();
  expect(makeFolders(join(folder, 'a/b/c'))).toBe(join(folder, 'a'));
  expect((await stat(join(folder, 'a/b/c'))).isDirectory()).toBe(true);
  expect(makeFolders(join(folder, 'a/b/d'))).toBe(join(folder, 'a/b/d'));
});

test('one that is there is left as it is', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'a'), { mode: 0o711 });
  expect(makeFolders(join(folder, 'a'), 0o700)).toBeUndefined();
});

test.each(['file', 'file/below'])('what a file is in the way of is an error: %s', async (name) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  expect(() => makeFolders(join(folder, name))).toThrow(/EEXIST|ENOTDIR/);
});

test.runIf(process.platform === 'linux')('where a system refuses the name, it ends with the error', () => {
  expect(() => makeFolders('/proc/none/below')).toThrow(/ENOENT/);
});
