/** Writes the catalog of a snapshot once more, without what is lost. Pages that stay as they are are not stored again. */
import type { CatalogEntry } from '@backup-agent/core';
import { encodeEntry } from '@backup-agent/core';
import type { BackupRun } from '../backup/backup-run.ts';
import { CatalogWriter } from '../backup/catalog-writer.ts';
import { NamedChunks } from '../backup/pack-use.ts';
import type { SavedTree } from '../backup/save-tree.ts';
import type { TreeBase } from '../backup/tree-base.ts';
import { CatalogView } from '../catalog/catalog-view.ts';
import type { EntryPlace } from '../catalog/catalog-view.ts';
import type { RepairPlan } from './plan-repair.ts';

export async function writeRepaired(run: BackupRun, base: TreeBase, plan: RepairPlan): Promise<SavedTree> {
  const { repository, pageCache } = run.deps;
  const { snapshot } = plan.landed;
  const lost = new Set(plan.lost.map(nameOf));
  const writer = new CatalogWriter({ run: run.id, meta: run.meta, known: base.knownPages() });
  const carried = new NamedChunks();
  const totals = { files: 0, folders: 0, others: 0, bytes: 0, unreadable: 0 };
  const view = await CatalogView.open(repository, snapshot, { pageCache, onLost: () => {} }); // The plan knows.
  for await (const entry of view.entries()) {
    run.signal.throwIfAborted();
    if (lost.has(nameOf(entry))) continue;
    await storeMarkedLists(base, writer, entry);
    writer.add(entry.root, entry.path, encodeEntry(entry));
    carried.add(entry);
    count(run, totals, entry);
    await run.meta.room();
  }
  const { all, named } = writer.end();
  run.meta.close();
  await run.meta.settled();
  return {
    pages: all,
    namedPages: named,
    named: new NamedChunks(),
    // No disk was looked at: such a snapshot supersedes none that has more.
    roots: snapshot.roots.map((root) => ({ ...root, state: 'missing' })),
    totals,
    carried,
    lists: writer.chunks,
  };
}

const nameOf = ({ root, path }: EntryPlace): string => `${root} ${path}`;

/** Lists of chunk ids have to lie in usable packs. */
async function storeMarkedLists(base: TreeBase, writer: CatalogWriter, entry: CatalogEntry): Promise<void> {
  if (entry.lists === undefined || (await base.holds(await base.table(), entry))) return;
  const tables = [await base.table(), await base.markedTable()];
  for (const list of entry.lists) writer.addChunk(await base.listBytes(tables, list));
}

function count(run: BackupRun, totals: { -readonly [Name in keyof SavedTree['totals']]: number }, entry: CatalogEntry) {
  if (entry.unreadableSince !== undefined) totals.unreadable++;
  if (entry.kind === 'file') {
    totals.files++;
    totals.bytes += entry.size ?? 0;
    run.noteFile(entry.path, entry.size ?? 0, 'unchanged');
  } else if (entry.kind === 'folder') {
    totals.folders++;
    run.counts.folders++;
  } else totals.others++;
}
