/** What a run commits: the snapshot of a saved tree, with the packs that hold all it names. */
import {
  commitSnapshot,
  decodeChunkList,
  findChunk,
  listUsablePacks,
  packNamesOf,
  packText,
  snapshotName,
} from '@backup-agent/core';
import type {
  ChunkId,
  ChunkTable,
  CommitOutcome,
  LandedSnapshot,
  PageReference,
  Snapshot,
  SnapshotDraft,
} from '@backup-agent/core';
import type { BackupRun } from './backup-run.ts';
import { packUseOf } from './pack-use.ts';
import type { NamedChunks, PackUse } from './pack-use.ts';
import type { SavedTree } from './save-tree.ts';
import type { TreeBase } from './tree-base.ts';

/** Before the second attempt and, doubled each time, before later ones; in sum some three minutes. */
const RETRY_MS = 250;
const RETRY_MS_MAX = 30_000;

/** `attempts` numbers the snapshots of the run, over all its passes. */
export async function commit(
  run: BackupRun,
  base: TreeBase,
  tree: SavedTree,
  attempts: { next: number },
): Promise<CommitOutcome> {
  const { repository, clock } = run.deps;
  const use = await usedPacks(run, base, tree);
  if (use.missing.length > 0) return { outcome: 'packs-lost', packs: await listUsablePacks(repository) };
  const draft: SnapshotDraft = {
    roots: run.job.roots.map((root) => root.catalogPath),
    packs: packNamesOf(use),
    neededPacks: async () => new Set(packNamesOf(packUseOf(idsOf(tree.named), pagesOf(tree), await base.table()))),
    snapshot: (basis) => snapshotOf(run, tree, use, basis, attempts.next++),
  };
  const outcome = await commitSnapshot(draft, {
    repository,
    // A store that has just refused or lost it may need a moment.
    wait: (attempt) => clock.wait(Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** attempt), run.signal),
  });
  if (outcome.outcome === 'committed') run.noteObject(outcome.committed.bytes);
  return outcome;
}

/** From the table of chunks; for an unchanged tree from its snapshot, without loading any index. */
async function usedPacks(run: BackupRun, base: TreeBase, tree: SavedTree): Promise<PackUse> {
  const whole = base.wholeSnapshot(run.job.roots);
  if (whole !== undefined && isSameCatalog(whole, base, tree))
    return { packs: whole.snapshot.packs, live: whole.snapshot.live, missing: [] };
  const table = await base.table();
  const indexed = new Set(table.packs.map((pack) => packText(pack)));
  for (const { pack, segments } of run.written) {
    if (indexed.has(packText(pack))) continue; // Of an earlier pass: the table has it from its index.
    const number = table.packNumber(pack);
    for (const segment of segments) table.addSegment(number, segment.offset, segment);
  }
  // A list that was there already is read and named where this pass has stored it: elsewhere it may be damaged.
  for (const { place } of tree.lists.values()) table.move(Buffer.from(place.id, 'hex'), placeOf(place, table));
  const damagedLists: ChunkId[] = [];
  for (const named of [tree.named, tree.carried]) {
    for (const list of named.lists.ids()) {
      const own = tree.lists.get(list);
      const ids = own === undefined ? await base.listIfWhole([table], list) : decodeChunkList(own.bytes, list);
      if (ids === undefined) damagedLists.push(list);
      else for (const id of ids) named.chunks.addHex(id);
    }
  }
  if (damagedLists.length > 0) return { ...packUseOf([], [], table), missing: damagedLists };
  const use = packUseOf([...idsOf(tree.named), ...idsOf(tree.carried)], pagesOf(tree), table);
  if (use.missing.length === 0) return use;
  await addMarked(table, await base.markedTable(), use.missing);
  return packUseOf([...idsOf(tree.named), ...idsOf(tree.carried)], pagesOf(tree), table);
}

/** A chunk that is alone in its segment. */
const placeOf = ({ run, pack, offset, storedBytes, rawBytes }: PageReference, table: ChunkTable) => ({
  pack: table.packNumber({ kind: 'meta', run, number: pack }),
  segmentOffset: offset,
  storedBytes,
  rawBytes,
  chunkOffset: 0,
  chunkBytes: rawBytes,
});

/** What is carried forward may lie in packs that are marked but there. */
async function addMarked(table: ChunkTable, marked: ChunkTable, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const bytes = Buffer.from(id, 'hex');
    const entry = findChunk(marked, bytes);
    if (entry < 0) continue;
    const place = marked.place(entry);
    const pack = marked.packs[place.pack];
    if (pack !== undefined) table.add(bytes, 0, { ...place, pack: table.packNumber(pack) });
  }
}

const idsOf = (named: NamedChunks): Uint8Array[] => [named.chunks.bytes, named.lists.bytes];
const pagesOf = (tree: SavedTree): PageReference[] => [...tree.pages, ...(tree.namedPages.pageLists ?? [])];

const isSameCatalog = (whole: LandedSnapshot, base: TreeBase, tree: SavedTree): boolean => {
  const [previous] = base.previous.values();
  return (
    tree.carried.chunks.count === 0 &&
    whole.snapshot.roots.length === tree.roots.length &&
    JSON.stringify(previous?.references) === JSON.stringify(tree.pages)
  );
};

function snapshotOf(run: BackupRun, tree: SavedTree, use: PackUse, basis: Date, attempt: number): Snapshot {
  return {
    version: 1,
    name: snapshotName(run.id, attempt),
    run: run.id,
    device: run.deps.repository.device,
    machine: run.deps.machine,
    started: run.startedText,
    basis: basis.toISOString(),
    finished: tree.roots.every((root) => root.state === 'walked'),
    roots: [...tree.roots],
    tags: [...run.job.tags],
    totals: tree.totals,
    ...tree.namedPages,
    packs: use.packs,
    live: { data: { ...use.live.data }, meta: { ...use.live.meta } },
  };
}
