import { describe, expect, test } from 'vitest';
import { packKey } from '../../../src/keys.ts';
import type { ObjectStore } from '../../../src/store/ports.ts';
import type { FaultEffect } from '../../kit/s3-endpoint/faults.ts';
import { deviceFor, inPieces, MiB, noise, runNumber } from '../../kit/store-contract/subjects.ts';
import { openTestStore, openWatchedStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const key = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });
/** Five parts, the last of them short. */
const bytes = noise(33 * MiB, 1);

const partsSent = (): number[] =>
  endpoint()
    .log.flatMap(({ operation, partNumber }) => (operation === 'UploadPart' && partNumber ? [partNumber] : []))
    .sort((a, b) => a - b);

async function expectStored(store: ObjectStore): Promise<void> {
  expect(endpoint().object('bucket', key)?.equals(bytes)).toBe(true);
  expect(endpoint().pendingUploads('bucket')).toEqual([]);
  expect((await store.list(key)).objects).toHaveLength(1);
}

describe('a part that fails is sent again alone', () => {
  test.each<[string, FaultEffect]>([
    ['cut before it is handled', { type: 'cut-before' }],
    ['cut in the middle', { type: 'cut-upload', afterBytes: 3 * MiB }],
    ['kept, but the answer lost', { type: 'cut-after' }],
    ['refused with SlowDown', { type: 'answer', status: 503, code: 'SlowDown' }],
    ['altered on the way', { type: 'answer', status: 400, code: 'BadDigest' }],
  ])('%s', async (_, effect) => {
    endpoint().faults.add({ on: 'UploadPart', partNumber: 3, effect });
    const store = await openTestStore(endpoint());
    expect(await store.create(key, inPieces(bytes))).toMatchObject({ outcome: 'created' });
    expect(partsSent()).toEqual([1, 2, 3, 3, 4, 5]);
    await expectStored(store);
  });

  test('several times, and its neighbours too', async () => {
    endpoint().faults.add(
      { on: 'UploadPart', partNumber: 1, times: 3, effect: { type: 'cut-after' } },
      { on: 'UploadPart', partNumber: 5, times: 2, effect: { type: 'answer', status: 500 } },
    );
    const store = await openTestStore(endpoint());
    await store.create(key, [bytes]);
    expect(partsSent()).toEqual([1, 1, 1, 1, 2, 3, 4, 5, 5, 5]);
    await expectStored(store);
  });
});

describe('a completion', () => {
  test.each<[string, FaultEffect, boolean]>([
    ['whose answer is lost is settled by HEAD', { type: 'cut-after' }, true],
    ['whose answer is lost is settled by GET where no checksum is kept', { type: 'cut-after' }, false],
    ['that fails before it is done is repeated', { type: 'answer', status: 500 }, true],
    ['cut before it is handled is repeated', { type: 'cut-before' }, true],
    [
      'that fails after the status 200 was sent is repeated',
      { type: 'answer', status: 200, body: '<?xml version="1.0"?>\n\n<Error><Code>InternalError</Code></Error>' },
      true,
    ],
  ])('%s', async (_, effect, keepsChecksums) => {
    endpoint().settings.keepsChecksums = keepsChecksums;
    endpoint().faults.add({ on: 'CompleteMultipartUpload', effect });
    const store = await openTestStore(endpoint(), { lookFirst: 'never' });
    const created = await store.create(key, [bytes]);
    expect(created).toMatchObject({ outcome: 'created', etag: (await store.list(key)).objects[0]?.etag });
    expect(partsSent()).toEqual([1, 2, 3, 4, 5]);
    await expectStored(store);
  });

  test.each([true, false])(
    'onto a key that is taken leaves it and its upload away (looks before: %s)',
    async (looks) => {
      endpoint().place('bucket', key, Buffer.from('something else'));
      const store = await openTestStore(endpoint(), { lookFirst: looks ? 'large' : 'never' });
      expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'already-there' });
      expect(endpoint().object('bucket', key)?.toString()).toBe('something else');
      expect(endpoint().pendingUploads('bucket')).toEqual([]);
      expect(endpoint().count('CompleteMultipartUpload')).toBe(looks ? 0 : 1);
    },
  );

  test('onto a key that is taken leaves it also where the server ignores the condition', async () => {
    endpoint().settings.conditionalCompletion = false;
    endpoint().place('bucket', key, Buffer.from('something else'));
    const store = await openTestStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'already-there' });
    expect(endpoint().object('bucket', key)?.toString()).toBe('something else');
  });

  test('is not held up by a HEAD that is denied', async () => {
    endpoint().settings.denies = ({ operation }) => operation === 'HeadObject';
    const store = await openTestStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'created' });
  });
});

