import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import type { ObjectStore, ObjectThawer, ObjectUndeleter } from '../ports.ts';
import { createObject } from './create-object.ts';
import { listFolders, listObjects } from './list-objects.ts';
import { openClient } from './open-client.ts';
import { DEFAULT_LIMITS } from './options.ts';
import type { S3StoreOptions } from './options.ts';
import { findObject, readObject, readRange } from './read-object.ts';
import { connect } from './send-requests.ts';
import type { S3Connection } from './send-requests.ts';
import { archiveState, thaw } from './thaw-objects.ts';
import { listRemoved, undelete } from './undelete-objects.ts';

export type S3Store = ObjectStore & ObjectUndeleter & ObjectThawer;

/**
 * Opens a repository's root on S3. Sends nothing yet: whether the bucket is there and the credentials are good, the
 * first request tells. Throws CONFIG_INVALID if the options cannot be right or no region is known.
 */
export async function openS3Store(options: S3StoreOptions): Promise<S3Store> {
  return storeOver(await openConnection(options));
}

/** A checked connection; the probe works on it below the store. */
export async function openConnection(options: S3StoreOptions): Promise<S3Connection> {
  checkOptions(options);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return connect({ ...(await openClient(options, limits)), options, limits });
}

function storeOver(connection: S3Connection): S3Store {
  return {
    location: connection.location,
    list: (prefix) => listObjects(prefix, connection),
    listFolders: (prefix) => listFolders(prefix, connection),
    read: (key, bytesMax) => readObject(key, bytesMax, connection),
    find: (key, bytesMax) => findObject(key, bytesMax, connection),
    readRange: (key, offset, length) => readRange(key, offset, length, connection),
    create: (key, body, createOptions = {}) => createObject(key, body, createOptions, connection),
    remove: (key) => removeObject(key, connection),
    listRemoved: (prefix) => listRemoved(prefix, connection),
    undelete: (key) => undelete(key, connection),
    archiveState: (key) => archiveState(key, connection),
    thaw: (key, how) => thaw(key, how, connection),
  };
}

async function removeObject(key: ObjectKey, connection: S3Connection): Promise<void> {
  const input = { Bucket: connection.bucket, Key: connection.fullKey(key) };
  await connection.ask(
    {
      operation: 'DeleteObject',
      key,
      attempt: (client, abortSignal) => client.send(new DeleteObjectCommand(input), { abortSignal }),
    },
    { expected: ['no-such-key'] },
  );
}

const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

function checkOptions({ kmsKey, endpoint, prefix }: S3StoreOptions): void {
  if (kmsKey !== undefined && endpoint === undefined && !KMS_KEY_ARN.test(kmsKey)) {
    throw new BackupError('CONFIG_INVALID', `"${kmsKey}" is not the ARN of a KMS key`, {
      hint: 'give the full ARN, arn:aws:kms:<region>:<account>:key/<id>: the bucket policy lets no id or alias pass',
    });
  }
  if (prefix.startsWith('/') || prefix.endsWith('/')) {
    throw new BackupError('CONFIG_INVALID', `the prefix "${prefix}" begins or ends with a slash`);
  }
}
