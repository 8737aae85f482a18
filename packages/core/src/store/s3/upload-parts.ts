/**
 * A large object by multipart upload. lib-storage cuts, orders and limits; every request it makes goes through our
 * sending, so a part that fails is sent again alone, and a completion whose answer is lost is settled by comparison.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { BackupError, isBackupError } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import type { Created } from '../ports.ts';
import { checksumHeader, checksumOfParts, sha256 } from './checksum.ts';
import { PART_BYTES } from './options.ts';
import type { S3Connection } from './send-requests.ts';
import { settle, settleFirst } from './settle.ts';
import type { Intended } from './settle.ts';
import { createdBy, ROUNDS_MAX, writeParameters } from './write-request.ts';

/** An upload that is not worth aborting in more attempts than this: the bucket's lifecycle rule takes it away. */
const ABORT_ATTEMPTS_MAX = 3;

type Command =
  CreateMultipartUploadCommand | UploadPartCommand | CompleteMultipartUploadCommand | AbortMultipartUploadCommand;

/** How one upload ended, if not by a completion that was answered. Thrown through lib-storage, which then aborts it. */
class UploadEnded extends Error {
  readonly created: Created | 'again';
  readonly refusal: BackupError | undefined;

  constructor(created: Created | 'again', refusal?: BackupError) {
    super('the upload has ended');
    this.created = created;
    this.refusal = refusal;
  }
}

export async function uploadParts(key: ObjectKey, bytes: Buffer, connection: S3Connection): Promise<Created> {
  for (let round = 1; ; round += 1) {
    const ended = await uploadOnce(key, bytes, connection);
    if (!(ended instanceof UploadEnded)) return ended;
    if (ended.created !== 'again') return ended.created;
    if (round === ROUNDS_MAX) {
      throw (
        ended.refusal ?? new BackupError('STORE_UNREACHABLE', `${connection.location}/${key} was not written`, { key })
      );
    }
  }
}

async function uploadOnce(key: ObjectKey, bytes: Buffer, connection: S3Connection): Promise<Created | UploadEnded> {
  const { client, limits } = connection;
  const intended = new IntendedParts(key, bytes);
  const sendCommand = (command: Command): Promise<unknown> => sendForUpload(command, intended, connection);
  const upload = new Upload({
    // What lib-storage uses of a client: its configuration, and `send`.
    client: { config: client.config, send: sendCommand } as unknown as S3Client,
    params: { ...writeParameters(key, connection), ChecksumAlgorithm: 'SHA256', Body: bytes },
    partSize: PART_BYTES,
    queueSize: limits.partsMax,
    leavePartsOnError: false,
  });
  try {
    return await createdBy(await upload.done(), intended, connection);
  } catch (error) {
    if (error instanceof UploadEnded) return error;
    connection.options.signal.throwIfAborted();
    throw isBackupError(error) ? error : connection.fail(error, 'CompleteMultipartUpload', key);
  }
}

/** The digests are computed as the parts come by, each once. */
class IntendedParts implements Intended {
  readonly key: ObjectKey;
  readonly bytes: Buffer;
  readonly #digests: Buffer[] = [];

  constructor(key: ObjectKey, bytes: Buffer) {
    this.key = key;
    this.bytes = bytes;
  }

  digestOf(partNumber: number): Buffer {
    const at = (partNumber - 1) * PART_BYTES;
    return (this.#digests[partNumber - 1] ??= sha256(this.bytes.subarray(at, at + PART_BYTES)));
  }

  get checksum(): Created['checksum'] & object {
    const parts = Math.ceil(this.bytes.byteLength / PART_BYTES);
    return checksumOfParts(Array.from({ length: parts }, (_, n) => this.digestOf(n + 1)));
  }
}

async function sendForUpload(command: Command, intended: IntendedParts, connection: S3Connection): Promise<unknown> {
  if (command instanceof CreateMultipartUploadCommand) return beginUpload(command, intended, connection);
  if (command instanceof UploadPartCommand) return sendPart(command, intended, connection);
  if (command instanceof CompleteMultipartUploadCommand) return complete(command, intended, connection);
  return abortUpload(command, intended, connection);
}

async function beginUpload(
  command: CreateMultipartUploadCommand,
  { key }: Intended,
  connection: S3Connection,
): Promise<unknown> {
  const reply = await connection.ask(
    {
      operation: 'CreateMultipartUpload',
      key,
      attempt: (client, abortSignal) => client.send(new CreateMultipartUploadCommand(command.input), { abortSignal }),
    },
    // Not cut off by the signal at once: an upload whose id never arrives could not be aborted.
    { expected: [], cancel: connection.lateSignal },
  );
  return reply.output;
}

async function sendPart(
  { input }: UploadPartCommand,
  intended: IntendedParts,
  connection: S3Connection,
): Promise<unknown> {
  const { key } = intended;
  const checksum = checksumHeader(intended.digestOf(input.PartNumber as number));
  const part = { ...input, ContentLength: (input.Body as Uint8Array).byteLength, ChecksumSHA256: checksum };
  const reply = await connection.ask(
    {
      operation: 'UploadPart',
      key,
      attempt: (client, abortSignal) => client.send(new UploadPartCommand(part), { abortSignal }),
    },
    { expected: ['no-such-upload', 'no-such-key'] },
  );
  if (reply.fault !== undefined) throw new UploadEnded('again', reply.refusal);
  // Servers that answer without it still need it in the list of parts.
  return { ...reply.output, ChecksumSHA256: reply.output.ChecksumSHA256 ?? checksum };
}

async function complete(
  { input }: CompleteMultipartUploadCommand,
  intended: Intended,
  connection: S3Connection,
): Promise<unknown> {
  if (connection.lookFirst !== 'never') {
    const there = await settleFirst(intended, connection);
    if (there !== 'missing') throw new UploadEnded(there);
  }
  const reply = await connection.ask(
    {
      operation: 'CompleteMultipartUpload',
      key: intended.key,
      attempt: (client, abortSignal) => client.send(new CompleteMultipartUploadCommand(input), { abortSignal }),
    },
    { expected: ['exists', 'conflict', 'no-such-upload', 'no-such-key'] },
  );
  if (reply.fault === undefined) return reply.output;
  const settled = await settle(intended, connection);
  throw new UploadEnded(settled === 'missing' ? 'again' : settled, reply.refusal);
}

/** A failure here hides nothing: what made lib-storage abort is the error to tell, and the lifecycle rule cleans up. */
async function abortUpload(
  command: AbortMultipartUploadCommand,
  { key }: Intended,
  connection: S3Connection,
): Promise<unknown> {
  try {
    await connection.ask(
      {
        operation: 'AbortMultipartUpload',
        key,
        attempt: (client, abortSignal) => client.send(new AbortMultipartUploadCommand(command.input), { abortSignal }),
      },
      {
        expected: ['no-such-upload', 'no-such-key'],
        attemptsMax: ABORT_ATTEMPTS_MAX,
        cancel: connection.lateSignal,
      },
    );
  } catch {
    // Said to onRequest already.
  }
  return {};
}
