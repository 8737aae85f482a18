/** The newest snapshot of a device that can be read. */
import { isBackupError, listSnapshots, readSnapshot } from '@backup-agent/core';
import type { LandedSnapshot, Repository } from '@backup-agent/core';

/** Undefined if there is none. `onTrouble` hears of newer ones that cannot be read. */
export async function newestSnapshot(
  repository: Repository,
  onTrouble: (message: string) => void,
): Promise<LandedSnapshot | undefined> {
  for (const listed of await listSnapshots(repository)) {
    try {
      const landed = await readSnapshot(repository, listed);
      if (landed !== undefined) return landed;
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
      onTrouble(error.message);
    }
  }
  return undefined;
}
