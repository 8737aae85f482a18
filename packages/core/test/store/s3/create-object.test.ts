import { describe, expect, test } from 'vitest';
import { indexKey, packKey, snapshotKey } from '../../../src/keys.ts';
import { snapshotName } from '../../../src/ids.ts';
import { deviceFor, MiB, noise, runNumber } from '../../kit/store-contract/subjects.ts';
import { openTestStore, openWatchedStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const device = deviceFor('laptop');
const key = snapshotKey(device, snapshotName(runNumber(1), 0));
const bytes = noise(1000, 1);

describe('an answer that was lost', () => {
  test('is settled by comparing length and checksum: the object is ours', async () => {
    endpoint().faults.add({ on: 'PutObject', effect: { type: 'cut-after' } });
    const { store, attempts } = await openWatchedStore(endpoint());
    const created = await store.create(key, [bytes]);
    expect(created).toMatchObject({ outcome: 'created', etag: (await store.list(key)).objects[0]?.etag });
    expect(attempts.slice(0, 3)).toEqual([
      'PutObject 1 retried ECONNRESET',
      'PutObject 2 refused PreconditionFailed',
      'HeadObject 1 answered',
    ]);
  });

  test('is settled by reading where the server keeps no checksum', async () => {
    endpoint().settings.keepsChecksums = false;
    endpoint().faults.add({ on: 'PutObject', effect: { type: 'cut-after' } });
    const store = await openTestStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'created' });
    expect(endpoint().count('GetObject')).toBe(1);
  });

  test.each([
    ['HEAD is denied', ['HeadObject']],
    ['the answer to HEAD is an error without a document', []],
  ])('is settled by reading where %s', async (_, denied) => {
    endpoint().settings.denies = ({ operation }) => denied.includes(operation);
    if (denied.length === 0) endpoint().faults.add({ on: 'HeadObject', effect: { type: 'answer', status: 403 } });
    endpoint().faults.add({ on: 'PutObject', effect: { type: 'cut-after' } });
    const store = await openTestStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'created' });
  });

  test('cannot be settled where reading is denied as well, and says what is missing', async () => {
    endpoint().settings.denies = ({ operation }) => ['HeadObject', 'GetObject'].includes(operation);
    endpoint().faults.add({ on: 'PutObject', effect: { type: 'cut-after' } });
    const store = await openTestStore(endpoint());
    await expect(store.create(key, [bytes])).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      key,
      hint: expect.stringContaining('s3:GetObject') as string,
    });
  });
});

describe('a key that holds something else', () => {
  test.each([
    ['by length', noise(999, 1), false, 0],
    ['by checksum', noise(1000, 2), true, 0],
    ['by reading', noise(1000, 2), false, 1],
  ])('is already there, told %s', async (_, other, keepsChecksums, downloads) => {
    endpoint().settings.keepsChecksums = keepsChecksums;
    const store = await openTestStore(endpoint());
    await store.create(key, [other]);
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'already-there', checksum: undefined });
    expect(endpoint().object('bucket', key)?.equals(other)).toBe(true);
    expect(endpoint().count('GetObject')).toBe(downloads);
  });
});

test('a key that is taken is left alone also where the server ignores the condition, if it is looked at first', async () => {
  endpoint().settings.conditionalPut = false;
  endpoint().place('bucket', key, noise(10, 3));
  const store = await openTestStore(endpoint(), { lookFirst: 'always' });
  expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'already-there' });
  expect(endpoint().count('PutObject')).toBe(0);
});

describe('a conflict', () => {
  const conflict = { type: 'answer', status: 409, code: 'ConditionalRequestConflict' } as const;

  test('that nobody won is tried again', async () => {
    endpoint().faults.add({ on: 'PutObject', effect: conflict });
    const store = await openTestStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'created' });
  });

  test('that nobody won is tried again, also by whom S3 tells "denied" about a missing object', async () => {
    endpoint().settings.denies = (call) =>
      ['HeadObject', 'GetObject'].includes(call.operation) && endpoint().object('bucket', call.key) === undefined;
    endpoint().faults.add({ on: 'PutObject', effect: conflict });
    const { store, attempts } = await openWatchedStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'created' });
    expect(attempts).toEqual([
      'PutObject 1 refused ConditionalRequestConflict',
      expect.stringMatching(/^HeadObject 1 refused/),
      'GetObject 1 refused AccessDenied',
      'ListObjectsV2 1 answered',
      'PutObject 1 answered',
    ]);
  });

  test('that the same bytes won counts as created', async () => {
    endpoint().faults.add({ on: 'PutObject', effect: conflict });
    endpoint().place('bucket', key, bytes);
    const store = await openTestStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'created', etag: 'placed' });
  });

  test('that never ends is given up', async () => {
    endpoint().faults.add({ on: 'PutObject', times: 3, effect: conflict });
    const store = await openTestStore(endpoint());
    await expect(store.create(key, [bytes])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', key });
  });
});

