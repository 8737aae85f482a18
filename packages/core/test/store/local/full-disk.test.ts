import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { marksKey } from '../../../src/keys.ts';
import { parseDeviceId } from '../../../src/ids.ts';
import { openLocalStore } from '../../../src/store/local/open-local-store.ts';
import { skippedSuite } from '../../kit/skipped-suite.ts';
import { filesUnder } from './temporary-folder.ts';

const key = (n: number) => marksKey(parseDeviceId('laptop'), n);
const MiB = 1024 * 1024;

const folder = await mkdtemp(join(tmpdir(), 'backup-agent-test-'));
const mounted = mountSmallDisk(folder);

if (mounted) describe('on a disk of 4 MiB', describeSmallDisk);
else skippedSuite('the local store on a full disk', 'a small disk can only be mounted by root on Linux');

function describeSmallDisk(): void {
  beforeAll(() => {
    expect(statSync(folder).dev).not.toBe(statSync(tmpdir()).dev);
  });
  afterAll(() => {
    execFileSync('umount', [folder]);
  });

  test('an object that does not fit says that the disk is full and leaves nothing behind', async () => {
    const store = await openLocalStore({ folder, create: true });
    await store.create(key(1), [Buffer.alloc(MiB, 1)]);
    await expect(store.create(key(2), [Buffer.alloc(6 * MiB)])).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: `the disk of ${folder} is full`,
    });
    expect(await filesUnder(folder)).toEqual([key(1)]);
    expect((await store.create(key(3), [Buffer.alloc(MiB, 3)])).outcome).toBe('created');
  });

  test('what is there can be listed and read when not a byte is left, and creating goes on when there is space', async () => {
    const store = await openLocalStore({ folder });
    const filler = join(folder, 'filler');
    await expect(writeFile(filler, Buffer.alloc(8 * MiB))).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(store.create(key(4), [Buffer.alloc(MiB)])).rejects.toMatchObject({ code: 'DISK_FULL' });
    const { objects, began, ended } = await store.list('v1/');
    expect(objects.map((object) => object.key)).toEqual([key(1), key(3)]);
    expect(ended.getTime()).toBeGreaterThanOrEqual(began.getTime());
    expect((await store.read(key(1), MiB)).equals(Buffer.alloc(MiB, 1))).toBe(true);
    await unlink(filler);
    expect((await store.create(key(4), [Buffer.alloc(MiB)])).outcome).toBe('created');
  });

  test('a repository on a disk mounted read-only can be read, and says why it cannot be written', async () => {
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    const store = await openLocalStore({ folder });
    const { objects, began } = await store.list('v1/');
    const latest = Math.max(...objects.map(({ modified }) => modified.getTime()));
    expect(began.getTime()).toBeGreaterThanOrEqual(latest);
    expect((await store.find(key(1), MiB))?.length).toBe(MiB);
    await expect(store.create(key(9), [])).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: `cannot create ${key(9)}: the file system of ${folder} is read-only`,
    });
  });
}

afterAll(async () => {
  if (mounted) await rmdir(folder);
  else await rm(folder, { recursive: true });
});

function mountSmallDisk(at: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', at], { stdio: 'pipe' });
    return true;
  } catch {
    return false; // A container without the right to mount.
  }
}
