/**
 * Objects in classes that cannot be read at once: S3 makes a copy that can, for some days, when it is asked to
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html). What they are asked for and whether they are
 * back tells the header `x-amz-restore` of each.
 */
import { RestoreObjectCommand } from '@aws-sdk/client-s3';
import type { Tier } from '@aws-sdk/client-s3';
import { BackupError } from '../../errors.ts';
import type { ObjectKey } from '../../ids.ts';
import type { ArchiveState, ThawSpeed } from '../ports.ts';
import { isArchiveClass } from '../tiering.ts';
import { dateOf } from './dates.ts';
import type { S3Connection } from './send-requests.ts';
import { headOf } from './settle.ts';

const TIERS: Readonly<Record<ThawSpeed, Tier>> = { bulk: 'Bulk', standard: 'Standard', expedited: 'Expedited' };

/** See ObjectThawer.archiveState. */
export async function archiveState(key: ObjectKey, connection: S3Connection): Promise<ArchiveState> {
  const { output, fault } = await connection.ask(headOf(key, connection), { expected: ['no-such-key'] });
  if (fault !== undefined) throw new BackupError('OBJECT_MISSING', `${connection.location}/${key} is missing`, { key });
  if (!isArchiveClass(output.StorageClass)) return { state: 'readable' };
  const [, ongoing, expiry] =
    /^ongoing-request="(true|false)"(?:, *expiry-date="([^"]*)")?/.exec(output.Restore ?? '') ?? [];
  if (ongoing === undefined) return { state: 'archived' };
  if (ongoing === 'true') return { state: 'thawing' };
  const leftMs = Date.parse(expiry ?? '') - dateOf(output).getTime();
  return { state: 'readable', ...(Number.isNaN(leftMs) ? {} : { leftMs }) };
}

/** See ObjectThawer.thaw. */
export async function thaw(
  key: ObjectKey,
  { days, speed }: { readonly days: number; readonly speed: ThawSpeed },
  connection: S3Connection,
): Promise<void> {
  const input = {
    Bucket: connection.bucket,
    Key: connection.fullKey(key),
    RestoreRequest: { Days: days, GlacierJobParameters: { Tier: TIERS[speed] } },
  };
  await connection.ask(
    {
      operation: 'RestoreObject',
      key,
      attempt: (client, abortSignal) => client.send(new RestoreObjectCommand(input), { abortSignal }),
    },
    // Under way already; or it has been moved out of the archive meanwhile.
    { expected: ['conflict', 'archived'] },
  );
}