describe('one attempt only', () => {
  test.each([
    ['the connection is cut before', { type: 'cut-before' }],
    ['the answer is lost', { type: 'cut-after' }],
    ['the server fails', { type: 'answer', status: 500 }],
    ['the server asks to slow down', { type: 'answer', status: 503, code: 'SlowDown' }],
    ['somebody else changes the key', { type: 'answer', status: 409, code: 'ConditionalRequestConflict' }],
  ] as const)('is not repeated when %s', async (_, effect) => {
    endpoint().faults.add({ on: 'PutObject', effect });
    const store = await openTestStore(endpoint());
    await expect(store.create(key, [bytes], { once: true })).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(endpoint().count('PutObject')).toBe(1);
  });

  test('sends even a large body whole', async () => {
    const store = await openTestStore(endpoint());
    await store.create(key, [noise(9 * MiB, 3)], { once: true });
    expect(endpoint().log.map(({ operation }) => operation)).toEqual(['PutObject']);
  });
});

test('an index segment goes by one request however long it is, and a pack does not', async () => {
  const store = await openTestStore(endpoint());
  const large = noise(9 * MiB, 4);
  expect((await store.create(indexKey(device, runNumber(1)), [large])).checksum?.parts).toBe(0);
  expect(endpoint().count('PutObject')).toBe(1);
  const pack = packKey(device, { kind: 'data', run: runNumber(1), number: 0 });
  expect((await store.create(pack, [large])).checksum?.parts).toBe(2);
  expect(endpoint().count('PutObject')).toBe(1);
});

test('bytes that change on the way are sent again', async () => {
  endpoint().faults.add({ on: 'PutObject', effect: { type: 'answer', status: 400, code: 'BadDigest' } });
  const { store, attempts } = await openWatchedStore(endpoint());
  await store.create(key, [bytes]);
  expect(attempts).toEqual(['PutObject 1 retried BadDigest', 'PutObject 2 answered']);
});

test('an upload cut off in the middle is sent again', async () => {
  endpoint().faults.add({ on: 'PutObject', effect: { type: 'cut-upload', afterBytes: 2 * MiB } });
  const { store, attempts } = await openWatchedStore(endpoint());
  const body = noise(5 * MiB, 5);
  await store.create(key, [body]);
  expect(attempts).toEqual([expect.stringMatching(/PutObject 1 retried (ECONNRESET|EPIPE)/), 'PutObject 2 answered']);
  expect(endpoint().object('bucket', key)?.equals(body)).toBe(true);
});

test('a checksum in the answer that is not that of the bytes is damage', async () => {
  endpoint().faults.add({
    on: 'PutObject',
    effect: {
      type: 'answer',
      status: 200,
      headers: { etag: '"x"', 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') },
      body: '',
    },
  });
  const store = await openTestStore(endpoint());
  await expect(store.create(key, [bytes])).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key });
});

describe('what a pack of documents is uploaded with, as it is to lie', () => {
  const pack = (kind: 'data' | 'meta') => packKey(device, { kind, run: runNumber(1), number: 1 });
  const CLASS = 'x-amz-storage-class';
  const TAGS = 'x-amz-tagging';
  test.each([
    ['none', {}],
    ['intelligent', { [CLASS]: 'INTELLIGENT_TIERING' }],
    ['glacier-ir', { [TAGS]: 'pack=data' }],
    ['glacier', { [TAGS]: 'pack=data' }],
  ] as const)('%s', async (packTiering, asked) => {
    const store = await openTestStore(endpoint(), { packTiering });
    await store.create(pack('data'), [bytes]);
    await store.create(pack('meta'), [bytes]);
    await store.create(key, [bytes]);
    const traits = endpoint().log.map(({ headers }) =>
      Object.fromEntries([CLASS, TAGS].flatMap((name) => (name in headers ? [[name, headers[name]]] : []))),
    );
    expect(traits).toEqual([asked, {}, {}]);
  });

  test.each(['intelligent', 'glacier'] as const)(
    '%s, in parts: the same, when the upload is begun',
    async (packTiering) => {
      const store = await openTestStore(endpoint(), { packTiering });
      const body = noise(9 * MiB, 1);
      await store.create(pack('data'), [body]);
      const began = endpoint().log.filter(({ headers }) => CLASS in headers || TAGS in headers);
      expect(began.map(({ operation }) => operation)).toEqual(['CreateMultipartUpload']);
      expect(endpoint().log.map(({ operation }) => operation)).not.toContain('Unknown');
      expect(endpoint().object('bucket', pack('data'))?.equals(body)).toBe(true);
    },
  );
});
