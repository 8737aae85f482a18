/** Objects that were removed from a bucket with versions: a delete marker lies over their bytes. */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { ObjectKey } from '../../ids.ts';
import { sortByKey } from '../key-order.ts';
import type { RemovedObject } from '../ports.ts';
import { listVersions } from './list-versions.ts';
import type { ObjectVersion } from './list-versions.ts';
import type { S3Connection } from './send-requests.ts';

/** See ObjectUndeleter.listRemoved. */
export async function listRemoved(prefix: string, connection: S3Connection): Promise<readonly RemovedObject[]> {
  const byKey = Map.groupBy(await listVersions(prefix, connection), ({ key }) => key);
  const removed = [...byKey].flatMap(([key, versions]) => {
    const time = removalOf(versions);
    return time === undefined ? [] : [{ key, removed: time }];
  });
  return sortByKey(removed);
}

/**
 * When the object of these versions was removed; undefined: it is there, or nothing is left of it. Whoever removes it
 * again lays one more marker over it: the first since its bytes came tells the time.
 */
function removalOf(versions: readonly ObjectVersion[]): Date | undefined {
  const kept = versions.filter(({ isMarker }) => !isMarker).map(({ modified }) => modified.getTime());
  if (kept.length === 0 || !versions.some(({ isMarker, isLatest }) => isMarker && isLatest)) return undefined;
  const came = Math.max(...kept);
  const markers = versions.filter(({ isMarker }) => isMarker).map(({ modified }) => modified.getTime());
  return new Date(Math.min(...markers.filter((time) => time >= came)));
}

/** See ObjectUndeleter.undelete. Ends, for each round takes one delete marker away; repeated, it goes on. */
export async function undelete(key: ObjectKey, connection: S3Connection): Promise<'restored' | 'gone'> {
  for (;;) {
    const versions = (await listVersions(key, connection)).filter((version) => version.key === key);
    if (versions.every(({ isMarker }) => isMarker)) return 'gone';
    const marker = versions.find(({ isMarker, isLatest }) => isMarker && isLatest);
    if (marker === undefined) return 'restored';
    await removeVersion(marker, key, connection);
  }
}

async function removeVersion({ versionId }: ObjectVersion, key: ObjectKey, connection: S3Connection): Promise<void> {
  const input = { Bucket: connection.bucket, Key: connection.fullKey(key), VersionId: versionId };
  await connection.ask(
    {
      operation: 'DeleteObjectVersion',
      key,
      attempt: (client, abortSignal) => client.send(new DeleteObjectCommand(input), { abortSignal }),
    },
    { expected: ['no-such-key'] },
  );
}
