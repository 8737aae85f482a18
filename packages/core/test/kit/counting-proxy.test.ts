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
