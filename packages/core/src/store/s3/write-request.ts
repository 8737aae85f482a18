import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { damage } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import type { Created } from '../ports.ts';
import { uploadTierOf } from '../tiering.ts';
import type { UploadTier } from '../tiering.ts';
import { isChecksumOf } from './checksum.ts';
import { dateOf } from './dates.ts';
import type { S3StoreOptions } from './options.ts';
import { etagOf } from './response.ts';
import type { S3Connection } from './send-requests.ts';
import { headOf } from './settle.ts';
import type { Intended } from './settle.ts';

/** So often is an object begun anew whose key was free after all, or whose upload was aborted by somebody else. */
export const ROUNDS_MAX = 3;

/** The parameters that every object is written with. */
export function writeParameters(
  key: ObjectKey,
  { bucket, fullKey, options }: S3Connection,
): Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled'> &
  UploadTier & {
    Bucket: string;
    Key: string;
    IfNoneMatch: '*';
  } {
  const { kmsKey, packTiering = 'none' }: S3StoreOptions = options;
  return {
    Bucket: bucket,
    Key: fullKey(key),
    IfNoneMatch: '*',
    ...uploadTierOf(key, packTiering),
    // Algorithm and key together: with the algorithm alone S3 would take the account's default key, not the bucket's.
    ...(kmsKey === undefined
      ? {}
      : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKey, BucketKeyEnabled: true }),
  };
}

/** The answer to a write, once the checksum in it, if there is one, has been compared. */
export async function createdBy(
  output: Pick<PutObjectCommandOutput, 'ETag' | 'ChecksumSHA256' | '$metadata'>,
  { key, checksum }: Intended,
  connection: S3Connection,
): Promise<Created> {
  const { ChecksumSHA256: kept } = output;
  if (kept !== undefined && isChecksumOf(kept, checksum) !== true) {
    throw damage(`${connection.location}/${key} was stored with another checksum than it was sent with`, {
      hint: 'run the backup again; if this comes back, check the server and proxies on the way to it',
      key,
    });
  }
  const etag = etagOf(output.ETag) ?? (await etagKept(key, connection));
  return { outcome: 'created', etag, checksum, date: dateOf(output) };
}

/** Ceph completes multipart uploads without telling the ETag. */
async function etagKept(key: string, connection: S3Connection): Promise<string | undefined> {
  const head = await connection.ask(headOf(key, connection), { expected: ['no-such-key', 'denied'] });
  return etagOf(head.output?.ETag);
}
