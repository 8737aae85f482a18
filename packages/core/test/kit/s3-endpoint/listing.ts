import type { OperationInput } from './settings.ts';
import { xml, xmlReply } from './reply.ts';
import type { Reply } from './reply.ts';
import { currentVersion } from './state.ts';
import type { Bucket } from './state.ts';

export function listObjects({ call, state, settings }: OperationInput): Reply {
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const bucket = state.bucket(call.bucket);
  const after =
    Buffer.from(query.get('continuation-token') ?? '', 'base64').toString() || (query.get('start-after') ?? '');
  const max = Math.min(Number(query.get('max-keys') ?? 1000), settings.pageSize);
  const delimiter = query.get('delimiter') ?? '';
  const groupOf = groupingBy(prefix, delimiter);
  const isFolder = (item: string): boolean =>
    delimiter !== '' && item.length > prefix.length && item.endsWith(delimiter);
  const keys = keysOf(bucket).filter((key) => key.startsWith(prefix) && compareBytes(groupOf(key), after) > 0);
  const items = [...new Set(keys.map(groupOf))];
  const page = items.slice(0, max);
  const encode = query.get('encoding-type') === 'url' ? encodeKey : (key: string): string => key;
  const truncated = items.length > page.length;
  return xmlReply(
    xml('ListBucketResult', {
      Name: call.bucket,
      Prefix: encode(prefix),
      KeyCount: page.length,
      MaxKeys: max,
      IsTruncated: truncated,
      EncodingType: query.get('encoding-type') ?? undefined,
      NextContinuationToken: truncated ? Buffer.from(page.at(-1) ?? '').toString('base64') : undefined,
      Delimiter: query.get('delimiter') ?? undefined,
      Contents: page.filter((item) => !isFolder(item)).map((key) => contentsOf(bucket, key, encode(key))),
      CommonPrefixes: page.filter(isFolder).map((folder) => ({ Prefix: encode(folder) })),
    }),
  );
}

/** What stands for a key in the listing: the key up to the first delimiter behind the prefix, or itself. */
function groupingBy(prefix: string, delimiter: string): (key: string) => string {
  return (key) => {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    return end === -1 ? key : key.slice(0, end + delimiter.length);
  };
}

function contentsOf(bucket: Bucket, key: string, encoded: string): Record<string, string | number> {
  const version = currentVersion(bucket, key);
  if (version === undefined) throw new Error(`${key} has gone while it was listed`);
  return {
    Key: encoded,
    LastModified: version.modified.toISOString(),
    ETag: `"${version.etag}"`,
    Size: version.bytes.length,
    StorageClass: version.traits['x-amz-storage-class'] ?? 'STANDARD',
  };
}

const keysOf = (bucket: Bucket): string[] =>
  [...bucket.versions.keys()].filter((key) => currentVersion(bucket, key) !== undefined).sort(compareBytes);

export const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** As S3 does: slashes stay, a space becomes a plus. */
export const encodeKey = (key: string): string =>
  encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+').replaceAll('!', '%21');
