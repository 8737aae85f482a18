/** Whose bytes lie under a key: settles an answer that was lost, or a key that another writer may have taken. */
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Created, ObjectChecksum } from '../ports.ts';
import { isChecksumOf } from './checksum.ts';
import { dateOf } from './dates.ts';
import { isListed } from './read-object.ts';
import { bodyOf, etagOf } from './response.ts';
import type { Reply, S3Connection, S3Request } from './send-requests.ts';

/** What was to be created. */
export interface Intended {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly checksum: ObjectChecksum;
}

/** Compares length and checksum by HEAD, or bytes by GET where the server keeps no checksum or allows no HEAD. */
export async function settle(intended: Intended, connection: S3Connection): Promise<Created | 'missing'> {
  const head = await connection.ask(headOf(intended.key, connection), { expected: ['no-such-key', 'denied'] });
  if (head.fault === 'no-such-key') return 'missing';
  if (head.fault === undefined) {
    const same = sameByHead(head.output, intended);
    if (same !== undefined) return createdFrom(head.output, same, intended);
  }
  return settleByReading(intended, connection);
}

/** Settles before anything is written, for servers that ignore conditions. Who may not look has only the condition. */
export async function settleFirst(intended: Intended, connection: S3Connection): Promise<Created | 'missing'> {
  const head = await connection.ask(headOf(intended.key, connection), { expected: ['no-such-key', 'denied'] });
  return head.fault === undefined ? settle(intended, connection) : 'missing';
}

export function headOf(key: string, { bucket, fullKey }: S3Connection): S3Request<HeadObjectCommandOutput> {
  const input = { Bucket: bucket, Key: fullKey(key), ChecksumMode: 'ENABLED' } as const;
  return {
    operation: 'HeadObject',
    key,
    attempt: (client, abortSignal) => client.send(new HeadObjectCommand(input), { abortSignal }),
  };
}

/** Undefined: the answer does not tell. */
function sameByHead(head: HeadObjectCommandOutput, { bytes, checksum }: Intended): boolean | undefined {
  if (head.ContentLength !== undefined && head.ContentLength !== bytes.byteLength) return false;
  const kept = head.ChecksumSHA256;
  return kept === undefined || head.ContentLength === undefined ? undefined : isChecksumOf(kept, checksum);
}

async function settleByReading(intended: Intended, connection: S3Connection): Promise<Created | 'missing'> {
  const { key, bytes } = intended;
  const input = { Bucket: connection.bucket, Key: connection.fullKey(key) };
  const reply: Reply<{ output: GetObjectCommandOutput; same: boolean }, 'no-such-key' | 'denied'> =
    await connection.ask(
      {
        operation: 'GetObject',
        key,
        attempt: async (client, abortSignal) => {
          const output = await client.send(new GetObjectCommand(input), { abortSignal });
          return { output, same: await bodyEquals(output, bytes) };
        },
      },
      { expected: ['no-such-key', 'denied'] },
    );
  // Who may list under a prefix only is told "denied" about a missing object.
  if (reply.fault === 'denied' && (await isListed(key, connection, reply.refusal))) throw reply.refusal;
  if (reply.fault !== undefined) return 'missing';
  return createdFrom(reply.output.output, reply.output.same, intended);
}

async function bodyEquals(output: GetObjectCommandOutput, bytes: Uint8Array): Promise<boolean> {
  const body = bodyOf(output);
  let at = 0;
  for await (const chunk of body) {
    const piece = chunk as Buffer;
    // Leaving the loop destroys the stream, and with it the rest of the download.
    if (!piece.equals(bytes.subarray(at, at + piece.length))) return false;
    at += piece.length;
  }
  return at === bytes.byteLength;
}

function createdFrom(
  output: HeadObjectCommandOutput | GetObjectCommandOutput,
  same: boolean,
  { checksum }: Intended,
): Created {
  return {
    outcome: same ? 'created' : 'already-there',
    etag: etagOf(output.ETag),
    checksum: same ? checksum : undefined,
    date: dateOf(output),
  };
}
