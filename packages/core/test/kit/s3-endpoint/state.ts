/** What the endpoint holds: buckets of objects with versions, and multipart uploads under way. */
import { digest } from './body.ts';
import { S3Refusal } from './reply.ts';

/** Headers that come with a write and go out with every read: encryption and storage class. */
export type Traits = Readonly<Record<string, string>>;

export interface Version {
  readonly id: string;
  /** Undefined: a delete marker. */
  readonly bytes: Buffer | undefined;
  readonly etag: string;
  /** Whole seconds. */
  readonly modified: Date;
  /** As `x-amz-checksum-sha256`, if one is kept. */
  readonly sha256: string | undefined;
  readonly traits: Traits;
}

export interface Part {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly sha256: string | undefined;
}

export interface PendingUpload {
  readonly key: string;
  readonly began: Date;
  readonly traits: Traits;
  readonly parts: Map<number, Part>;
}

export interface Bucket {
  /** Newest last. */
  readonly versions: Map<string, Version[]>;
  readonly uploads: Map<string, PendingUpload>;
}

export class State {
  readonly #buckets = new Map<string, Bucket>();
  #ids = 0;

  createBucket(name: string): void {
    if (!this.#buckets.has(name)) this.#buckets.set(name, { versions: new Map(), uploads: new Map() });
  }

  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3Refusal(404, 'NoSuchBucket', { BucketName: name });
    return bucket;
  }

  nextId(): string {
    this.#ids += 1;
    return digest('md5', Buffer.from(String(this.#ids)), 'hex');
  }

  /** Adds a version, or without versions takes the place of the one there is. */
  put(bucket: Bucket, key: string, version: Omit<Version, 'id'>, keepVersions: boolean): Version {
    const added = { id: keepVersions ? this.nextId() : 'null', ...version };
    const before = keepVersions ? (bucket.versions.get(key) ?? []) : [];
    bucket.versions.set(key, [...before, added]);
    return added;
  }
}

export type LiveVersion = Version & { readonly bytes: Buffer };

/** The version that reads see: the newest, unless it is a delete marker. */
export function currentVersion(bucket: Bucket, key: string): LiveVersion | undefined {
  const newest = bucket.versions.get(key)?.at(-1);
  return newest?.bytes === undefined ? undefined : (newest as LiveVersion);
}

export const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);
