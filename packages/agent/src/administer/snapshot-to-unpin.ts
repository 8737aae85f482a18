/** Which snapshot is to be unpinned. */
import { findSnapshot, isBackupError, readPins } from '@backup-agent/core';
import type { Repository, SnapshotName, SnapshotSelector } from '@backup-agent/core';

/**
 * As findSnapshot; but a name's beginning means the one pinned snapshot that it fits, also one that cannot be read any
 * more or is not there.
 */
export async function snapshotToUnpin(repository: Repository, selector: SnapshotSelector): Promise<SnapshotName> {
  if (selector.by === 'name') {
    const pinned = [...(await readablePins(repository))].filter((name) => name.startsWith(selector.prefix));
    const [first, ...others] = pinned;
    if (first !== undefined && others.length === 0) return first;
    const exact = pinned.find((name) => name === selector.prefix);
    if (exact !== undefined) return exact;
  }
  return (await findSnapshot(repository, selector)).name;
}

/** A pin that cannot be read is mended by saying anew what is to hold of its snapshot, so it must not be in the way. */
async function readablePins({ store, device }: Repository): Promise<ReadonlySet<SnapshotName>> {
  try {
    return await readPins(store, device);
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
    return new Set();
  }
}
