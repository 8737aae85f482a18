import { describe, expect, test } from 'vitest';
import { marksKey, packKey } from '../../../src/keys.ts';
import { deviceFor, MiB, noise, runNumber } from '../../kit/store-contract/subjects.ts';
import { openWatchedStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const key = marksKey(deviceFor('laptop'), 1);
const pack = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });

describe('a request in which nothing moves is given up and repeated', () => {
  // Silence is short here, and little time is given to bytes that may still be on their way.
  const limits = { silenceMs: 200, unseenBytesPerSecond: 64 * MiB };

  test.each([
    ['a listing that is never answered', 'ListObjectsV2', 'answering'],
    ['a write that is never answered', 'PutObject', 'answering'],
    ['a write that is never read', 'PutObject', 'reading'],
  ] as const)('%s', async (_, on, before) => {
    endpoint().faults.add({ on, effect: { type: 'stall', before } });
    const { store, attempts } = await openWatchedStore(endpoint(), { limits });
    if (on === 'PutObject') expect((await store.create(key, [noise(6 * MiB, 1)])).outcome).toBe('created');
    else await store.list('');
    expect(attempts[0]).toBe(`${on} 1 retried ETIMEDOUT`);
  });

  test('one part of an upload that is never read, and no other part', async () => {
    endpoint().faults.add({ on: 'UploadPart', partNumber: 2, effect: { type: 'stall', before: 'reading' } });
    const { store } = await openWatchedStore(endpoint(), { limits });
    await store.create(pack, [noise(20 * MiB, 2)]);
    expect(endpoint().count('UploadPart')).toBe(4);
  });

  test('a download that stops in the middle goes on from there', async () => {
    const bytes = noise(2 * MiB, 3);
    endpoint().place('bucket', key, bytes);
    endpoint().faults.add({ on: 'GetObject', effect: { type: 'stall-download', afterBytes: MiB } });
    const { store, attempts } = await openWatchedStore(endpoint(), { limits });
    expect(bytes.equals(await store.read(key, bytes.length))).toBe(true);
    expect(endpoint().log.at(-1)?.headers.range).toBe(`bytes=${MiB}-`);
    expect(attempts).toEqual([expect.stringMatching(/^GetObject 1 retried E/), 'GetObject 2 answered']);
  });
});

describe('a request that moves is never given up, however slow it is', () => {
  // Everything here takes several times as long as the silence allowed.
  const limits = { silenceMs: 400, unseenBytesPerSecond: MiB };
  const slow = { type: 'slow', bytesPerSecond: 4 * MiB } as const;

  test('a part of 8 MiB: what the system has taken may be acknowledged much later', async () => {
    endpoint().faults.add({ on: 'UploadPart', partNumber: 1, effect: slow });
    const { store } = await openWatchedStore(endpoint(), { limits });
    await store.create(pack, [noise(9 * MiB, 4)]);
    expect(endpoint().count('UploadPart')).toBe(2);
  });

  test('a download', async () => {
    const bytes = noise(6 * MiB, 5);
    endpoint().place('bucket', key, bytes);
    endpoint().faults.add({ on: 'GetObject', effect: slow });
    const { store, attempts } = await openWatchedStore(endpoint(), { limits });
    expect(bytes.equals(await store.read(key, bytes.length))).toBe(true);
    expect(attempts).toEqual(['GetObject 1 answered']);
  });

  test('and waiting for a turn is no silence', async () => {
    endpoint().faults.add({ on: 'PutObject', times: 3, effect: { type: 'slow', bytesPerSecond: 2 * MiB } });
    const { store, attempts } = await openWatchedStore(endpoint(), { limits: { ...limits, requestsMax: 1 } });
    const keys = [1, 2, 3].map((number) => marksKey(deviceFor('turns'), number));
    await Promise.all(keys.map((one) => store.create(one, [noise(2 * MiB, 6)])));
    expect(attempts).toEqual(keys.map(() => 'PutObject 1 answered'));
  });
});

test('an answer that comes before the body was read ends the request, and frees its connection', async () => {
  endpoint().faults.add({ on: 'PutObject', effect: { type: 'answer-unread', status: 403, code: 'AccessDenied' } });
  const { store } = await openWatchedStore(endpoint(), { limits: { requestsMax: 1 } });
  await expect(store.create(key, [noise(8 * MiB, 7)])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  await store.list('');
});
