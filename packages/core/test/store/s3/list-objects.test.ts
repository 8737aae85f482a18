import { describe, expect, test } from 'vitest';
import type { FaultEffect } from '../../kit/s3-endpoint/faults.ts';
import { openTestStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const one = Buffer.from('1');
const page = (inner: string): FaultEffect => ({
  type: 'answer',
  status: 200,
  body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${inner}</ListBucketResult>`,
});

describe('pages', () => {
  test('are put together, and each is asked for once', async () => {
    endpoint().settings.pageSize = 3;
    const keys = Array.from({ length: 10 }, (_, n) => `v1/${n}`);
    for (const key of keys) endpoint().place('bucket', key, one);
    const store = await openTestStore(endpoint());
    expect((await store.list('v1/')).objects.map(({ key }) => key)).toEqual(keys);
    expect(endpoint().count('ListObjectsV2')).toBe(4);
  });

  test('that fail are asked for again alone', async () => {
    endpoint().settings.pageSize = 1;
    endpoint().place('bucket', 'v1/a', one);
    endpoint().place('bucket', 'v1/b', one);
    endpoint().faults.add(
      { on: 'ListObjectsV2', after: 1, effect: { type: 'cut-download', afterBytes: 200 } },
      { on: 'ListObjectsV2', effect: { type: 'answer', status: 503, code: 'SlowDown' } },
    );
    const store = await openTestStore(endpoint());
    expect((await store.list('')).objects.map(({ key }) => key)).toEqual(['v1/a', 'v1/b']);
  });

  test.each([
    ['that says there is more, but not where', page('<IsTruncated>true</IsTruncated><KeyCount>0</KeyCount>')],
    [
      'that is no listing, and so would look empty',
      { type: 'answer', status: 200, body: '<html><body>Log in</body></html>' } as const,
    ],
    ['with an object without a length', page('<IsTruncated>false</IsTruncated><Contents><Key>k</Key></Contents>')],
  ])('are refused if there is one %s', async (_, effect) => {
    endpoint().faults.add({ on: 'ListObjectsV2', effect });
    const store = await openTestStore(endpoint());
    await expect(store.list('')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  test('that lead nowhere are not asked for again and again', async () => {
    const same = page('<IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken>');
    endpoint().faults.add({ on: 'ListObjectsV2', times: 2, effect: same });
    const store = await openTestStore(endpoint());
    await expect(store.list('')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });
});

describe('folders', () => {
  test('are asked for by pages, however much they hold, and objects beside them do not count', async () => {
    endpoint().settings.pageSize = 2;
    const devices = ['a', 'a-b', 'b', 'c', 'ä b+c'];
    for (const device of devices)
      for (let n = 0; n < 10; n += 1) endpoint().place('bucket', `office/v1/devices/${device}/data/${n}`, one);
    endpoint().place('bucket', 'office/v1/devices/file', one);
    endpoint().place('bucket', 'office-2/v1/devices/other/x', one);
    const store = await openTestStore(endpoint(), { prefix: 'office' });
    expect(await store.listFolders('v1/devices/')).toEqual(devices);
    expect(endpoint().count('ListObjectsV2')).toBe(3);
    expect(await store.listFolders('v1/devices/a/data/')).toEqual([]);
  });

  test.each([
    [
      'that says there is more, but not where',
      page('<IsTruncated>true</IsTruncated><CommonPrefixes><Prefix>v1/a/</Prefix></CommonPrefixes>'),
    ],
    [
      'that is no listing, and so would look empty',
      { type: 'answer', status: 200, body: '<html><body>Log in</body></html>' } as const,
    ],
    [
      'with a folder that is not below the prefix',
      page('<IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>v2/a/</Prefix></CommonPrefixes>'),
    ],
    [
      'with a folder without a name',
      page('<IsTruncated>false</IsTruncated><CommonPrefixes><Other>v1/a/</Other></CommonPrefixes>'),
    ],
  ])('are refused if there is a page %s', async (_, effect) => {
    endpoint().faults.add({ on: 'ListObjectsV2', effect });
    const store = await openTestStore(endpoint());
    await expect(store.listFolders('v1/')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  test('that may not be listed are refused', async () => {
    endpoint().settings.denies = () => true;
    const store = await openTestStore(endpoint());
    await expect(store.listFolders('v1/devices/')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});

test('times are those of the first and the last answer, by the server’s clock', async () => {
  endpoint().settings.pageSize = 1;
  endpoint().place('bucket', 'v1/a', one);
  endpoint().place('bucket', 'v1/b', one);
  const start = Math.floor(Date.now() / 1000) * 1000;
  let pages = 0;
  endpoint().settings.denies = () => {
    pages += 1;
    endpoint().setClock(new Date(start + pages * 60_000));
    return false;
  };
  const store = await openTestStore(endpoint());
  const { began, ended } = await store.list('');
  expect([began, ended].map((time) => time.getTime() - start)).toEqual([60_000, 120_000]);
});

test('a server that sends no time cannot hold a repository', async () => {
  const noDate = page('<IsTruncated>false</IsTruncated>') as FaultEffect & { type: 'answer' };
  endpoint().faults.add({ on: 'ListObjectsV2', effect: { ...noDate, headers: { date: '' } } });
  const store = await openTestStore(endpoint());
  await expect(store.list('')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('keys of other people come back as they are, sorted by bytes, below the prefix', async () => {
  const keys = ['a b', 'a+b', 'a%20b', 'ä/\u{1f600}', 'ä/\ufb01', 'new\nline', '<&>"', '100%'];
  for (const key of keys) endpoint().place('bucket', `my files/${key}`, one);
  endpoint().place('bucket', 'my files-2/x', one);
  const store = await openTestStore(endpoint(), { prefix: 'my files' });
  const listed = (await store.list('')).objects.map(({ key }) => key);
  expect(listed).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
});

test('a missing bucket is a missing repository', async () => {
  const store = await openTestStore(endpoint(), { bucket: 'no-such-bucket' });
  await expect(store.list('')).rejects.toMatchObject({ code: 'REPOSITORY_MISSING', exitCode: 4 });
});
