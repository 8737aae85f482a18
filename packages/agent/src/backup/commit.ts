/**
 * The commit (docs/repository-format.md, "Write ordering"): list marks, then packs; every pack that the snapshot names
 * must be unmarked and there; then one PutObject makes the run visible.
 */
import { hash } from 'node:crypto';
import {
  BackupError,
  COMMIT_WINDOW_MS,
  decodeChunkList,
  encodeSnapshot,
  findChunk,
  isBackupError,
  listUsablePacks,
  packText,
  readSnapshots,
  snapshotKey,
  snapshotName,
} from '@backup-agent/core';
import type {
  ChunkId,
  ChunkTable,
  LandedSnapshot,
  PageReference,
  RunRecord,
  Snapshot,
  SnapshotName,
  UsablePacks,
} from '@backup-agent/core';
import type { BackupRun } from './backup-run.ts';
import { packUseOf } from './pack-use.ts';
import type { NamedChunks, PackUse } from './pack-use.ts';
import type { SavedTree } from './save-tree.ts';
import { packNamesOf } from './snapshot-packs.ts';
import type { TreeBase } from './tree-base.ts';

/** A snapshot that lands late is void and put again, on a new listing, so often. */
const ATTEMPTS_MAX = 10;
/** Before the second attempt and, doubled each time, before later ones; in sum some three minutes. */
const RETRY_MS = 250;
const RETRY_MS_MAX = 30_000;

export interface Committed {
  readonly name: SnapshotName;
  readonly snapshot: Snapshot;
  readonly committed: NonNullable<RunRecord['committed']>;
}

export type CommitOutcome =
  | { readonly outcome: 'committed'; readonly committed: Committed }
  /** Some packs that the snapshot needs are marked, gone or damaged: what lay in them must be saved anew. */
  | { readonly outcome: 'packs-lost'; readonly packs: UsablePacks }
  /** What is carried forward lies in marked packs that no anchor names: the snapshot can do only without it. */
  | { readonly outcome: 'not-anchored'; readonly packs: UsablePacks };

export async function commit(
  run: BackupRun,
  base: TreeBase,
  tree: SavedTree,
  attempts: { next: number },
): Promise<CommitOutcome> {
  const use = await usedPacks(run, base, tree);
  if (use.missing.length > 0) return { outcome: 'packs-lost', packs: await listUsablePacks(run.deps.repository) };
  let cause: BackupError | undefined;
  for (let tries = 0; tries < ATTEMPTS_MAX; tries++) {
    // A store that has just refused or lost it may need a moment.
    if (cause !== undefined) await run.deps.clock.wait(Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** tries), run.signal);
    const packs = await listUsablePacks(run.deps.repository);
    const footing = await footingOf(run, base, tree, use, packs);
    if (footing !== 'firm') return { outcome: footing, packs };
    const put = await putSnapshot(run, snapshotOf(run, tree, use, packs.basis, attempts.next++), packs.basis);
    if ('committed' in put) return { outcome: 'committed', committed: put.committed };
    ({ cause } = put);
  }
  const why = cause === undefined ? 'it took more than 15 minutes each time' : cause.message;
  throw new BackupError('COMMIT_GIVEN_UP', `the snapshot did not arrive in ${ATTEMPTS_MAX} attempts: ${why}`, {
    hint: 'check the connection; nothing is lost, the next run continues',
    cause,
  });
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

/** Firm: every pack is unmarked and there; or marked and there, named only by what is carried forward, and anchored. */
async function footingOf(
  run: BackupRun,
  base: TreeBase,
  tree: SavedTree,
  use: PackUse,
  packs: UsablePacks,
): Promise<'firm' | 'packs-lost' | 'not-anchored'> {
  const unusable = packNamesOf(use).filter((name) => !packs.usable.has(name));
  if (unusable.length === 0) return 'firm';
  if (!unusable.every((name) => packs.marked.has(name))) return 'packs-lost';
  const needed = new Set(packNamesOf(packUseOf(idsOf(tree.named), pagesOf(tree), await base.table())));
  if (unusable.some((name) => needed.has(name))) return 'packs-lost';
  return (await isAnchored(run, unusable)) ? 'firm' : 'not-anchored';
}

/**
 * Whether the newest finished snapshot of these roots, or the newest of any kind, names all these packs. It is looked
 * for in a listing begun after the basis: retention lets neither go within an hour of being superseded.
 */
async function isAnchored(run: BackupRun, names: readonly string[]): Promise<boolean> {
  const paths = run.job.roots.map((root) => root.catalogPath);
  const { valid } = await readSnapshots(run.deps.repository);
  const related = valid.filter(({ snapshot }) =>
    paths.every((path) => snapshot.roots.some((root) => root.path === path)),
  );
  const anchors = [related.find(({ snapshot }) => snapshot.finished), related[0]];
  return anchors.some((anchor) => {
    const anchored = new Set(anchor === undefined ? [] : packNamesOf(anchor.snapshot));
    return names.every((name) => anchored.has(name));
  });
}

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

/** Puts the snapshot, once. Not committed: it is not there, with the cause, or landed too late; list anew. */
async function putSnapshot(
  run: BackupRun,
  snapshot: Snapshot,
  basis: Date,
): Promise<{ readonly committed: Committed } | { readonly cause: BackupError | undefined }> {
  const { store, device, voidRule } = run.deps.repository;
  const key = snapshotKey(device, snapshot.name);
  const bytes = encodeSnapshot(snapshot);
  let cause: BackupError | undefined;
  try {
    const created = await store.create(key, [bytes], { once: true });
    if (created.outcome === 'already-there')
      throw new BackupError('KEY_CONFLICT', `${key} is there already with other content`, { key });
  } catch (error) {
    // The answer is lost or refused; whether the snapshot landed is seen by looking.
    if (!isBackupError(error, 'STORE_UNREACHABLE')) throw error;
    cause = error;
  }
  const landed = (await store.list(key)).objects.find((object) => object.key === key)?.modified;
  if (landed === undefined || (voidRule && +landed > +basis + COMMIT_WINDOW_MS)) return { cause };
  run.noteObject(bytes.length);
  const committed = { key, sha256: hash('sha256', bytes), landed: landed.toISOString() };
  return { committed: { name: snapshot.name, snapshot, committed } };
}
