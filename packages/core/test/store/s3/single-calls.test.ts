/** The exact parameters of single calls, without a server. */
import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { marksKey, packKey } from '../../../src/keys.ts';
import { openS3Store } from '../../../src/store/s3/index.ts';
import { deviceFor, MiB, noise, runNumber } from '../../kit/store-contract/subjects.ts';

const KMS_KEY = 'arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555';
const s3 = mockClient(S3Client);
beforeEach(() => s3.reset());
afterEach(() => s3.reset());

const $metadata = { httpStatusCode: 200, date: 'Mon, 23 Nov 2026 12:00:00 GMT' };
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const open = (changes: { readonly kmsKey?: string } = {}) =>
  openS3Store({
    bucket: 'documents',
    prefix: 'office',
    region: 'us-west-2',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    signal: new AbortController().signal,
    random: () => 0,
    ...changes,
  });
const key = marksKey(deviceFor('laptop'), 1);
const encryption = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KMS_KEY, BucketKeyEnabled: true };

test('a small object goes conditionally, encrypted with the key’s ARN and the bucket key, with its SHA-256', async () => {
  const bytes = noise(100, 1);
  s3.on(PutObjectCommand).resolves({ $metadata, ETag: '"abc"' });
  const created = await (await open({ kmsKey: KMS_KEY })).create(key, [bytes.subarray(0, 40), bytes.subarray(40)]);
  expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: 'documents',
    Key: `office/${key}`,
    IfNoneMatch: '*',
    ...encryption,
    Body: bytes,
    ContentLength: 100,
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: sha256(bytes).toString('base64'),
  });
  expect(created).toEqual({
    outcome: 'created',
    etag: 'abc',
    checksum: { algorithm: 'sha256', partBytes: 8 * MiB, parts: 0, value: sha256(bytes).toString('hex') },
    date: new Date('2026-11-23T12:00:00Z'),
  });
});

test('without a key nothing is said about encryption: the bucket’s own holds', async () => {
  s3.on(PutObjectCommand).resolves({ $metadata, ETag: '"abc"' });
  await (await open()).create(key, [noise(10, 2)]);
  const input = s3.commandCalls(PutObjectCommand)[0]?.args[0].input ?? {};
  expect(Object.keys(input).sort()).toEqual([
    'Body',
    'Bucket',
    'ChecksumAlgorithm',
    'ChecksumSHA256',
    'ContentLength',
    'IfNoneMatch',
    'Key',
  ]);
});

test('a large object is begun encrypted, sent in parts with a SHA-256 each, and completed conditionally', async () => {
  const bytes = noise(20 * MiB, 3);
  const parts = [0, 8, 16].map((at) => bytes.subarray(at * MiB, Math.min(at + 8, 20) * MiB));
  const composite = sha256(Buffer.concat(parts.map(sha256)));
  s3.on(CreateMultipartUploadCommand).resolves({ $metadata, UploadId: 'upload' });
  s3.on(UploadPartCommand).callsFake((input: { PartNumber: number }) => ({
    $metadata,
    ETag: `"part-${input.PartNumber}"`,
  }));
  s3.on(CompleteMultipartUploadCommand).resolves({
    $metadata,
    ETag: '"whole-3"',
    ChecksumSHA256: `${composite.toString('base64')}-3`,
  });
  const pack = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });
  const created = await (await open({ kmsKey: KMS_KEY })).create(pack, [bytes]);

  const target = { Bucket: 'documents', Key: `office/${pack}` };
  expect(s3.commandCalls(CreateMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
    ...target,
    ...encryption,
    ChecksumAlgorithm: 'SHA256',
  });
  const sent = s3.commandCalls(UploadPartCommand).map(({ args: [{ input }] }) => input);
  expect(sent.map(({ PartNumber, ChecksumSHA256, UploadId }) => [PartNumber, ChecksumSHA256, UploadId])).toEqual(
    parts.map((part, n) => [n + 1, sha256(part).toString('base64'), 'upload']),
  );
  // Views of the one buffer, not copies of it.
  for (const { Body } of sent) expect((Body as Buffer).buffer).toBe(bytes.buffer);
  expect(s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
    ...target,
    UploadId: 'upload',
    IfNoneMatch: '*',
    MultipartUpload: {
      Parts: parts.map((part, n) => ({
        PartNumber: n + 1,
        ETag: `"part-${n + 1}"`,
        ChecksumSHA256: sha256(part).toString('base64'),
      })),
    },
  });
  expect(created).toMatchObject({
    etag: 'whole-3',
    checksum: { algorithm: 'sha256', partBytes: 8 * MiB, parts: 3, value: composite.toString('hex') },
  });
  // On AWS the condition is obeyed: nothing looks before.
  expect(s3.commandCalls(HeadObjectCommand)).toHaveLength(0);
});

