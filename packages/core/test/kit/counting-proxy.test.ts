import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packKey } from '../../src/keys.ts';
import { openS3Store } from '../../src/store/s3/index.ts';
import { longestChain, startCountingProxy } from './counting-proxy.ts';
import type { CountingProxy, ProxiedRequest } from './counting-proxy.ts';
import { startS3Endpoint } from './s3-endpoint/start-s3-endpoint.ts';
import type { S3Endpoint } from './s3-endpoint/start-s3-endpoint.ts';
import { deviceFor, MiB, noise, runNumber } from './store-contract/subjects.ts';

describe('the counting proxy', () => {
  let endpoint: S3Endpoint;
  let proxy: CountingProxy;
  beforeEach(async () => {
    endpoint = await startS3Endpoint();
    proxy = await startCountingProxy(endpoint.url);
  });
  afterEach(async () => {
    await proxy.close();
    await endpoint.close();
  });
  const open = () =>
    openS3Store({
      bucket: 'bucket',
      prefix: '',
      endpoint: proxy.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      signal: new AbortController().signal,
      random: () => 0,
      lookFirst: 'never',
    });
  const key = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });
  const bytes = noise(20 * MiB, 1);

  test('passes on signed requests and their answers, and counts them and their bytes', async () => {
    const store = await open();
    await store.create(key, [bytes]);
    const range = await store.readRange(key, 1000, 5000);
    expect(range.equals(bytes.subarray(1000, 6000))).toBe(true);
    expect(proxy.counts()).toEqual({
      CreateMultipartUpload: 1,
      UploadPart: 3,
      CompleteMultipartUpload: 1,
      GetObject: 1,
    });
    const parts = proxy.log.filter(({ operation }) => operation === 'UploadPart');
    expect(parts.reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBe(bytes.length);
    expect(proxy.log.at(-1)).toMatchObject({
      operation: 'GetObject',
      key,
      status: 206,
      bytesSent: 0,
      bytesReceived: 5000,
    });
    proxy.clear();
    expect(proxy.log).toEqual([]);
  });

  test('shows which requests waited for others', async () => {
    const store = await open();
    await store.create(key, [bytes]);
    // Begin, some parts at once, complete.
    expect(longestChain(proxy.log)).toBeGreaterThanOrEqual(3);
    proxy.clear();
    await store.list('');
    await store.list('');
    expect(longestChain(proxy.log)).toBe(2);
  });

  test('breaks off where the endpoint does', async () => {
    endpoint.faults.add({ on: 'ListObjectsV2', effect: { type: 'cut-before' } });
    endpoint.place('bucket', key, bytes);
    endpoint.faults.add({ on: 'GetObject', effect: { type: 'cut-download', afterBytes: 1000 } });
    const store = await open();
    await store.list('');
    expect(bytes.equals(await store.read(key, bytes.length))).toBe(true);
    expect(proxy.counts()).toEqual({ ListObjectsV2: 2, GetObject: 2 });
    endpoint.faults.verifyAllHit();
  });
});

/** The SDK takes a larger difference for a clock that is off, and signs with the other time. */
const AHEAD_MS = 4 * 60_000;

describe('a proxy that meddles', () => {
  let endpoint: S3Endpoint;
  beforeEach(async () => {
    endpoint = await startS3Endpoint();
  });
  afterEach(() => endpoint.close());
  const key = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });
  const open = (url: string) =>
    openS3Store({
      bucket: 'bucket',
      prefix: '',
      endpoint: url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      signal: new AbortController().signal,
      random: () => 0,
      lookFirst: 'never',
    });

  test('shows head and body of a request before it is passed on whole', async () => {
    const seen: [string, string | undefined, number][] = [];
    const proxy = await startCountingProxy(endpoint.url, async ({ operation, headers, body }) => {
      seen.push([operation, headers['if-none-match'], (await body()).length]);
      return undefined;
    });
    const bytes = noise(100_000, 1);
    await (await open(proxy.url)).create(key, [bytes]);
    expect(seen).toEqual([['PutObject', '*', 100_000]]);
    expect(proxy.log).toMatchObject([{ operation: 'PutObject', bytesSent: 100_000, status: 200 }]);
    expect(endpoint.object('bucket', key)?.equals(bytes)).toBe(true);
    await proxy.close();
  });

  test('answers a request whose body it has read', async () => {
    const proxy = await startCountingProxy(endpoint.url, async ({ body }) => {
      await body();
      return { type: 'answer', status: 403, code: 'AccessDenied', message: 'no' };
    });
    await expect((await open(proxy.url)).create(key, [noise(10, 1)])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(endpoint.log).toEqual([]);
    await proxy.close();
  });

  test('replaces an answer to what was done, and tells a later time', async () => {
    let lost = 0;
    const revise = ({ operation }: { operation: string }, status: number) =>
      operation === 'PutObject' && status === 200 && lost++ === 0
        ? ({ type: 'answer', status: 500, code: 'InternalError', message: 'lost' } as const)
        : undefined;
    const proxy = await startCountingProxy(endpoint.url, undefined, { revise, dateAheadMs: () => AHEAD_MS });
    const store = await open(proxy.url);
    expect(await store.create(key, [noise(10, 1)])).toMatchObject({ outcome: 'created' });
    expect(proxy.log.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'PutObject 500',
      'PutObject 412',
      'HeadObject 200',
    ]);
    const { began, objects } = await store.list('');
    expect(+began - +(objects[0]?.modified ?? 0)).toBeGreaterThanOrEqual(AHEAD_MS);
    await proxy.close();
  });
});

describe('the longest chain', () => {
  const request = (startedMs: number, endedMs: number): ProxiedRequest => ({
    operation: 'GetObject',
    method: 'GET',
    key: '',
    startedMs,
    endedMs,
    bytesSent: 0,
    bytesReceived: 0,
    status: 200,
  });

  test.each([
    ['of nothing', [], 0],
    ['of requests at once', [request(0, 5), request(1, 4), request(2, 6)], 1],
    ['of requests one after the other', [request(0, 1), request(1, 2), request(3, 4)], 3],
    ['past a long one', [request(0, 10), request(0, 2), request(3, 5), request(6, 8)], 3],
    ['through the one that ends first', [request(0, 3), request(0, 9), request(4, 10), request(9, 12)], 2],
  ])('%s', (_, requests, length) => {
    expect(longestChain(requests)).toBe(length);
  });
});
