/** From a path as a person names it to one entry of a snapshot. */
import { BackupError } from '@backup-agent/core';
import type { CatalogEntry } from '@backup-agent/core';
import { placesOf } from '../restore/selection.ts';
import type { OpenedSnapshot } from './open-snapshot.ts';

/**
 * The entry of an absolute path, or of one relative to a root.
 * Throws CONFIG_INVALID if there is none or, in several roots, more than one; OBJECT_DAMAGED if it may have been lost.
 */
export async function findPlace({ landed, view }: OpenedSnapshot, text: string): Promise<CatalogEntry> {
  const { roots } = landed.snapshot;
  const found: CatalogEntry[] = [];
  let isLost = false;
  for (const place of placesOf(roots, text)) {
    const entry = await view.find(place);
    if (entry === 'lost') isLost = true;
    else if (entry !== undefined) found.push(entry);
  }
  const [entry, ...others] = found;
  if (entry === undefined)
    throw isLost
      ? new BackupError('OBJECT_DAMAGED', `"${text}" may have been in a damaged part of the catalog of ${landed.name}`)
      : new BackupError('CONFIG_INVALID', `"${text}" is not in snapshot ${landed.name}`, {
          hint: 'see "backup-agent find"',
        });
  if (others.length > 0)
    throw new BackupError('CONFIG_INVALID', `"${text}" is in ${found.length} roots of snapshot ${landed.name}`, {
      hint: `give its absolute path, for instance below ${roots[entry.root]?.path}`,
    });
  return entry;
}