test('a composite checksum that differs is damage', async () => {
  s3.on(CreateMultipartUploadCommand).resolves({ $metadata, UploadId: 'upload' });
  s3.on(UploadPartCommand).resolves({ $metadata, ETag: '"part"' });
  s3.on(CompleteMultipartUploadCommand).resolves({ $metadata, ETag: '"x"', ChecksumSHA256: 'AAAA-3' });
  const pack = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });
  await expect((await open()).create(pack, [noise(20 * MiB, 4)])).rejects.toMatchObject({
    code: 'OBJECT_DAMAGED',
    key: pack,
  });
});

test('a completion that tells no ETag is followed by a look at the object', async () => {
  s3.on(CreateMultipartUploadCommand).resolves({ $metadata, UploadId: 'upload' });
  s3.on(UploadPartCommand).resolves({ $metadata, ETag: '"part"' });
  s3.on(CompleteMultipartUploadCommand).resolves({ $metadata, ETag: '' });
  s3.on(HeadObjectCommand).resolves({ $metadata, ETag: '"kept-3"' });
  const pack = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });
  expect(await (await open()).create(pack, [noise(20 * MiB, 4)])).toMatchObject({ outcome: 'created', etag: 'kept-3' });
});

test('a lost answer is looked up with the checksum asked for', async () => {
  const bytes = noise(100, 5);
  const refused = Object.assign(new Error('exists'), {
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  s3.on(PutObjectCommand).rejects(refused);
  s3.on(HeadObjectCommand).resolves({
    $metadata,
    ContentLength: 100,
    ETag: '"settled"',
    ChecksumSHA256: sha256(bytes).toString('base64'),
  });
  expect(await (await open()).create(key, [bytes])).toMatchObject({ outcome: 'created', etag: 'settled' });
  expect(s3.commandCalls(HeadObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: 'documents',
    Key: `office/${key}`,
    ChecksumMode: 'ENABLED',
  });
});

test('a listing asks for the prefix below the root, with encoded keys', async () => {
  s3.on(ListObjectsV2Command)
    .resolvesOnce({ $metadata, IsTruncated: true, NextContinuationToken: 'next' })
    .resolvesOnce({ $metadata, IsTruncated: false });
  await (await open()).list('v1/devices/');
  const first = { Bucket: 'documents', Prefix: 'office/v1/devices/', EncodingType: 'url' };
  expect(s3.commandCalls(ListObjectsV2Command).map(({ args: [{ input }] }) => input)).toEqual([
    first,
    { ...first, ContinuationToken: 'next' },
  ]);
});

test('reading and removing name the key, the range and nothing else', async () => {
  const missing = Object.assign(new Error('none'), { name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
  s3.on(GetObjectCommand).rejects(missing);
  s3.on(DeleteObjectCommand).resolves({ $metadata });
  const store = await open();
  expect(await store.find(key, 10)).toBeUndefined();
  await expect(store.readRange(key, 5, 10)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  await store.remove(key);
  const target = { Bucket: 'documents', Key: `office/${key}` };
  expect(s3.commandCalls(GetObjectCommand).map(({ args: [{ input }] }) => input)).toEqual([
    target,
    { ...target, Range: 'bytes=5-14' },
  ]);
  expect(s3.commandCalls(DeleteObjectCommand)[0]?.args[0].input).toEqual(target);
});

test('without a region anywhere one is asked for', async () => {
  await expect(
    openS3Store({
      bucket: 'documents',
      prefix: '',
      signal: new AbortController().signal,
      random: () => 0,
    }),
  ).rejects.toMatchObject({ code: 'CONFIG_INVALID', hint: expect.stringContaining('AWS_REGION') as string });
});
