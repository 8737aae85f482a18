import { describe, expect, test } from 'vitest';
import { openS3Store } from '../../../src/store/s3/index.ts';
import { openWatchedStore, testOptions, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const slowDown = { type: 'answer', status: 503, code: 'SlowDown' } as const;

/** Waits as they are asked for, in milliseconds. */
async function waitsFor(failures: number, random: () => number): Promise<number[]> {
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  endpoint().faults.add({ on: 'ListObjectsV2', times: failures, effect: slowDown });
  const { store } = await openWatchedStore(endpoint(), { sleep, random });
  await store.list('').catch(() => undefined);
  return waits;
}

describe('waits between attempts', () => {
  test('double up to a limit, and are random over their whole length', async () => {
    expect(await waitsFor(8, () => 1)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000]);
  });

  test('may be as short as nothing', async () => {
    expect(await waitsFor(3, () => 0)).toEqual([0, 0, 0]);
  });

  test('lie in between otherwise', async () => {
    expect(await waitsFor(2, () => 0.25)).toEqual([125, 250]);
  });

  test('end at once when the signal fires', async () => {
    const controller = new AbortController();
    endpoint().faults.add({ on: 'ListObjectsV2', effect: slowDown });
    const store = await openS3Store({
      ...testOptions(endpoint()),
      random: () => 1,
      limits: { backoffBaseMs: 3_600_000, backoffCapMs: 3_600_000 },
      signal: controller.signal,
      onRequest: ({ outcome }) => {
        if (outcome === 'retried') setTimeout(() => controller.abort(new Error('stop')), 10);
      },
    });
    await expect(store.list('')).rejects.toThrow('stop');
  });
});

describe('attempts', () => {
  test.each([
    ['SlowDown', { type: 'answer', status: 503, code: 'SlowDown' }],
    ['TooManyRequests', { type: 'answer', status: 429, code: 'TooManyRequests' }],
    ['InternalError', { type: 'answer', status: 500, code: 'InternalError' }],
    ['status 502', { type: 'answer', status: 502, body: '<html><h1>Bad Gateway</h1></html>' }],
    ['status 503', { type: 'answer', status: 503, body: 'no document at all' }],
    ['ECONNRESET', { type: 'cut-before' }],
    ['KMS.ThrottlingException', { type: 'answer', status: 400, code: 'KMS.ThrottlingException' }],
  ] as const)('follow on %s', async (problem, effect) => {
    endpoint().faults.add({ on: 'ListObjectsV2', times: 2, effect });
    const { store, attempts } = await openWatchedStore(endpoint());
    await store.list('');
    expect(attempts).toEqual([
      `ListObjectsV2 1 retried ${problem}`,
      `ListObjectsV2 2 retried ${problem}`,
      'ListObjectsV2 3 answered',
    ]);
  });

  test('end after eight', async () => {
    endpoint().faults.add({ on: 'ListObjectsV2', times: 8, effect: slowDown });
    const { store, attempts } = await openWatchedStore(endpoint());
    await expect(store.list('')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(attempts.at(-1)).toBe('ListObjectsV2 8 failed SlowDown');
  });

  test('do not follow on a refusal', async () => {
    endpoint().settings.denies = () => true;
    const { store, attempts } = await openWatchedStore(endpoint());
    await expect(store.list('')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(attempts).toEqual(['ListObjectsV2 1 failed AccessDenied']);
  });

  test('are few while the server has never answered, for its name may be wrong', async () => {
    const { store, attempts } = await openWatchedStore(endpoint(), { endpoint: 'http://127.0.0.1:1' });
    await expect(store.list('')).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: 'cannot reach 127.0.0.1:1 (ECONNREFUSED)',
    });
    expect(attempts).toHaveLength(3);
  });

  test('are many when the server was there before', async () => {
    const { store, attempts } = await openWatchedStore(endpoint());
    await store.list('');
    await endpoint().close();
    await expect(store.list('')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(attempts).toHaveLength(1 + 8);
  });
});

test('no more requests are under way than are allowed', async () => {
  let underWay = 0;
  let most = 0;
  endpoint().settings.denies = () => {
    underWay += 1;
    most = Math.max(most, underWay);
    return false;
  };
  const { store } = await openWatchedStore(endpoint(), {
    limits: { requestsMax: 3 },
    onRequest: () => (underWay -= 1),
  });
  await Promise.all(Array.from({ length: 20 }, () => store.list('')));
  expect(most).toBeLessThanOrEqual(3);
});

describe('options', () => {
  test.each([
    [
      'an id for a KMS key on AWS',
      { endpoint: undefined, region: 'us-west-2', kmsKey: 'alias/backup' },
      'ARN of a KMS key',
    ],
    ['an endpoint that is no address', { endpoint: 'localhost:9000' }, 'not the address of an S3 server'],
    ['an endpoint with a password', { endpoint: 'https://me:secret@host' }, 'not the address of an S3 server'],
    ['a prefix that ends with a slash', { prefix: 'a/' }, 'slash'],
  ])('with %s are refused', async (_, changes, message) => {
    const opening = openS3Store({ ...testOptions(endpoint()), ...changes });
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message) as string,
    });
    await expect(opening).rejects.not.toThrow('secret');
  });
});
