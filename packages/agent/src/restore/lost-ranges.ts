/** Says which entries were on damaged catalog pages, and whether an older snapshot still has such entries. */
import { compareEntries, isBackupError, listSnapshots, readSnapshot } from '@backup-agent/core';
import type { LandedSnapshot } from '@backup-agent/core';
import { CatalogView } from '../catalog/catalog-view.ts';
import type { LostRange } from '../catalog/catalog-view.ts';
import { describeLost } from '../inspect/open-snapshot.ts';
import type { RestoreRun } from './restore-run.ts';

/** So many older snapshots are looked at. */
const OLDER_MAX = 20;

export async function tellLostRanges(
  run: RestoreRun,
  landed: LandedSnapshot,
  lost: readonly LostRange[],
): Promise<void> {
  if (lost.length === 0) return;
  const older = await olderSnapshots(run, landed);
  for (const range of lost) {
    const substitute = await substituteFor(run, landed, range, older);
    const hint = substitute === undefined ? '' : `; snapshot ${substitute} has entries there that can be restored`;
    run.tally.problem('', `${describeLost(landed.snapshot.roots, range)}: ${range.error.message}${hint}`);
  }
}

async function olderSnapshots(run: RestoreRun, landed: LandedSnapshot): Promise<LandedSnapshot[]> {
  const older: LandedSnapshot[] = [];
  for (const listed of await listSnapshots(run.deps.repository)) {
    if (+listed.landed > +landed.landed || listed.key === landed.key) continue;
    if (older.length === OLDER_MAX) break;
    try {
      const read = await readSnapshot(run.deps.repository, listed);
      if (read !== undefined) older.push(read);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    }
  }
  return older;
}

/** The newest older snapshot of which all pages that may hold entries of the range can be read, and some do. */
async function substituteFor(
  run: RestoreRun,
  landed: LandedSnapshot,
  { first, end }: LostRange,
  older: readonly LandedSnapshot[],
): Promise<string | undefined> {
  const rootPath = landed.snapshot.roots[first.root]?.path;
  for (const { name, snapshot } of older) {
    const root = snapshot.roots.findIndex((candidate) => candidate.path === rootPath);
    if (root < 0) continue;
    let isLost = false as boolean;
    const onLost = (): void => void (isLost = true);
    const view = await CatalogView.open(run.deps.repository, snapshot, { pageCache: run.deps.pageCache, onLost });
    let count = 0;
    for await (const entry of view.entriesFrom({ root, path: first.path })) {
      const isPast = end !== undefined && compareEntries({ ...entry, root: first.root }, end) >= 0;
      if (entry.root !== root || isPast) break;
      count++;
    }
    if (count > 0 && !isLost) return name;
  }
  return undefined;
}
