/**
 * What a server can do, found by trying. Writes a small object and one of 8 MiB and a byte under `v1/system/probe/`,
 * each twice; they stay there, for whoever sets up a repository need not be allowed to remove anything.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { ObjectKey, RunId } from '../../ids.ts';
import { probeKey } from '../../keys.ts';
import { checksumHeader, checksumOfParts, isChecksumOf, sha256 } from './checksum.ts';
import { openConnection } from './open-s3-store.ts';
import { PART_BYTES } from './options.ts';
import type { S3LookFirst, S3StoreOptions } from './options.ts';
import type { S3Connection } from './send-requests.ts';
import { headOf } from './settle.ts';
import { uploadParts } from './upload-parts.ts';
import { writeParameters } from './write-request.ts';

/** Why a server is less than a repository deserves, and what that means. */
export const S3_WEAKNESSES = {
  'replaces-objects':
    'ignores If-None-Match on PutObject: the store has to look first, and two writers at once could replace each other',
  'replaces-large-objects':
    'ignores If-None-Match when a multipart upload is completed: the store has to look first; the keys of packs are never used twice',
  'forgets-checksums': 'keeps no SHA-256 checksums: comparing an object with what was sent needs a download',
  'no-kms': 'does not encrypt with the KMS key that is configured',
  'no-versions': 'keeps no versions: what is removed is gone at once',
} as const;

export type S3Weakness = keyof typeof S3_WEAKNESSES;

export interface S3Probe {
  /** `If-None-Match: *` is obeyed on PutObject. */
  readonly conditionalPut: boolean;
  /** And on CompleteMultipartUpload. */
  readonly conditionalCompletion: boolean;
  /** SHA-256 checksums are kept and given back, of objects sent whole and in parts. */
  readonly checksumKept: boolean;
  /** Objects are encrypted with the configured key, or, if none is configured, with any KMS key. */
  readonly sseKms: boolean;
  readonly versions: boolean;
  /** What the store needs to be told, so that it replaces nothing. */
  readonly lookFirst: S3LookFirst;
  readonly weaknesses: readonly S3Weakness[];
  /** The objects that were written and remain. */
  readonly keys: readonly ObjectKey[];
}

/** Two unused ids, for the keys of the two objects. */
export interface S3ProbeWords {
  readonly small: RunId;
  readonly large: RunId;
}

/** Tries out a server as `init` does. Throws as a store's `create` does: ACCESS_DENIED, REPOSITORY_MISSING, ... */
export async function probeS3(options: S3StoreOptions, words: S3ProbeWords): Promise<S3Probe> {
  const connection = await openConnection({ ...options, lookFirst: 'never' });
  const small = await probePut(probeKey(words.small), connection);
  const large = await probeMultipart(probeKey(words.large), connection);
  const facts = {
    conditionalPut: small.conditional,
    conditionalCompletion: large.conditional,
    checksumKept: small.checksumKept && large.checksumKept,
    sseKms: small.kms && large.kms,
    versions: small.versions,
  };
  return {
    ...facts,
    lookFirst: !facts.conditionalPut ? 'always' : !facts.conditionalCompletion ? 'large' : 'never',
    weaknesses: weaknessesOf(facts, options),
    keys: [probeKey(words.small), probeKey(words.large)],
  };
}

type Facts = Pick<S3Probe, 'conditionalPut' | 'conditionalCompletion' | 'checksumKept' | 'sseKms' | 'versions'>;

function weaknessesOf(facts: Facts, { kmsKey }: S3StoreOptions): S3Weakness[] {
  const rows: readonly (readonly [boolean, S3Weakness])[] = [
    [!facts.conditionalPut, 'replaces-objects'],
    [!facts.conditionalCompletion, 'replaces-large-objects'],
    [!facts.checksumKept, 'forgets-checksums'],
    [kmsKey !== undefined && !facts.sseKms, 'no-kms'],
    [!facts.versions, 'no-versions'],
  ];
  return rows.filter(([applies]) => applies).map(([, weakness]) => weakness);
}

