/**
 * Nothing in the bucket expires by its age, for an unchanged document's data is as old as its first backup; what may go is
 * decided on snapshots. The rules only end uploads that nobody completes and purge what was removed.
 */
import { Duration } from 'aws-cdk-lib';
import { StorageClass } from 'aws-cdk-lib/aws-s3';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { PACK_TAG } from '@backup-agent/core';
import type { BackupConfig } from '../config/backup-config.ts';

/** A run that was cut off is continued within two weeks with new uploads; parts of old ones only cost. */
const ABORT_UPLOAD_DAYS = 7;
/** Classes with a price for each object or a smallest size do not pay for less. */
const COLD_BYTES_MIN = 128 * 1024;

export function lifecycleRules(config: BackupConfig): LifecycleRule[] {
  return [
    { id: 'abort-unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(ABORT_UPLOAD_DAYS) },
    { id: 'purge-removed', noncurrentVersionExpiration: Duration.days(config.softDeleteDays) },
    { id: 'clean-delete-markers', expiredObjectDeleteMarker: true },
    ...coldRules(config),
  ];
}

function coldRules({ packTiering, transitionDays }: BackupConfig): LifecycleRule[] {
  if (!isMovedByRule(packTiering)) return [];
  const storageClass = packTiering === 'glacier' ? StorageClass.GLACIER : StorageClass.GLACIER_INSTANT_RETRIEVAL;
  return [
    {
      id: 'move-packs',
      prefix: 'v1/devices/',
      tagFilters: { [PACK_TAG.name]: PACK_TAG.value },
      objectSizeGreaterThan: COLD_BYTES_MIN,
      transitions: [{ storageClass, transitionAfter: Duration.days(transitionDays) }],
    },
  ];
}

/** Otherwise the agent names the class when it uploads, or none. */
export const isMovedByRule = (tiering: BackupConfig['packTiering']): boolean =>
  tiering === 'glacier-ir' || tiering === 'glacier';
