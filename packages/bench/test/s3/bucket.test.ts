import { expect, test } from 'vitest';
import { ensureBucket, removeUnder, storedUnder, type BucketLocation } from '../../src/s3/bucket.ts';
import { startTestEndpoint } from '../kit/s3-endpoint.ts';

const now = () => new Date('2026-01-01T00:00:00Z');
const locate = (endpoint: string): BucketLocation => ({
  endpoint,
  region: 'us-east-1',
  bucket: 'bench',
  accessKey: 'id',
  secretKey: 'key',
});

test('a bucket is made once', async () => {
  const endpoint = await startTestEndpoint('bench');
  await ensureBucket(locate(endpoint.url), now);
  await ensureBucket(locate(endpoint.url), now);
  expect(endpoint.received.map(({ line }) => line)).toEqual(['HEAD /bench', 'PUT /bench', 'HEAD /bench']);
});

test('objects are counted and removed under a prefix only, over several pages', async () => {
  const endpoint = await startTestEndpoint('bench');
  const bucket = locate(endpoint.url);
  await ensureBucket(bucket, now);
  for (const key of ['a/1', 'a/2 & more', 'a/(3)', 'a/4', 'a/b/5', 'ab']) endpoint.objects.set(key, Buffer.alloc(10));

  expect(await storedUnder('a/', bucket, now)).toEqual({ objects: 5, bytes: 50 });
  await removeUnder('a/', bucket, now);
  expect([...endpoint.objects.keys()]).toEqual(['ab']);
  expect(await storedUnder('a/', bucket, now)).toEqual({ objects: 0, bytes: 0 });
});

test.each([
  ['ACCESS_DENIED', 403, '<Error><Message>not yours</Message></Error>', /cannot list a\/ in bench at .*: not yours/],
  ['FAILED', 500, 'no XML', /: status 500/],
])('a refusal is told as %s', async (code, status, body, message) => {
  const endpoint = await startTestEndpoint('bench');
  endpoint.answerAlways(status, body);
  const listing = storedUnder('a/', locate(endpoint.url), now);
  await expect(listing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('an endpoint that cannot be reached is told', async () => {
  const listing = storedUnder('a/', locate('http://127.0.0.1:1'), now);
  await expect(listing).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});
