import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandOutput, _Object } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';
import { sortByKey, sortNames } from '../key-order.ts';
import type { Listing, ObjectInfo } from '../ports.ts';
import { dateOf } from './dates.ts';
import { etagOf } from './response.ts';
import type { S3Connection } from './send-requests.ts';

/** See ObjectReader.list. */
export async function listObjects(prefix: string, connection: S3Connection): Promise<Listing> {
  const root = connection.fullKey('');
  const objects: ObjectInfo[] = [];
  let began: Date | undefined;
  let ended: Date | undefined;
  for await (const page of listPages({ prefix }, connection)) {
    ended = dateOf(page);
    began ??= ended;
    for (const item of page.Contents ?? []) objects.push(infoOf(item, { root, page, connection }));
  }
  if (began === undefined || ended === undefined) throw notAListing(connection);
  return { objects: sortByKey(objects), began, ended };
}

/** See ObjectReader.listFolders. */
export async function listFolders(prefix: string, connection: S3Connection): Promise<string[]> {
  const above = connection.fullKey(prefix);
  const names: string[] = [];
  for await (const page of listPages({ prefix, delimiter: '/' }, connection)) {
    for (const { Prefix: listed } of page.CommonPrefixes ?? []) {
      const folder = listed === undefined ? '' : keyOn(page, listed);
      if (!folder.startsWith(above) || !folder.endsWith('/')) throw notAListing(connection);
      names.push(folder.slice(above.length, -1));
    }
  }
  return sortNames(names);
}

interface Asked {
  readonly prefix: string;
  readonly delimiter?: string;
}

async function* listPages(asked: Asked, connection: S3Connection): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  for (;;) {
    const page = await listPage(asked, token, connection);
    yield page;
    if (page.IsTruncated !== true) return;
    // The same page again and again, or a listing taken for complete that is not: both would be worse than an error.
    const next = page.NextContinuationToken;
    if (next === undefined || next === '' || next === token) throw notAListing(connection);
    token = next;
  }
}

async function listPage(
  { prefix, delimiter }: Asked,
  token: string | undefined,
  connection: S3Connection,
): Promise<ListObjectsV2CommandOutput> {
  const input = {
    Bucket: connection.bucket,
    Prefix: connection.fullKey(prefix),
    // XML cannot hold every character of a key.
    EncodingType: 'url' as const,
    ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
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

interface Listed {
  readonly root: string;
  readonly page: ListObjectsV2CommandOutput;
  readonly connection: S3Connection;
}

function infoOf(item: _Object, { root, page, connection }: Listed): ObjectInfo {
  const { Key: key, Size: bytes, LastModified: modified, ETag: etag, StorageClass: storageClass } = item;
  if (key === undefined || bytes === undefined || modified === undefined) throw notAListing(connection);
  return { key: keyOn(page, key).slice(root.length), bytes, modified, etag: etagOf(etag), storageClass };
}

/** A key as it is, from a page that may write it encoded. */
const keyOn = (page: ListObjectsV2CommandOutput, text: string): string =>
  page.EncodingType === 'url' ? decodedKey(text) : text;

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