describe('an upload that somebody else aborted is begun anew', () => {
  const gone = { type: 'answer', status: 404, code: 'NoSuchUpload' } as const;

  test.each(['UploadPart', 'CompleteMultipartUpload'] as const)('found by %s', async (on) => {
    endpoint().faults.add({ on, effect: gone });
    const store = await openTestStore(endpoint());
    expect(await store.create(key, [bytes])).toMatchObject({ outcome: 'created' });
    expect(endpoint().count('CreateMultipartUpload')).toBe(2);
    await expectStored(store);
  });

  test('but not for ever', async () => {
    endpoint().faults.add({ on: 'CompleteMultipartUpload', times: 3, effect: gone });
    const store = await openTestStore(endpoint());
    await expect(store.create(key, [bytes])).rejects.toMatchObject({ code: 'FAILED', key });
    expect(endpoint().pendingUploads('bucket')).toEqual([]);
  });
});

describe('an upload that is given up is aborted on the server', () => {
  test('when a part fails too often', async () => {
    endpoint().faults.add({ on: 'UploadPart', partNumber: 2, times: 4, effect: { type: 'answer', status: 500 } });
    const store = await openTestStore(endpoint(), { limits: { attemptsMax: 4 } });
    await expect(store.create(key, [bytes])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(endpoint().pendingUploads('bucket')).toEqual([]);
  });

  test('when the completion is denied', async () => {
    endpoint().settings.denies = ({ operation }) => operation === 'CompleteMultipartUpload';
    const store = await openTestStore(endpoint());
    await expect(store.create(key, [bytes])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(endpoint().pendingUploads('bucket')).toEqual([]);
  });

  test.each(['CreateMultipartUpload', 'UploadPart', 'HeadObject', 'CompleteMultipartUpload'] as const)(
    'when the signal fires while the server handles %s, and then nothing is sent any more',
    async (on) => {
      const controller = new AbortController();
      endpoint().settings.denies = ({ operation }) => {
        if (operation === on) controller.abort(new Error('stop'));
        return false;
      };
      const store = await openTestStore(endpoint(), { signal: controller.signal });
      await expect(store.create(key, [bytes])).rejects.toThrow('stop');
      expect(endpoint().count(on)).toBeGreaterThan(0);
      expect(endpoint().pendingUploads('bucket')).toEqual([]);
      expect(endpoint().log.at(-1)?.operation).toBe('AbortMultipartUpload');
      const requests = endpoint().log.length;
      await expect(store.list('v1/')).rejects.toThrow('stop');
      expect(endpoint().log).toHaveLength(requests);
    },
  );

  test('when the signal fires, but not for longer than is allowed', async () => {
    const controller = new AbortController();
    endpoint().settings.denies = ({ operation }) => {
      if (operation === 'UploadPart') controller.abort(new Error('stop'));
      return false;
    };
    endpoint().faults.add({ on: 'AbortMultipartUpload', effect: { type: 'stall', before: 'answering' } });
    const store = await openTestStore(endpoint(), { signal: controller.signal, limits: { abortMs: 3000 } });
    await expect(store.create(key, [bytes])).rejects.toThrow('stop');
  });

  test('and an abort that fails hides nothing', async () => {
    endpoint().settings.denies = ({ operation }) => ['UploadPart', 'AbortMultipartUpload'].includes(operation);
    const { store, attempts } = await openWatchedStore(endpoint());
    await expect(store.create(key, [bytes])).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      hint: expect.stringContaining('s3:PutObject') as string,
    });
    expect(attempts.at(-1)).toBe('AbortMultipartUpload 1 failed AccessDenied');
  });
});

test('a body of parts is sent without a byte to spare, each part with its own SHA-256', async () => {
  const store = await openTestStore(endpoint());
  await store.create(key, [bytes]);
  const parts = endpoint().log.filter(({ operation }) => operation === 'UploadPart');
  expect(parts.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)).toBe(bytes.length);
  for (const { headers } of parts) {
    const checksum = Buffer.from(String(headers['x-amz-checksum-sha256']), 'base64').toString('hex');
    // The signature's payload hash is the same one: nothing was hashed a second time or in another way.
    expect(headers['x-amz-content-sha256']).toBe(checksum);
    expect(Object.keys(headers).filter((name) => /crc|trailer|md5|expect/.test(name))).toEqual([]);
  }
});
