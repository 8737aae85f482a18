/** From the paths that a person asks for to parts of the catalog that exist. */
import { BackupError } from '@backup-agent/core';
import type { SnapshotRoot } from '@backup-agent/core';
import type { CatalogView } from '../catalog/catalog-view.ts';
import { merged, selectionsFor } from './selection.ts';
import type { Selection } from './selection.ts';

/** Throws CONFIG_INVALID for a path that the snapshot does not have. */
export async function resolveSelections(
  view: CatalogView,
  roots: readonly SnapshotRoot[],
  paths: readonly string[],
): Promise<Selection[]> {
  const found: Selection[] = [];
  for (const [i, candidates] of selectionsFor(roots, paths).entries()) {
    const existing: Selection[] = [];
    for (const candidate of candidates) {
      const isAsked = paths.length > 0;
      // What may have been on a damaged page is tried: the loss of the page is told anyway.
      if (!isAsked || (await view.find(candidate)) !== undefined) existing.push(candidate);
    }
    if (existing.length === 0)
      throw new BackupError('CONFIG_INVALID', `"${paths[i]}" is not in this snapshot`, {
        hint: 'see "backup-agent ls" or "backup-agent find"',
      });
    found.push(...existing.map((selection) => ({ ...selection, isTop: selection.isTop && existing.length === 1 })));
  }
  return merged(found);
}
