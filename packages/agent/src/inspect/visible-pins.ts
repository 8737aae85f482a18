/** The pins of a device, for commands that show its snapshots. */
import { isBackupError, readPins } from '@backup-agent/core';
import type { BackupError, Repository, SnapshotName } from '@backup-agent/core';

/** Undefined where they cannot be told: a device's role on S3 need not see what belongs to the fleet. */
export async function visiblePins(
  { store, device }: Repository,
  onDamage: (error: BackupError) => void,
): Promise<ReadonlySet<SnapshotName> | undefined> {
  try {
    return await readPins(store, device);
  } catch (error) {
    if (isBackupError(error, 'ACCESS_DENIED')) return undefined;
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'FORMAT_UNKNOWN')) throw error;
    onDamage(error);
    return undefined;
  }
}
