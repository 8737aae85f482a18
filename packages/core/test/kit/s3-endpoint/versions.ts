import { compareBytes, encodeKey } from './listing.ts';
import { xml, xmlReply } from './reply.ts';
import type { Reply } from './reply.ts';
import type { OperationInput } from './settings.ts';
import type { Bucket, Version } from './state.ts';

interface Listed {
  readonly key: string;
  readonly version: Version;
  readonly isLatest: boolean;
}

export function listVersions({ call, state, settings }: OperationInput): Reply {
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const all = versionsOf(state.bucket(call.bucket), prefix);
  const rest = all.slice(startOf(all, query.get('key-marker') ?? '', query.get('version-id-marker')));
  const max = Math.min(Number(query.get('max-keys') ?? 1000), settings.pageSize);
  const page = rest.slice(0, max);
  const encode = query.get('encoding-type') === 'url' ? encodeKey : (key: string): string => key;
  const last = rest.length > page.length ? page.at(-1) : undefined;
  return xmlReply(
    xml('ListVersionsResult', {
      Name: call.bucket,
      Prefix: encode(prefix),
      MaxKeys: max,
      IsTruncated: last !== undefined,
      EncodingType: query.get('encoding-type') ?? undefined,
      NextKeyMarker: last === undefined ? undefined : encode(last.key),
      NextVersionIdMarker: last?.version.id,
      Version: page.filter(({ version }) => version.bytes !== undefined).map((one) => fieldsOf(one, encode)),
      DeleteMarker: page.filter(({ version }) => version.bytes === undefined).map((one) => fieldsOf(one, encode)),
    }),
  );
}

/** By key, and of one key the newest first. */
function versionsOf(bucket: Bucket, prefix: string): Listed[] {
  const keys = [...bucket.versions.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes);
  return keys.flatMap((key) =>
    (bucket.versions.get(key) ?? []).toReversed().map((version, at) => ({ key, version, isLatest: at === 0 })),
  );
}

/** After the version that the markers name, or, where they name only a key, after all of its versions. */
function startOf(all: readonly Listed[], key: string, versionId: string | null): number {
  const at = versionId === null ? -1 : all.findIndex((one) => one.key === key && one.version.id === versionId);
  if (at >= 0) return at + 1;
  const after = all.findIndex((one) => compareBytes(one.key, key) > 0);
  return after < 0 ? all.length : after;
}

function fieldsOf(
  { key, version, isLatest }: Listed,
  encode: (key: string) => string,
): Record<string, string | number> {
  return {
    Key: encode(key),
    VersionId: version.id,
    IsLatest: String(isLatest),
    LastModified: version.modified.toISOString(),
    ...(version.bytes === undefined ? {} : { ETag: `"${version.etag}"`, Size: version.bytes.length }),
  };
}

/** What is not there is removed already. */
export function deleteVersion({ call, state }: OperationInput): Reply {
  const { versions } = state.bucket(call.bucket);
  const left = (versions.get(call.key) ?? []).filter(({ id }) => id !== call.query.get('versionId'));
  if (left.length === 0) versions.delete(call.key);
  else versions.set(call.key, left);
  return { status: 204 };
}
