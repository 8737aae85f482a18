import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';
import { decodedKey } from './list-objects.ts';
import type { S3Connection } from './send-requests.ts';

/** One version of an object, or a delete marker: what a removal leaves. */
export interface ObjectVersion {
  /** Relative to the repository's root. */
  readonly key: string;
  readonly versionId: string;
  readonly isMarker: boolean;
  /** The one that reads see. */
  readonly isLatest: boolean;
  readonly modified: Date;
}

/** All versions and delete markers of keys under `prefix`, in no particular order. */
export async function listVersions(prefix: string, connection: S3Connection): Promise<ObjectVersion[]> {
  const versions: ObjectVersion[] = [];
  let from: PageStart | undefined;
  for (;;) {
    const page = await listPage(prefix, from, connection);
    versions.push(...versionsOf(page, connection));
    if (page.IsTruncated !== true) return versions;
    const next = nextStart(page, connection);
    // The same page again and again would be worse than an error.
    if (next.KeyMarker === from?.KeyMarker && next.VersionIdMarker === from.VersionIdMarker)
      throw notAListing(connection);
    from = next;
  }
}

interface PageStart {
  readonly KeyMarker: string;
  readonly VersionIdMarker?: string;
}

async function listPage(
  prefix: string,
  from: PageStart | undefined,
  connection: S3Connection,
): Promise<ListObjectVersionsCommandOutput> {
  const input = {
    Bucket: connection.bucket,
    Prefix: connection.fullKey(prefix),
    // XML cannot hold every character of a key.
    EncodingType: 'url' as const,
    ...from,
  };
  const page = await connection.send({
    operation: 'ListObjectVersions',
    key: prefix,
    attempt: (client, abortSignal) => client.send(new ListObjectVersionsCommand(input), { abortSignal }),
  });
  // Any other document would look as if nothing had ever been removed.
  if (page.IsTruncated === undefined) throw notAListing(connection);
  return page;
}

function nextStart(page: ListObjectVersionsCommandOutput, connection: S3Connection): PageStart {
  const { NextKeyMarker: key, NextVersionIdMarker: versionId, EncodingType: encoding } = page;
  if (key === undefined || key === '') throw notAListing(connection);
  const KeyMarker = encoding === 'url' ? decodedKey(key) : key;
  return versionId === undefined || versionId === '' ? { KeyMarker } : { KeyMarker, VersionIdMarker: versionId };
}

function versionsOf(page: ListObjectVersionsCommandOutput, connection: S3Connection): ObjectVersion[] {
  const root = connection.fullKey('');
  const items = [
    ...(page.Versions ?? []).map((item) => ({ item, isMarker: false })),
    ...(page.DeleteMarkers ?? []).map((item) => ({ item, isMarker: true })),
  ];
  return items.map(({ item, isMarker }) => {
    const { Key: key, VersionId: versionId, IsLatest: isLatest, LastModified: modified } = item;
    if (key === undefined || versionId === undefined || isLatest === undefined || modified === undefined)
      throw notAListing(connection);
    const relative = (page.EncodingType === 'url' ? decodedKey(key) : key).slice(root.length);
    return { key: relative, versionId, isMarker, isLatest, modified };
  });
}

const notAListing = ({ location }: S3Connection): BackupError =>
  new BackupError('STORE_UNREACHABLE', `the S3 server gives no proper listing of the versions in ${location}`, {
    hint: 'check the endpoint: the server may keep no versions, or a proxy before it breaks off listings',
  });
