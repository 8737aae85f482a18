import { BackupError } from '@backup-agent/core';
import { encodeStrictly, signRequest, type S3Credentials } from './sign-request.ts';

/** A bucket of an S3-compatible server, addressed by path. */
export interface BucketLocation extends S3Credentials {
  /** Scheme, host and port, without a path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
}

export interface Stored {
  readonly objects: number;
  readonly bytes: number;
}

interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/** Makes the bucket unless it is there. */
export async function ensureBucket(bucket: BucketLocation, now: () => Date): Promise<void> {
  const found = await send({ method: 'HEAD', path: '' }, bucket, now);
  if (found.status === 200) return;
  if (found.status !== 404) throw refused('find the bucket', bucket, found);
  const made = await send({ method: 'PUT', path: '' }, bucket, now);
  if (made.status !== 200) throw refused('make the bucket', bucket, made);
}

/** Number and bytes of all objects under a prefix. */
export async function storedUnder(prefix: string, bucket: BucketLocation, now: () => Date): Promise<Stored> {
  const objects = await list(prefix, bucket, now);
  return { objects: objects.length, bytes: objects.reduce((sum, object) => sum + object.bytes, 0) };
}

/** Removes all objects under a prefix (in a versioned bucket their older versions stay). */
export async function removeUnder(prefix: string, bucket: BucketLocation, now: () => Date): Promise<void> {
  for (const { key } of await list(prefix, bucket, now)) {
    const removed = await send({ method: 'DELETE', path: `/${key}` }, bucket, now);
    if (removed.status !== 204 && removed.status !== 200) throw refused(`remove ${key}`, bucket, removed);
  }
}

async function list(prefix: string, bucket: BucketLocation, now: () => Date): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for (let token: string | undefined = ''; token !== undefined;) {
    const query: Record<string, string> = { 'list-type': '2', prefix, ...(token && { 'continuation-token': token }) };
    const page = await send({ method: 'GET', path: '', query }, bucket, now);
    if (page.status !== 200) throw refused(`list ${prefix}`, bucket, page);
    for (const [, content] of page.body.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      objects.push({ key: textOf(content!, 'Key') ?? '', bytes: Number(textOf(content!, 'Size')) });
    }
    token = textOf(page.body, 'NextContinuationToken');
  }
  return objects;
}

interface BucketRequest {
  readonly method: string;
  /** The key with a leading slash, or nothing for the bucket itself. */
  readonly path: string;
  readonly query?: Record<string, string>;
}

async function send({ method, path, query = {} }: BucketRequest, bucket: BucketLocation, now: () => Date) {
  const url = new URL(bucket.endpoint);
  url.pathname = `/${bucket.bucket}${path.split('/').map(encodeStrictly).join('/')}`;
  url.search = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeStrictly(value)}`)
    .join('&');
  const headers = signRequest({ method, url, region: bucket.region, time: now() }, bucket);
  try {
    const response = await fetch(url, { method, headers });
    return { status: response.status, body: await response.text() };
  } catch (cause) {
    throw new BackupError('STORE_UNREACHABLE', `cannot reach ${bucket.endpoint}`, { cause });
  }
}

/** The text of the first element of this name, from the XML that S3 answers. */
function textOf(xml: string, element: string): string | undefined {
  const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name]);
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' } as const;

function refused(
  what: string,
  { bucket, endpoint }: BucketLocation,
  answer: { status: number; body: string },
): BackupError {
  const reason = textOf(answer.body, 'Message') ?? textOf(answer.body, 'Code') ?? `status ${answer.status}`;
  const code = answer.status === 403 ? 'ACCESS_DENIED' : 'FAILED';
  return new BackupError(code, `cannot ${what} in ${bucket} at ${endpoint}: ${reason}`);
}
