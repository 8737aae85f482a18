import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import { parseKey } from '../../keys.ts';
import type { Created } from '../ports.ts';
import { checksumHeader, checksumOfWhole, sha256 } from './checksum.ts';
import { PART_BYTES } from './options.ts';
import type { S3Connection, S3Request } from './send-requests.ts';
import { settle, settleFirst } from './settle.ts';
import type { Intended } from './settle.ts';
import { uploadParts } from './upload-parts.ts';
import { createdBy, ROUNDS_MAX, writeParameters } from './write-request.ts';

/** See ObjectWriter.create. */
export async function createObject(
  key: ObjectKey,
  body: readonly Uint8Array[],
  { once = false }: { readonly once?: boolean },
  connection: S3Connection,
): Promise<Created> {
  const bytes = oneBuffer(body);
  if (bytes.byteLength > PART_BYTES && !once && !isSentWhole(key)) return uploadParts(key, bytes, connection);
  return putWhole(key, bytes, once, connection);
}

/** Index segments go by one request whatever their length: the key layout promises a conditional put for them. */
function isSentWhole(key: ObjectKey): boolean {
  const parsed = parseKey(key);
  return parsed?.type === 'index' || parsed?.type === 'compacted-index';
}

async function putWhole(key: ObjectKey, bytes: Buffer, once: boolean, connection: S3Connection): Promise<Created> {
  const digest = sha256(bytes);
  const intended: Intended = { key, bytes, checksum: checksumOfWhole(digest) };
  const request = putRequest(intended, digest, writeParameters(key, connection));
  if (connection.lookFirst === 'always') {
    const there = await settleFirst(intended, connection);
    if (there !== 'missing') return there;
  }
  for (let round = 1; ; round += 1) {
    const reply = await connection.ask(request, {
      expected: ['exists', 'conflict'],
      ...(once ? { attemptsMax: 1 } : {}),
    });
    if (reply.fault === undefined) return createdBy(reply.output, intended, connection);
    const settled = await settle(intended, connection);
    if (settled !== 'missing') return settled;
    // Removed between the refusal and the look at it, or a conflict that nobody won.
    if (once || round === ROUNDS_MAX) {
      throw new BackupError('STORE_UNREACHABLE', `${connection.location}/${key} was not written: ${CONFLICT}`, {
        hint: 'try again',
        key,
        cause: reply.refusal,
      });
    }
  }
}

const CONFLICT = 'somebody else is changing this key at the same time';

function putRequest(
  { key, bytes }: Intended,
  digest: Buffer,
  parameters: ReturnType<typeof writeParameters>,
): S3Request<PutObjectCommandOutput> {
  const input = {
    ...parameters,
    Body: bytes,
    ContentLength: bytes.byteLength,
    // S3 needs the checksum only; others keep it only if its algorithm is named as well.
    ChecksumAlgorithm: 'SHA256' as const,
    ChecksumSHA256: checksumHeader(digest),
  };
  return {
    operation: 'PutObject',
    key,
    attempt: (client, abortSignal) => client.send(new PutObjectCommand(input), { abortSignal }),
  };
}

function oneBuffer(body: readonly Uint8Array[]): Buffer {
  const [only] = body;
  if (body.length === 1 && only !== undefined) return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  return Buffer.concat(body);
}
