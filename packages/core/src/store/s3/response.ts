import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';

/** S3 writes ETags in quotes; an empty one is none. */
export const etagOf = (etag: string | undefined): string | undefined => etag?.replaceAll('"', '') || undefined;

/** The body to be read to its end or destroyed; under Node it is always a stream of Node's. */
export const bodyOf = (output: GetObjectCommandOutput): Readable => output.Body as Readable;
