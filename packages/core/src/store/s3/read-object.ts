/** Downloads. One that is cut off goes on where it stopped; every length is checked before bytes are taken. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { BackupError, damage } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import { listObjects } from './list-objects.ts';
import { bodyOf } from './response.ts';
import type { S3Connection } from './send-requests.ts';

/** See ObjectReader.find. */
export async function findObject(
  key: ObjectKey,
  bytesMax: number,
  connection: S3Connection,
): Promise<Buffer | undefined> {
  const download = new Download(key, connection, { bytesMax });
  const reply = await connection.ask(
    { operation: 'GetObject', key, attempt: (client, signal) => download.attempt(client, signal) },
    { expected: ['no-such-key', 'denied'] },
  );
  if (reply.fault === undefined) return reply.output;
  // Who may list under a prefix only is told "denied" about a missing object: the listing knows.
  if (reply.fault === 'denied' && (await isListed(key, connection, reply.refusal))) throw reply.refusal;
  return undefined;
}

/** See ObjectReader.read. */
export async function readObject(key: ObjectKey, bytesMax: number, connection: S3Connection): Promise<Buffer> {
  const found = await findObject(key, bytesMax, connection);
  if (found === undefined) throw missing(key, connection);
  return found;
}

/** See ObjectReader.readRange. */
export async function readRange(
  key: ObjectKey,
  offset: number,
  length: number,
  connection: S3Connection,
): Promise<Buffer> {
  // HTTP has no way to ask for nothing.
  if (length === 0) return Buffer.alloc(0);
  const download = new Download(key, connection, { offset, length });
  const reply = await connection.ask(
    { operation: 'GetObject', key, attempt: (client, signal) => download.attempt(client, signal) },
    { expected: ['denied'] },
  );
  if (reply.fault === undefined) return reply.output;
  if (await isListed(key, connection, reply.refusal)) throw reply.refusal;
  throw missing(key, connection);
}

const missing = (key: ObjectKey, { location }: S3Connection): BackupError =>
  new BackupError('OBJECT_MISSING', `${location}/${key} is missing`, { key });

/** What a denied read leaves open: whether there is anything to read. Throws the refusal if no listing tells. */
export async function isListed(key: string, connection: S3Connection, refusal: BackupError): Promise<boolean> {
  try {
    const { objects } = await listObjects(key, connection);
    return objects.some((object) => object.key === key);
  } catch {
    // Whatever the listing says: that the object must not be read is what the caller has to know.
    throw refusal;
  }
}

type Extent = { readonly bytesMax: number } | { readonly offset: number; readonly length: number };

/** One object or range over as many attempts as it takes. */
class Download {
  readonly #key: ObjectKey;
  readonly #connection: S3Connection;
  readonly #extent: Extent;
  /** Made when the first answer has told the length. */
  #buffer: Buffer | undefined;
  #received = 0;
  #etag: string | undefined;

  constructor(key: ObjectKey, connection: S3Connection, extent: Extent) {
    this.#key = key;
    this.#connection = connection;
    this.#extent = extent;
  }

  async attempt(client: S3Client, abortSignal: AbortSignal): Promise<Buffer> {
    const { bucket, fullKey } = this.#connection;
    const range = this.#rangeLeft();
    if (this.#buffer !== undefined && this.#received === this.#buffer.length) return this.#buffer;
    const output = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: fullKey(this.#key),
        ...(range === undefined ? {} : { Range: range }),
      }),
      { abortSignal },
    );
    try {
      const buffer = this.#check(output, range !== undefined);
      await this.#receive(output, buffer);
      return buffer;
    } catch (error) {
      bodyOf(output).destroy();
      throw error;
    }
  }

  /** The bytes still to come, as a Range header; undefined: the whole object. */
  #rangeLeft(): string | undefined {
    if ('length' in this.#extent) {
      const { offset, length } = this.#extent;
      return `bytes=${offset + this.#received}-${offset + length - 1}`;
    }
    return this.#received === 0 ? undefined : `bytes=${this.#received}-`;
  }

  #check(output: GetObjectCommandOutput, ranged: boolean): Buffer {
    const { ContentLength: length, ETag: etag } = output;
    if (length === undefined) throw this.#damaged('is sent without its length');
    if (this.#etag !== undefined && etag !== this.#etag) throw this.#damaged('changed while it was read');
    this.#etag = etag;
    const offset = 'offset' in this.#extent ? this.#extent.offset : 0;
    if (ranged) this.#checkRange(output, offset + this.#received);
    if (this.#buffer !== undefined) return this.#buffer;
    if ('bytesMax' in this.#extent && length > this.#extent.bytesMax) {
      throw this.#damaged(`is ${length} bytes long, over the limit of ${this.#extent.bytesMax}`);
    }
    this.#buffer = Buffer.allocUnsafeSlow('length' in this.#extent ? this.#extent.length : length);
    return this.#buffer;
  }

  #checkRange({ $metadata, ContentRange = '' }: GetObjectCommandOutput, from: number): void {
    if ($metadata.httpStatusCode !== 206) {
      throw new BackupError('CONFIG_INVALID', 'the S3 server ignores ranges: it sends whole objects', {
        hint: 'a proxy between this computer and the server may remove the Range header',
      });
    }
    const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(ContentRange) ?? [];
    if (first === undefined || Number(first) !== from) throw this.#damaged('is sent from another place than asked for');
    const end = 'length' in this.#extent ? this.#extent.offset + this.#extent.length : this.#buffer?.length;
    if (Number(last) + 1 !== end) throw this.#damaged('is shorter than it should be');
  }

  async #receive(output: GetObjectCommandOutput, buffer: Buffer): Promise<void> {
    for await (const chunk of bodyOf(output)) {
      const piece = chunk as Buffer;
      if (this.#received + piece.length > buffer.length) throw this.#damaged('is longer than announced');
      piece.copy(buffer, this.#received);
      this.#received += piece.length;
    }
    if (this.#received < buffer.length) {
      throw Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
    }
  }

  #damaged(what: string): BackupError {
    return damage(`${this.#connection.location}/${this.#key} ${what}`, { key: this.#key });
  }
}
