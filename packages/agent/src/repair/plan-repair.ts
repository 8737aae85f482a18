/** What a snapshot can do without and what it cannot: the entries of its catalog against the chunks that are there. */
import { packNamesOf } from '@backup-agent/core';
import type { CatalogEntry, ChunkId, LandedSnapshot } from '@backup-agent/core';
import type { BackupDeps } from '../backup/job.ts';
import type { TreeBase } from '../backup/tree-base.ts';
import { CatalogView } from '../catalog/catalog-view.ts';
import type { EntryPlace, LostRange } from '../catalog/catalog-view.ts';

export interface RepairPlan {
  readonly landed: LandedSnapshot;
  /** Files of which a chunk is gone, in the order of the catalog. */
  readonly lost: readonly EntryPlace[];
  /** Entries on catalog pages that are gone. */
  readonly lostRanges: readonly LostRange[];
  /** Packs that it names and that are not there, as packText writes them. */
  readonly missingPacks: readonly string[];
  /** Files with a chunk that is known to be damaged and that another pack holds undamaged. */
  readonly movedFiles: number;
}

export const needsRepair = ({ lost, lostRanges, missingPacks, movedFiles }: RepairPlan): boolean =>
  lost.length + lostRanges.length + missingPacks.length + movedFiles > 0;

export const losesFiles = ({ lost, lostRanges }: RepairPlan): boolean => lost.length + lostRanges.length > 0;

export async function planRepair(landed: LandedSnapshot, base: TreeBase, deps: BackupDeps): Promise<RepairPlan> {
  const lost: EntryPlace[] = [];
  const lostRanges: LostRange[] = [];
  let movedFiles = 0;
  const { repository, pageCache } = deps;
  const onLost = (range: LostRange): void => void lostRanges.push(range);
  const view = await CatalogView.open(repository, landed.snapshot, { pageCache, onLost });
  const names = packNamesOf(landed.snapshot);
  const damaged = new Set(names.flatMap((name): ChunkId[] => [...(base.healing.damaged.get(name) ?? [])]));
  for await (const entry of view.entries()) {
    deps.signal.throwIfAborted();
    if (entry.kind !== 'file') continue;
    if (!(await isStored(base, entry))) lost.push({ root: entry.root, path: entry.path });
    else if (await namesOneOf(damaged, base, entry)) movedFiles++;
  }
  const isThere = (name: string): boolean => base.packs.usable.has(name) || base.packs.marked.has(name);
  return { landed, lost, lostRanges, missingPacks: names.filter((name) => !isThere(name)), movedFiles };
}

/** In usable packs or, as what is carried forward may be, in marked ones. */
async function isStored(base: TreeBase, entry: CatalogEntry): Promise<boolean> {
  const table = await base.table();
  return (await base.holds(table, entry)) || base.holdBetween([table, await base.markedTable()], entry);
}

async function namesOneOf(ids: ReadonlySet<ChunkId>, base: TreeBase, entry: CatalogEntry): Promise<boolean> {
  if (ids.size === 0) return false;
  if ([...(entry.chunks ?? []), ...(entry.lists ?? [])].some((id) => ids.has(id))) return true;
  const tables = [await base.table(), await base.markedTable()];
  for (const list of entry.lists ?? [])
    if ((await base.listIfWhole(tables, list))?.some((id) => ids.has(id)) === true) return true;
  return false;
}
