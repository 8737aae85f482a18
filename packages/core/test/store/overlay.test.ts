import { expect, test } from 'vitest';
import {
  makeRunId,
  marksKey,
  memoryStore,
  overlayStore,
  packKey,
  parseDeviceId,
  snapshotKey,
  snapshotName,
} from '../../src/index.ts';
import type { ObjectKey, ObjectStore } from '../../src/index.ts';

const DEVICE = parseDeviceId('desk-1');
const RUN = makeRunId(new Date(0), Buffer.alloc(4));
const A = packKey(DEVICE, { kind: 'data', run: RUN, number: 0 });
const B = packKey(DEVICE, { kind: 'data', run: RUN, number: 1 });
const MARKS = marksKey(DEVICE, 1);

async function twoLayers(): Promise<{ below: ObjectStore; store: ObjectStore }> {
  const below = memoryStore();
  await below.create(A, [Buffer.from('first')]);
  await below.create(B, [Buffer.from('second')]);
  return { below, store: overlayStore(below) };
}

const keysOf = async (store: ObjectStore, prefix = 'v1/'): Promise<string[]> =>
  (await store.list(prefix)).objects.map(({ key }) => key);

test('what is written through it is seen through it, and not below', async () => {
  const { below, store } = await twoLayers();
  expect((await store.create(MARKS, [Buffer.from('marks')])).outcome).toBe('created');
  expect(await keysOf(store)).toEqual([A, B, MARKS]);
  expect((await store.read(MARKS, 10)).toString()).toBe('marks');
  expect((await store.readRange(MARKS, 1, 3)).toString()).toBe('ark');
  expect(await keysOf(below)).toEqual([A, B]);
});

test('what is removed through it is gone for it alone, and its key is free', async () => {
  const { below, store } = await twoLayers();
  await store.remove(A);
  expect(await keysOf(store)).toEqual([B]);
  expect(await store.find(A, 10)).toBeUndefined();
  expect((await store.create(A, [Buffer.from('other')])).outcome).toBe('created');
  expect((await store.read(A, 10)).toString()).toBe('other');
  expect((await below.read(A, 10)).toString()).toBe('first');
});

test('a key that is taken below is taken', async () => {
  const { store } = await twoLayers();
  expect((await store.create(A, [Buffer.from('other')])).outcome).toBe('already-there');
  expect((await store.read(A, 10)).toString()).toBe('first');
});

test('what is written lands at the time that the store below tells', async () => {
  const { below, store } = await twoLayers();
  const before = (await below.list('v1/')).ended;
  await store.create(MARKS, [Buffer.from('marks')]);
  const written = (await store.list(MARKS)).objects[0];
  expect(+(written?.modified ?? 0)).toBeGreaterThan(+before);
});

test('folders of both layers are listed', async () => {
  const { store } = await twoLayers();
  await store.create(snapshotKey(parseDeviceId('desk-2'), snapshotName(RUN, 0)), [Buffer.from('x')]);
  expect(await store.listFolders('v1/devices/')).toEqual(['desk-1', 'desk-2']);
});

test('reading goes to the layer that has the object', async () => {
  const { store } = await twoLayers();
  await store.create(MARKS, [Buffer.from('marks')]);
  expect((await store.find(B, 10))?.toString()).toBe('second');
  await expect(store.read('v1/devices/desk-1/none' as ObjectKey, 10)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
});
