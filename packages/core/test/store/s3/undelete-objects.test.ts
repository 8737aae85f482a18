import { expect, test } from 'vitest';
import type { ObjectKey } from '../../../src/ids.ts';
import type { FaultEffect } from '../../kit/s3-endpoint/faults.ts';
import { openTestStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const one = Buffer.from('1');
const page = (inner: string): FaultEffect => ({
  type: 'answer',
  status: 200,
  body: `<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult>${inner}</ListVersionsResult>`,
});

test('pages of versions are put together, also between the versions of one key', async () => {
  endpoint().settings.pageSize = 1;
  const store = await openTestStore(endpoint(), { prefix: 'my files' });
  const keys = ['a b', 'a+b', 'a%20b', 'ä/\u{1f600}', 'ä/\ufb01', '<&>"'] as ObjectKey[];
  for (const key of keys) endpoint().place('bucket', `my files/${key}`, one);
  endpoint().place('bucket', 'my files/there', one);
  for (const key of keys) await store.remove(key);
  const listed = (await store.listRemoved('')).map(({ key }) => key);
  expect(listed).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  for (const key of keys) expect(await store.undelete(key)).toBe('restored');
  expect(await store.listRemoved('')).toEqual([]);
});

test('what only a delete marker is left of is gone, and not listed', async () => {
  const store = await openTestStore(endpoint());
  await store.remove('purged' as ObjectKey);
  expect(await store.listRemoved('')).toEqual([]);
  expect(await store.undelete('purged' as ObjectKey)).toBe('gone');
});

test('every delete marker is taken away, and nothing else', async () => {
  const store = await openTestStore(endpoint());
  const key = 'twice' as ObjectKey;
  endpoint().place('bucket', key, one);
  await store.remove(key);
  await store.remove(key);
  expect(await store.undelete(key)).toBe('restored');
  expect(endpoint().count('DeleteObjectVersion')).toBe(2);
  expect(one.equals(await store.read(key, 1))).toBe(true);
});

test('a lost answer is asked for again', async () => {
  const store = await openTestStore(endpoint());
  const key = 'lost' as ObjectKey;
  endpoint().place('bucket', key, one);
  await store.remove(key);
  endpoint().faults.add({ on: 'DeleteObjectVersion', effect: { type: 'cut-after' } });
  expect(await store.undelete(key)).toBe('restored');
});

test.each([
  ['ListObjectVersions', 's3:ListBucketVersions'],
  ['DeleteObjectVersion', 's3:DeleteObjectVersion'],
])('who may not do %s is told of %s', async (operation, permission) => {
  const store = await openTestStore(endpoint());
  const key = 'denied' as ObjectKey;
  endpoint().place('bucket', key, one);
  await store.remove(key);
  endpoint().settings.denies = (call) => call.operation === operation;
  await expect(store.undelete(key)).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    hint: expect.stringContaining(permission) as string,
  });
});

test.each([
  ['says there is more, but not where', page('<IsTruncated>true</IsTruncated>')],
  ['is no listing, and so would look empty', { type: 'answer', status: 200, body: '<html/>' } as const],
  ['has a version without an id', page('<IsTruncated>false</IsTruncated><Version><Key>k</Key></Version>')],
])('a page that %s is refused', async (_, effect) => {
  endpoint().faults.add({ on: 'ListObjectVersions', effect });
  const store = await openTestStore(endpoint());
  await expect(store.listRemoved('')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});

test('pages that lead nowhere are not asked for again and again', async () => {
  const same = page('<IsTruncated>true</IsTruncated><NextKeyMarker>same</NextKeyMarker>');
  endpoint().faults.add({ on: 'ListObjectVersions', times: 2, effect: same });
  const store = await openTestStore(endpoint());
  await expect(store.listRemoved('')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});