interface Found {
  readonly conditional: boolean;
  readonly checksumKept: boolean;
  readonly kms: boolean;
  readonly versions: boolean;
}

async function probePut(key: ObjectKey, connection: S3Connection): Promise<Found> {
  const put = (text: string) => {
    const body = Buffer.from(text);
    const input = {
      ...writeParameters(key, connection),
      Body: body,
      ChecksumAlgorithm: 'SHA256' as const,
      ChecksumSHA256: checksumHeader(sha256(body)),
    };
    return connection.ask(
      {
        operation: 'PutObject',
        key,
        attempt: (client, abortSignal) => client.send(new PutObjectCommand(input), { abortSignal }),
      },
      { expected: ['exists', 'conflict'] },
    );
  };
  const first = await put('first');
  const second = await put('second');
  const head = await connection.send(headOf(key, connection));
  return {
    conditional: second.fault !== undefined && head.ContentLength === 'first'.length,
    checksumKept: head.ChecksumSHA256 !== undefined,
    kms: isKmsEncrypted(head, connection),
    versions: first.output?.VersionId !== undefined && first.output.VersionId !== 'null',
  };
}

async function probeMultipart(key: ObjectKey, connection: S3Connection): Promise<Omit<Found, 'versions'>> {
  const body = Buffer.alloc(PART_BYTES + 1, 'probe');
  await uploadParts(key, body, connection);
  const replaced = await completeTinyUpload(key, connection);
  const head = await connection.send(headOf(key, connection));
  const checksum = checksumOfParts([sha256(body.subarray(0, PART_BYTES)), sha256(body.subarray(PART_BYTES))]);
  return {
    conditional: !replaced && head.ContentLength === body.length,
    checksumKept:
      head.ChecksumSHA256 !== undefined && (replaced || isChecksumOf(head.ChecksumSHA256, checksum) === true),
    kms: isKmsEncrypted(head, connection),
  };
}

/** A second upload to the same key, of one part, which may be short as the last of all. Whether it was completed. */
async function completeTinyUpload(key: ObjectKey, connection: S3Connection): Promise<boolean> {
  const { IfNoneMatch, ...parameters } = writeParameters(key, connection);
  const target = { Bucket: parameters.Bucket, Key: parameters.Key };
  const body = Buffer.from('second');
  const { UploadId } = await connection.send({
    operation: 'CreateMultipartUpload',
    key,
    attempt: (client, abortSignal) =>
      client.send(new CreateMultipartUploadCommand({ ...parameters, ChecksumAlgorithm: 'SHA256' }), { abortSignal }),
  });
  const part = { ...target, UploadId, PartNumber: 1, Body: body, ChecksumSHA256: checksumHeader(sha256(body)) };
  const { ETag } = await connection.send({
    operation: 'UploadPart',
    key,
    attempt: (client, abortSignal) => client.send(new UploadPartCommand(part), { abortSignal }),
  });
  const parts = [{ PartNumber: 1, ETag, ChecksumSHA256: part.ChecksumSHA256 }];
  const input = { ...target, UploadId, IfNoneMatch, MultipartUpload: { Parts: parts } };
  const reply = await connection.ask(
    {
      operation: 'CompleteMultipartUpload',
      key,
      attempt: (client, abortSignal) => client.send(new CompleteMultipartUploadCommand(input), { abortSignal }),
    },
    { expected: ['exists', 'conflict'] },
  );
  if (reply.fault === undefined) return true;
  await connection.ask(
    {
      operation: 'AbortMultipartUpload',
      key,
      attempt: (client, abortSignal) =>
        client.send(new AbortMultipartUploadCommand({ ...target, UploadId }), { abortSignal }),
    },
    { expected: ['no-such-upload', 'no-such-key', 'denied'] },
  );
  return false;
}

function isKmsEncrypted(head: HeadObjectCommandOutput, { options: { kmsKey } }: S3Connection): boolean {
  if (head.ServerSideEncryption !== 'aws:kms') return false;
  return kmsKey === undefined || head.SSEKMSKeyId === undefined || head.SSEKMSKeyId === kmsKey;
}
