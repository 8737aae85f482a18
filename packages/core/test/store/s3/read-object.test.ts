import { describe, expect, test } from 'vitest';
import { marksKey } from '../../../src/keys.ts';
import type { FaultEffect } from '../../kit/s3-endpoint/faults.ts';
import { deviceFor, MiB, noise } from '../../kit/store-contract/subjects.ts';
import { openTestStore, openWatchedStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const key = marksKey(deviceFor('laptop'), 1);
const bytes = noise(3 * MiB, 1);
const place = (): void => endpoint().place('bucket', key, bytes);
const rangesAsked = (): (string | undefined)[] =>
  endpoint().log.flatMap(({ operation, headers }) => (operation === 'GetObject' ? [headers.range] : []));

describe('a download that is cut off', () => {
  const cut = (afterBytes: number): FaultEffect => ({ type: 'cut-download', afterBytes });

  test('goes on where it stopped', async () => {
    place();
    endpoint().faults.add({ on: 'GetObject', times: 2, effect: cut(MiB) });
    const store = await openTestStore(endpoint());
    expect(bytes.equals(await store.read(key, bytes.length))).toBe(true);
    expect(rangesAsked()).toEqual([undefined, `bytes=${MiB}-`, `bytes=${2 * MiB}-`]);
  });

  test('of a range goes on where it stopped', async () => {
    place();
    endpoint().faults.add({ on: 'GetObject', effect: cut(1000) });
    const store = await openTestStore(endpoint());
    expect(bytes.subarray(10, MiB).equals(await store.readRange(key, 10, MiB - 10))).toBe(true);
    expect(rangesAsked()).toEqual([`bytes=10-${MiB - 1}`, `bytes=1010-${MiB - 1}`]);
  });

  test('before its first byte is begun anew', async () => {
    place();
    endpoint().faults.add({ on: 'GetObject', effect: { type: 'cut-after' } }, { on: 'GetObject', effect: cut(0) });
    const store = await openTestStore(endpoint());
    expect(bytes.equals(await store.read(key, bytes.length))).toBe(true);
  });

  test('again and again is given up with the name of the server', async () => {
    place();
    endpoint().faults.add({ on: 'GetObject', times: 8, effect: cut(0) });
    const store = await openTestStore(endpoint());
    await expect(store.read(key, bytes.length)).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: expect.stringContaining(new URL(endpoint().url).host) as string,
    });
  });

  test('is not continued with the bytes of another object', async () => {
    place();
    endpoint().faults.add(
      { on: 'GetObject', effect: cut(MiB) },
      {
        on: 'GetObject',
        effect: {
          type: 'answer',
          status: 206,
          headers: { etag: '"other"', 'content-range': `bytes ${MiB}-${3 * MiB - 1}/${3 * MiB}` },
          body: 'x'.repeat(2 * MiB),
        },
      },
    );
    const store = await openTestStore(endpoint());
    await expect(store.read(key, bytes.length)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key });
  });
});

describe('an object over the limit', () => {
  test('is refused before its bytes come, and its connection is freed', async () => {
    place();
    // Whoever read the body would wait for hours.
    endpoint().faults.add({ on: 'GetObject', effect: { type: 'slow', bytesPerSecond: 10 } });
    const store = await openTestStore(endpoint(), { limits: { requestsMax: 1 } });
    await expect(store.read(key, MiB)).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      message: `s3://bucket/${key} is ${3 * MiB} bytes long, over the limit of ${MiB}`,
    });
    await store.list('');
  });
});

describe('a range', () => {
  test.each<[string, FaultEffect, string]>([
    ['answered with the whole object', { type: 'answer', status: 200, body: 'all of it' }, 'CONFIG_INVALID'],
    [
      'answered from another place',
      { type: 'answer', status: 206, headers: { 'content-range': 'bytes 5-14/100' }, body: '0123456789' },
      'OBJECT_DAMAGED',
    ],
    [
      'answered with less',
      { type: 'answer', status: 206, headers: { 'content-range': 'bytes 10-14/15' }, body: '01234' },
      'OBJECT_DAMAGED',
    ],
    ['answered without its place', { type: 'answer', status: 206, body: '0123456789' }, 'OBJECT_DAMAGED'],
    [
      'answered with more bytes than announced',
      { type: 'answer', status: 206, headers: { 'content-range': 'bytes 10-19/100' }, body: '0123456789+' },
      'OBJECT_DAMAGED',
    ],
    ['beyond the end', { type: 'answer', status: 416, code: 'InvalidRange' }, 'OBJECT_DAMAGED'],
  ])('%s is refused', async (_, effect, code) => {
    endpoint().faults.add({ on: 'GetObject', effect });
    const store = await openTestStore(endpoint());
    await expect(store.readRange(key, 10, 10)).rejects.toMatchObject({
      code,
      key: code === 'OBJECT_DAMAGED' ? key : undefined,
    });
  });
});

describe('where a missing object is answered with "denied", as S3 does for whoever may list under a prefix only', () => {
  const denyReading = (): void => {
    endpoint().settings.denies = ({ operation }) => operation === 'GetObject';
  };

  test('the listing tells that it is missing', async () => {
    denyReading();
    const store = await openTestStore(endpoint());
    expect(await store.find(key, 10)).toBeUndefined();
    await expect(store.read(key, 10)).rejects.toMatchObject({ code: 'OBJECT_MISSING', key });
    await expect(store.readRange(key, 0, 10)).rejects.toMatchObject({ code: 'OBJECT_MISSING', key });
  });

  test('the listing tells that it is there, and so really denied', async () => {
    denyReading();
    place();
    const store = await openTestStore(endpoint());
    await expect(store.find(key, 10)).rejects.toMatchObject({ code: 'ACCESS_DENIED', key });
    await expect(store.readRange(key, 0, 10)).rejects.toMatchObject({ code: 'ACCESS_DENIED', key });
  });

  test('a listing that is denied too leaves the first answer standing', async () => {
    endpoint().settings.denies = () => true;
    const store = await openTestStore(endpoint());
    await expect(store.find(key, 10)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: `not allowed to read s3://bucket/${key}`,
    });
  });
});

test('reading with wrong credentials asks once and fails', async () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'wrong' };
  const { store, attempts } = await openWatchedStore(endpoint(), { credentials });
  await expect(store.find(key, 10)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect(attempts.filter((attempt) => attempt.includes('retried'))).toEqual([]);
});
