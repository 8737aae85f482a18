/** Which earlier snapshots a run builds on: for each of its roots the newest that has this root. */
import { listSnapshots, readPageReferences, readSnapshot } from '@backup-agent/core';
import type { LandedSnapshot, PageCache, PageReference, Repository } from '@backup-agent/core';
import { isBackupError } from '@backup-agent/core';
import type { Report } from '../events.ts';

export interface PreviousRoot {
  readonly landed: LandedSnapshot;
  readonly references: readonly PageReference[];
  /** Number of the root in that snapshot. */
  readonly root: number;
}

/** By absolute path of the root. */
export type PreviousRoots = ReadonlyMap<string, PreviousRoot>;

/** A damaged snapshot is told and passed over: an older one costs only time. */
export async function findPreviousRoots(
  repository: Repository,
  paths: readonly string[],
  deps: { readonly cache: PageCache | undefined; readonly report: Report },
): Promise<PreviousRoots> {
  const found = new Map<string, PreviousRoot>();
  for (const listed of await listSnapshots(repository)) {
    if (found.size === paths.length) break;
    try {
      const landed = await readSnapshot(repository, listed);
      const missing = paths.filter(
        (path) => !found.has(path) && landed?.snapshot.roots.some((root) => root.path === path),
      );
      if (landed === undefined || missing.length === 0) continue;
      const references = await readPageReferences(repository, landed.snapshot, deps.cache);
      for (const path of missing)
        found.set(path, { landed, references, root: landed.snapshot.roots.findIndex((root) => root.path === path) });
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      deps.report({ type: 'warning', message: `${listed.key} cannot be used: ${error.message}` });
    }
  }
  return found;
}
