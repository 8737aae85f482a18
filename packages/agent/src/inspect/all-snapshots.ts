/** All snapshots of a device, for commands that show or search them. */
import { readSnapshots } from '@backup-agent/core';
import type { BackupError, LandedSnapshot, Repository } from '@backup-agent/core';

/** Newest first, without void ones. `onDamage` hears of each that cannot be read. */
export async function allSnapshots(
  repository: Repository,
  onDamage: (error: BackupError) => void,
): Promise<readonly LandedSnapshot[]> {
  const { valid, damaged } = await readSnapshots(repository);
  for (const { error } of damaged) onDamage(error);
  return valid;
}
