import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { ArchiveClass } from '../../src/store/tiering.ts';

export interface TestBucket {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly bucket: string;
}

export const clientFor = ({ endpoint, credentials }: TestBucket): S3Client =>
  new S3Client({
    endpoint,
    credentials,
    region: 'us-east-1',
    maxAttempts: 1,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });

/** With versions, where the server has them. */
export async function makeBucket(target: TestBucket): Promise<void> {
  const client = clientFor(target);
  const Bucket = target.bucket;
  await client.send(new CreateBucketCommand({ Bucket }));
  const versioning = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  // What the server lacks, the probe will tell.
  await client.send(versioning).catch(() => undefined);
  client.destroy();
}

export async function removeBucket(target: TestBucket): Promise<void> {
  const client = clientFor(target);
  const Bucket = target.bucket;
  const slots = pLimit(16);
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    const all = [...Versions, ...DeleteMarkers];
    if (all.length === 0) break;
    await Promise.all(
      all.map(({ Key, VersionId }) => slots(() => client.send(new DeleteObjectCommand({ Bucket, Key, VersionId })))),
    );
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
  client.destroy();
}

/** Moves objects whose keys have `part` in them to an archive, by a copy onto itself: no server does it within a test. */
export async function archiveObjects(target: TestBucket, part: string, storageClass: ArchiveClass): Promise<string[]> {
  const client = clientFor(target);
  const Bucket = target.bucket;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const keys = Contents.flatMap(({ Key = '' }) => (Key.includes(part) ? [Key] : []));
  for (const Key of keys)
    await client.send(
      new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${Key}`, StorageClass: storageClass }),
    );
  client.destroy();
  return keys;
}
