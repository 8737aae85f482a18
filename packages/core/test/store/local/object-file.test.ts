import type { FileHandle } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readExactly } from '../../../src/store/local/object-file.ts';

/** An open file of 8 bytes whose disk answers so. */
const fileThat = (read: FileHandle['read']) => ({ handle: { read } as FileHandle, bytes: 8 });
const failingWith = (code: string) =>
  fileThat(() => Promise.reject(Object.assign(new Error(`${code}: i/o error, read`), { code, syscall: 'read' })));

test('a sector that the disk cannot read is damage of the object', async () => {
  await expect(readExactly(failingWith('EIO'), { offset: 0, length: 4 }, 'v1/a')).rejects.toMatchObject({
    code: 'OBJECT_DAMAGED',
    message: 'v1/a is damaged: the disk cannot read it',
    key: 'v1/a',
  });
});

test('a share that is away is no damage', async () => {
  await expect(readExactly(failingWith('ENOTCONN'), { offset: 0, length: 4 }, 'v1/a')).rejects.toMatchObject({
    code: 'ENOTCONN',
  });
});

test('a file that ends early is damage', async () => {
  const ended = fileThat((() => Promise.resolve({ bytesRead: 0 })) as unknown as FileHandle['read']);
  await expect(readExactly(ended, { offset: 0, length: 4 }, 'v1/a')).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
  await expect(readExactly(ended, { offset: 6, length: 4 }, 'v1/a')).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
});
