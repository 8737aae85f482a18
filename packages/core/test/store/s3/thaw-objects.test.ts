import { describe, expect, test } from 'vitest';
import type { ObjectKey } from '../../../src/ids.ts';
import { openTestStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const key = 'cold' as ObjectKey;
const DAY_MS = 24 * 60 * 60_000;
const week = { days: 7, speed: 'bulk' } as const;

async function storeWithArchived(storageClass: 'GLACIER' | 'DEEP_ARCHIVE' = 'GLACIER') {
  const store = await openTestStore(endpoint());
  endpoint().place('bucket', key, Buffer.from('warm again'));
  endpoint().archive('bucket', key, storageClass);
  return store;
}

test.each(['GLACIER', 'DEEP_ARCHIVE'] as const)('an object of %s cannot be read until it is thawed', async (cold) => {
  const store = await storeWithArchived(cold);
  expect((await store.list('')).objects[0]?.storageClass).toBe(cold);
  await expect(store.read(key, 100)).rejects.toMatchObject({ code: 'OBJECT_ARCHIVED', key });
  await expect(store.readRange(key, 0, 4)).rejects.toMatchObject({ code: 'OBJECT_ARCHIVED' });
  expect(await store.archiveState(key)).toEqual({ state: 'archived' });
  await store.thaw(key, week);
  expect(await store.archiveState(key)).toEqual({ state: 'thawing' });
  await expect(store.read(key, 100)).rejects.toMatchObject({ code: 'OBJECT_ARCHIVED' });
  endpoint().finishThawing('bucket');
  expect(await store.archiveState(key)).toEqual({
    state: 'readable',
    leftMs: expect.closeTo(7 * DAY_MS, -5) as number,
  });
  expect((await store.read(key, 100)).toString()).toBe('warm again');
});

describe('asking twice', () => {
  test('while it is under way changes nothing', async () => {
    const store = await storeWithArchived();
    await store.thaw(key, week);
    await store.thaw(key, week);
    expect(endpoint().log.map(({ operation, status }) => [operation, status])).toEqual([
      ['RestoreObject', 202],
      ['RestoreObject', 409],
    ]);
  });

  test('afterwards prolongs the copy', async () => {
    const store = await storeWithArchived();
    await store.thaw(key, week);
    endpoint().finishThawing('bucket');
    await store.thaw(key, { ...week, days: 30 });
    expect(await store.archiveState(key)).toMatchObject({ leftMs: expect.closeTo(30 * DAY_MS, -5) as number });
  });

  test('is what a lost answer leads to', async () => {
    endpoint().faults.add({ on: 'RestoreObject', effect: { type: 'cut-after' } });
    const store = await storeWithArchived();
    await store.thaw(key, week);
    expect(await store.archiveState(key)).toEqual({ state: 'thawing' });
  });
});

test('what is in no archive is readable, and asking for it is no error', async () => {
  const store = await openTestStore(endpoint());
  endpoint().place('bucket', key, Buffer.from('warm'));
  expect(await store.archiveState(key)).toEqual({ state: 'readable' });
  await store.thaw(key, week);
});

test('what is missing is told', async () => {
  const store = await openTestStore(endpoint());
  await expect(store.archiveState(key)).rejects.toMatchObject({ code: 'OBJECT_MISSING', key });
  await expect(store.thaw(key, week)).rejects.toMatchObject({ code: 'OBJECT_MISSING', key });
});

test('who may not thaw is told of the permission, and of the setting that gives it', async () => {
  const store = await storeWithArchived();
  endpoint().settings.denies = ({ operation }) => operation === 'RestoreObject';
  await expect(store.thaw(key, week)).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    hint: expect.stringMatching(/s3:RestoreObject.*packTiering/) as string,
  });
});

test('an archive without room for hurry is not asked again and again', async () => {
  endpoint().faults.add({
    on: 'RestoreObject',
    effect: { type: 'answer', status: 503, code: 'GlacierExpeditedRetrievalNotAvailable' },
  });
  const store = await storeWithArchived();
  await expect(store.thaw(key, { days: 1, speed: 'expedited' })).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
    hint: expect.stringContaining('--thaw standard') as string,
  });
  expect(endpoint().count('RestoreObject')).toBe(1);
});
