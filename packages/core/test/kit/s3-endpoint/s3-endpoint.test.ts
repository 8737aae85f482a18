/** What the endpoint does that the S3 store's own tests do not show: bodies in chunks, and refusals. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Faults } from './faults.ts';
import { startS3Endpoint } from './start-s3-endpoint.ts';
import type { S3Endpoint } from './start-s3-endpoint.ts';

let endpoint: S3Endpoint;
let client: S3Client;
beforeEach(async () => {
  endpoint = await startS3Endpoint({ kmsKeys: ['good'] });
  client = new S3Client({
    endpoint: endpoint.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
});

const target = { Bucket: 'bucket', Key: 'some key/ä+' };
const body = Buffer.from('some bytes');
const sha256 = createHash('sha256').update(body).digest('base64');

describe('bodies', () => {
  test.each(['SHA256', 'CRC32', 'SHA1'] as const)('in chunks with a %s trailer arrive whole', async (algorithm) => {
    const stream = Readable.from([body.subarray(0, 4), body.subarray(4)]);
    await client.send(
      new PutObjectCommand({ ...target, Body: stream, ContentLength: body.length, ChecksumAlgorithm: algorithm }),
    );
    expect(endpoint.log.at(-1)?.headers['x-amz-trailer']).toBe(`x-amz-checksum-${algorithm.toLowerCase()}`);
    expect(endpoint.object('bucket', target.Key)?.equals(body)).toBe(true);
  });

  test('whose checksum is wrong are refused', async () => {
    const wrong = Buffer.alloc(32).toString('base64');
    await expect(
      client.send(new PutObjectCommand({ ...target, Body: body, ChecksumSHA256: wrong })),
    ).rejects.toMatchObject({
      name: 'BadDigest',
      $metadata: { httpStatusCode: 400 },
    });
    expect(endpoint.object('bucket', target.Key)).toBeUndefined();
  });
});

describe('checksums', () => {
  test('are given back only where they are asked for', async () => {
    await client.send(new PutObjectCommand({ ...target, Body: body, ChecksumSHA256: sha256 }));
    const asked = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect([asked.ChecksumSHA256, asked.ContentLength]).toEqual([sha256, body.length]);
    const unasked = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: undefined }));
    expect(unasked.ChecksumSHA256).toBeUndefined();
  });

  test('of parts make up a composite one', async () => {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' }),
    );
    const part = await client.send(
      new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: body, ChecksumSHA256: sha256 }),
    );
    const listed = await client.send(new ListPartsCommand({ ...target, UploadId }));
    expect(listed.Parts).toMatchObject([{ PartNumber: 1, Size: body.length, ETag: part.ETag, ChecksumSHA256: sha256 }]);
    const done = await client.send(
      new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] },
      }),
    );
    const composite = createHash('sha256').update(Buffer.from(sha256, 'base64')).digest('base64');
    expect(done.ChecksumSHA256).toBe(`${composite}-1`);
  });
});

describe('refusals', () => {
  test('of parts that were never sent, or are too small before the last', async () => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    const complete = (...parts: { PartNumber: number; ETag: string | undefined }[]) =>
      client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }));
    await expect(complete({ PartNumber: 1, ETag: '"none"' })).rejects.toMatchObject({ name: 'InvalidPart' });
    const sent = await Promise.all(
      [1, 2].map(async (PartNumber) => {
        const { ETag } = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body: body }));
        return { PartNumber, ETag };
      }),
    );
    await expect(complete(...sent)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete(...sent.toReversed())).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  });

  test('of a request without a signature, and of one that was changed after signing', async () => {
    expect((await fetch(`${endpoint.url}/bucket/key`)).status).toBe(403);
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { path: string }).path = '/bucket/another';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(client.send(new GetObjectCommand(target))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  test('of what it does not know', async () => {
    await expect(client.send(new DeleteBucketCommand({ Bucket: 'bucket' }))).rejects.toMatchObject({
      name: 'NotImplemented',
    });
  });
});

test('KMS keys and storage classes are kept and told', async () => {
  await client.send(
    new PutObjectCommand({
      ...target,
      Body: body,
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'good',
      BucketKeyEnabled: true,
      StorageClass: 'GLACIER_IR',
    }),
  );
  expect(await client.send(new HeadObjectCommand(target))).toMatchObject({
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: 'good',
    BucketKeyEnabled: true,
    StorageClass: 'GLACIER_IR',
  });
});

test('buckets can be made', async () => {
  await expect(client.send(new HeadBucketCommand({ Bucket: 'new' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
  await client.send(new CreateBucketCommand({ Bucket: 'new' }));
  await client.send(new HeadBucketCommand({ Bucket: 'new' }));
});

test('faults that were not met are told', () => {
  const faults = new Faults();
  faults.add({ on: 'PutObject', times: 2, effect: { type: 'cut-before' } });
  faults.take({ operation: 'PutObject', bucket: 'b', key: 'k', query: new URLSearchParams() });
  expect(() => faults.verifyAllHit()).toThrow('PutObject cut-before: 1 of 2 requests came');
});
