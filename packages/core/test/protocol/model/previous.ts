/** What a run builds on: for each of its roots the newest valid snapshot that has it. */
import { isBackupError, listSnapshots, readEntries, readPageReferences, readSnapshot } from '../../../src/index.ts';
import type { CatalogEntry, PageReference, Repository } from '../../../src/index.ts';

export interface PreviousRoot {
  readonly pages: readonly PageReference[];
  /** By path below the root. */
  readonly files: ReadonlyMap<string, CatalogEntry>;
}

export type Previous = ReadonlyMap<string, PreviousRoot>;

export async function findPrevious(repository: Repository, roots: readonly string[]): Promise<Previous> {
  const found = new Map<string, PreviousRoot>();
  for (const listed of await listSnapshots(repository)) {
    if (found.size === roots.length) break;
    try {
      const landed = await readSnapshot(repository, listed);
      const missing = roots.filter(
        (path) => !found.has(path) && landed?.snapshot.roots.some((root) => root.path === path),
      );
      if (landed === undefined || missing.length === 0) continue;
      const pages = await readPageReferences(repository, landed.snapshot);
      const entries: CatalogEntry[] = [];
      for await (const { entry } of readEntries(repository, pages)) entries.push(entry);
      for (const path of missing) {
        const number = landed.snapshot.roots.findIndex((root) => root.path === path);
        const files = entries.filter(({ root, kind }) => root === number && kind === 'file');
        found.set(path, { pages, files: new Map(files.map((entry) => [entry.path, entry])) });
      }
    } catch (error) {
      // It expired, and its packs went, while it was looked at: an older one costs only time.
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
    }
  }
  return found;
}
