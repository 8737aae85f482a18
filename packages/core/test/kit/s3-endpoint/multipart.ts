import { createHash } from 'node:crypto';
import { digest } from './body.ts';
import type { Body } from './body.ts';
import { traitsOf, writtenHeaders } from './objects.ts';
import type { OperationInput } from './settings.ts';
import { S3Refusal, xml, xmlReply } from './reply.ts';
import type { Reply } from './reply.ts';
import { currentVersion, wholeSeconds } from './state.ts';
import type { Bucket, Part, PendingUpload } from './state.ts';

/** Of every part but the last. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

export function createUpload(input: OperationInput): Reply {
  const { call, state, now } = input;
  const bucket = state.bucket(call.bucket);
  const traits = traitsOf(input);
  const uploadId = state.nextId();
  bucket.uploads.set(uploadId, { key: call.key, began: wholeSeconds(now), traits, parts: new Map() });
  const body = xml('InitiateMultipartUploadResult', { Bucket: call.bucket, Key: call.key, UploadId: uploadId });
  return { ...xmlReply(body), headers: { 'content-type': 'application/xml', ...traits } };
}

export function uploadPart(input: OperationInput, { bytes, sha256 }: Body): Reply {
  const { upload } = findUpload(input);
  const etag = digest('md5', bytes, 'hex');
  upload.parts.set(Number(input.call.query.get('partNumber')), { bytes, etag, sha256 });
  const checksum = sha256 !== undefined && input.settings.keepsChecksums ? { 'x-amz-checksum-sha256': sha256 } : {};
  return { status: 200, headers: { etag: `"${etag}"`, ...checksum } };
}

export function listParts(input: OperationInput): Reply {
  const { upload } = findUpload(input);
  const parts = [...upload.parts].sort(([a], [b]) => a - b);
  return xmlReply(
    xml('ListPartsResult', {
      Key: upload.key,
      IsTruncated: false,
      Part: parts.map(([number, { etag, bytes, sha256 }]) => ({
        PartNumber: number,
        ETag: `"${etag}"`,
        Size: bytes.length,
        ChecksumSHA256: sha256,
      })),
    }),
  );
}

export function completeUpload(input: OperationInput): Reply {
  const { call, headers, state, settings } = input;
  const { bucket, upload, uploadId } = findUpload(input);
  if (
    settings.conditionalCompletion &&
    headers['if-none-match'] === '*' &&
    currentVersion(bucket, call.key) !== undefined
  ) {
    throw new S3Refusal(412, 'PreconditionFailed', { Condition: 'If-None-Match' });
  }
  const parts = partsNamed(input.raw.toString(), upload);
  const composite = compositeChecksum(parts);
  const version = state.put(
    bucket,
    call.key,
    {
      bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
      etag: `${digest('md5', Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex'))), 'hex')}-${parts.length}`,
      // As on S3: the time at which the upload began.
      modified: upload.began,
      sha256: settings.keepsChecksums ? composite : undefined,
      traits: upload.traits,
    },
    settings.versions,
  );
  bucket.uploads.delete(uploadId);
  const body = xml('CompleteMultipartUploadResult', {
    Location: `/${call.bucket}/${call.key}`,
    Bucket: call.bucket,
    Key: call.key,
    ETag: `"${version.etag}"`,
    ChecksumSHA256: version.sha256,
    ChecksumType: version.sha256 === undefined ? undefined : 'COMPOSITE',
  });
  return { ...xmlReply(body), headers: { ...writtenHeaders(version, settings.versions), etag: '' } };
}

export function abortUpload(input: OperationInput): Reply {
  const { bucket, uploadId } = findUpload(input);
  bucket.uploads.delete(uploadId);
  return { status: 204 };
}

function findUpload({ call, state }: OperationInput): { bucket: Bucket; upload: PendingUpload; uploadId: string } {
  const bucket = state.bucket(call.bucket);
  const uploadId = call.query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(uploadId);
  if (upload === undefined || upload.key !== call.key) throw new S3Refusal(404, 'NoSuchUpload', { UploadId: uploadId });
  return { bucket, upload, uploadId };
}

/** The parts that the document lists, which must be there as it says. */
function partsNamed(document: string, upload: PendingUpload): Part[] {
  const named = [...document.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, text = '']) => ({
    number: Number(field(text, 'PartNumber')),
    etag: field(text, 'ETag')?.replaceAll(/"|&quot;/g, ''),
    sha256: field(text, 'ChecksumSHA256'),
  }));
  if (named.length === 0) throw new S3Refusal(400, 'MalformedXML');
  if (named.some(({ number }, n) => number <= (named[n - 1]?.number ?? 0)))
    throw new S3Refusal(400, 'InvalidPartOrder');
  return named.map(({ number, etag, sha256 }, n) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== etag || (sha256 !== undefined && sha256 !== part.sha256)) {
      throw new S3Refusal(400, 'InvalidPart', { PartNumber: String(number) });
    }
    if (n < named.length - 1 && part.bytes.length < PART_BYTES_MIN) throw new S3Refusal(400, 'EntityTooSmall');
    return part;
  });
}

const field = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1];

function compositeChecksum(parts: readonly Part[]): string | undefined {
  const digests = parts.map(({ sha256 }) => sha256);
  if (digests.some((one) => one === undefined)) return undefined;
  const all = Buffer.concat(digests.map((one) => Buffer.from(one as string, 'base64')));
  return `${createHash('sha256').update(all).digest('base64')}-${parts.length}`;
}
