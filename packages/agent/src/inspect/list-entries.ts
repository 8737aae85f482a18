/** `ls`: what lies in a folder of a snapshot. */
import type { CatalogEntry } from '@backup-agent/core';
import { findPlace } from './find-place.ts';
import type { OpenedSnapshot } from './open-snapshot.ts';

/**
 * The entries of a folder, or the one that is named if it is no folder. Without a path: the roots if there are several,
 * else what lies in the root. `recursive`: all below, the folder itself first.
 * Throws as findPlace does.
 */
export async function* listEntries(
  opened: OpenedSnapshot,
  path: string | undefined,
  options: { readonly recursive: boolean },
): AsyncGenerator<CatalogEntry> {
  const { view, landed } = opened;
  const { roots } = landed.snapshot;
  if (path === undefined && roots.length > 1) {
    for (const root of roots.keys()) {
      if (options.recursive) yield* view.entriesBelow({ root, path: '' });
      else {
        const entry = await view.find({ root, path: '' });
        if (entry !== undefined && entry !== 'lost') yield entry;
      }
    }
    return;
  }
  const place = path === undefined ? await onlyRoot(opened) : await findPlace(opened, path);
  if (options.recursive || place.kind !== 'folder') yield* view.entriesBelow(place);
  else yield* view.entriesIn(place);
}

/** A root may be a file; one whose own entry is lost is taken for a folder. */
async function onlyRoot({ view }: OpenedSnapshot) {
  const entry = await view.find({ root: 0, path: '' });
  return { root: 0, path: '', kind: entry === undefined || entry === 'lost' ? 'folder' : entry.kind };
}
