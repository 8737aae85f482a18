import { expect, test } from 'vitest';
import { marksKey } from '../../src/keys.ts';
import { parseDeviceId } from '../../src/ids.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { describeObjectStore } from '../kit/store-contract.ts';

const KEY = marksKey(parseDeviceId('laptop'), 1);

describeObjectStore(
  'the store in memory',
  {
    conditionalPut: true,
    conditionalCompletion: true,
    checksumKept: true,
    sseKms: false,
    versions: false,
    undeletes: true,
    persistent: false,
  },
  () => Promise.resolve({ store: memoryStore(), close: () => Promise.resolve() }),
);

test('tells the time by the clock it is given', async () => {
  let time = new Date('2026-11-20T14:00:00Z');
  const store = memoryStore({ now: () => time });
  const created = await store.create(KEY, [Buffer.from('x')]);
  expect(created.date).toEqual(new Date('2026-11-20T14:00:00Z'));
  time = new Date('2026-11-21T00:00:00Z');
  const listing = await store.list('v1/');
  expect(listing.objects[0]?.modified).toEqual(new Date('2026-11-20T14:00:00Z'));
  expect([listing.began, listing.ended]).toEqual([time, time]);
});

test('keeps the time of the first creation when the same bytes come again', async () => {
  const store = memoryStore();
  const first = await store.create(KEY, [Buffer.from('x')]);
  const second = await store.create(KEY, [Buffer.from('x')]);
  expect(second.date.getTime()).toBeGreaterThan(first.date.getTime());
  expect((await store.list('v1/')).objects[0]?.modified).toEqual(first.date);
});

test('rejects every call after its signal', async () => {
  const stop = new AbortController();
  const store = memoryStore({ signal: stop.signal });
  await store.create(KEY, [Buffer.from('x')]);
  const reason = new Error('interrupted');
  stop.abort(reason);
  await expect(store.list('v1/')).rejects.toBe(reason);
  await expect(store.listFolders('v1/')).rejects.toBe(reason);
  await expect(store.read(KEY, 1)).rejects.toBe(reason);
  await expect(store.find(KEY, 1)).rejects.toBe(reason);
  await expect(store.readRange(KEY, 0, 1)).rejects.toBe(reason);
  await expect(store.create(KEY, [])).rejects.toBe(reason);
  await expect(store.remove(KEY)).rejects.toBe(reason);
  await expect(store.listRemoved('v1/')).rejects.toBe(reason);
  await expect(store.undelete(KEY)).rejects.toBe(reason);
});
