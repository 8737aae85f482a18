import { refuseArchived } from './archive.ts';
import { digest } from './body.ts';
import type { Body } from './body.ts';
import type { OperationInput } from './settings.ts';
import { S3Refusal } from './reply.ts';
import type { Reply } from './reply.ts';
import { currentVersion, wholeSeconds } from './state.ts';
import type { LiveVersion, Traits, Version } from './state.ts';

const KMS_KEY_HEADER = 'x-amz-server-side-encryption-aws-kms-key-id';
const TRAIT_HEADERS = [
  'x-amz-server-side-encryption',
  KMS_KEY_HEADER,
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-storage-class',
];
const STORAGE_CLASSES = ['STANDARD', 'INTELLIGENT_TIERING', 'STANDARD_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'];

export function putObject(input: OperationInput, { bytes, sha256 }: Body): Reply {
  const { call, headers, state, settings, now } = input;
  const bucket = state.bucket(call.bucket);
  const traits = traitsOf(input);
  if (settings.conditionalPut && headers['if-none-match'] === '*' && currentVersion(bucket, call.key) !== undefined) {
    throw new S3Refusal(412, 'PreconditionFailed', { Condition: 'If-None-Match' });
  }
  const kept = settings.keepsChecksums ? sha256 : undefined;
  const etag = digest('md5', bytes, 'hex');
  const version = state.put(
    bucket,
    call.key,
    { bytes, etag, sha256: kept, traits, modified: wholeSeconds(now) },
    settings.versions,
  );
  return { status: 200, headers: { ...writtenHeaders(version, settings.versions), ...checksumHeader(version) } };
}

/** Encryption and storage class, refused as S3 refuses them. */
export function traitsOf({ headers, settings }: OperationInput): Traits {
  const given = TRAIT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]));
  const traits = Object.fromEntries(given) as Traits;
  const kmsKey = traits[KMS_KEY_HEADER];
  if (kmsKey !== undefined && settings.kmsKeysDenied.includes(kmsKey)) throw new S3Refusal(403, 'AccessDenied');
  if (kmsKey !== undefined && settings.kmsKeys?.includes(kmsKey) === false) {
    throw new S3Refusal(400, 'KMS.NotFoundException');
  }
  const storageClass = traits['x-amz-storage-class'];
  if (storageClass !== undefined && !STORAGE_CLASSES.includes(storageClass)) {
    throw new S3Refusal(400, 'InvalidStorageClass', { StorageClassRequested: storageClass });
  }
  return traits;
}

export const writtenHeaders = (version: Version, versions: boolean): Record<string, string> => ({
  etag: `"${version.etag}"`,
  ...version.traits,
  ...(versions ? { 'x-amz-version-id': version.id } : {}),
});

const checksumHeader = ({ sha256 }: Version): Record<string, string> =>
  sha256 === undefined ? {} : { 'x-amz-checksum-sha256': sha256 };

/** GetObject and HeadObject; the answer's body is left out on the way for the latter. */
export function getObject({ call, headers, state }: OperationInput): Reply {
  const version = currentVersion(state.bucket(call.bucket), call.key);
  if (version === undefined) throw new S3Refusal(404, 'NoSuchKey', { Key: call.key });
  if (call.operation === 'GetObject') refuseArchived(version);
  const common = {
    etag: `"${version.etag}"`,
    'last-modified': version.modified.toUTCString(),
    'accept-ranges': 'bytes',
    ...version.traits,
    ...(headers['x-amz-checksum-mode'] === 'ENABLED' ? checksumHeader(version) : {}),
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (range === null) return { status: 200, headers: common, body: version.bytes };
  return rangeOf(version, Number(range[1]), range[2] === '' ? Infinity : Number(range[2]), common);
}

function rangeOf({ bytes }: LiveVersion, first: number, last: number, headers: Record<string, string>): Reply {
  if (first >= bytes.length) throw new S3Refusal(416, 'InvalidRange', { ActualObjectSize: String(bytes.length) });
  const end = Math.min(last + 1, bytes.length);
  const contentRange = `bytes ${first}-${end - 1}/${bytes.length}`;
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, body: bytes.subarray(first, end) };
}

export function deleteObject({ call, state, settings, now }: OperationInput): Reply {
  const bucket = state.bucket(call.bucket);
  if (!settings.versions) {
    bucket.versions.delete(call.key);
    return { status: 204 };
  }
  const marker = { bytes: undefined, etag: '', modified: wholeSeconds(now), sha256: undefined, traits: {} };
  const { id } = state.put(bucket, call.key, marker, true);
  return { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': id } };
}
