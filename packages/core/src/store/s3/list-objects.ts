import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandOutput, _Object } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';
import { sortByKey } from '../key-order.ts';
import type { Listing, ObjectInfo } from '../ports.ts';
import { dateOf } from './dates.ts';
import { etagOf } from './response.ts';
import type { S3Connection } from './send-requests.ts';

/** See ObjectReader.list. */
export async function listObjects(prefix: string, connection: S3Connection): Promise<Listing> {
  const root = connection.fullKey('');
  const objects: ObjectInfo[] = [];
  let began: Date | undefined;
  let token: string | undefined;
  for (;;) {
    const page = await listPage(prefix, token, connection);
    const ended = dateOf(page);
    began ??= ended;
    for (const item of page.Contents ?? []) {
      objects.push(infoOf(item, root, page.EncodingType === 'url', connection));
    }
    if (page.IsTruncated !== true) return { objects: sortByKey(objects), began, ended };
    // The same page again and again, or a listing taken for complete that is not: both would be worse than an error.
    const next = page.NextContinuationToken;
    if (next === undefined || next === '' || next === token) throw notAListing(connection);
    token = next;
  }
}

async function listPage(
  prefix: string,
  token: string | undefined,
  connection: S3Connection,
): Promise<ListObjectsV2CommandOutput> {
  const input = {
    Bucket: connection.bucket,
    Prefix: connection.fullKey(prefix),
    // XML cannot hold every character of a key.
    EncodingType: 'url' as const,
    ...(token === undefined ? {} : { ContinuationToken: token }),
  };
  const page = await connection.send({
    operation: 'ListObjectsV2',
    key: prefix,
    attempt: (client, abortSignal) => client.send(new ListObjectsV2Command(input), { abortSignal }),
  });
  // Any other document would look like a bucket without objects.
  if (page.IsTruncated === undefined) throw notAListing(connection);
  return page;
}

function infoOf(item: _Object, root: string, encoded: boolean, connection: S3Connection): ObjectInfo {
  const { Key: key, Size: bytes, LastModified: modified, ETag: etag, StorageClass: storageClass } = item;
  if (key === undefined || bytes === undefined || modified === undefined) throw notAListing(connection);
  const relative = (encoded ? decodedKey(key) : key).slice(root.length);
  return { key: relative, bytes, modified, etag: etagOf(etag), storageClass };
}

/** A key as a listing with `EncodingType: url` tells it. */
export function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key; // Some servers say that they encode, and do not.
  }
}

const notAListing = ({ location }: S3Connection): BackupError =>
  new BackupError('STORE_UNREACHABLE', `the S3 server gives no proper listing of ${location}`, {
    hint: 'check the endpoint; the server or a proxy before it breaks off listings',
  });
