/** All snapshots of a device, for commands that show or search them. */
import { isBackupError, listSnapshots, mapConcurrent, readSnapshot } from '@backup-agent/core';
import type { BackupError, LandedSnapshot, ListedSnapshot, Repository } from '@backup-agent/core';

const READS_AT_ONCE = 16;

/** Newest first, without void ones. `onDamage` hears of each that cannot be read. */
export async function allSnapshots(
  repository: Repository,
  onDamage: (error: BackupError) => void,
): Promise<LandedSnapshot[]> {
  const read = async (listed: ListedSnapshot): Promise<LandedSnapshot | undefined> => {
    try {
      return await readSnapshot(repository, listed);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
      onDamage(error);
      return undefined;
    }
  };
  const snapshots: LandedSnapshot[] = [];
  for await (const landed of mapConcurrent(await listSnapshots(repository), READS_AT_ONCE, read))
    if (landed !== undefined) snapshots.push(landed);
  return snapshots;
}
