/** What damage costs: which entries of which snapshots need a chunk or a catalog page that is nowhere undamaged. */
import { ID_BYTES, decodeEntry, isBackupError, pageLines, readPages } from '@backup-agent/core';
import type { CatalogEntry, PageReference, SnapshotName } from '@backup-agent/core';
import type { EntryPlace } from '../catalog/catalog-view.ts';
import type { CatalogBooks } from './check-pages.ts';
import type { CheckedSnapshot } from './check-snapshots.ts';
import { isLostIn } from './chunk-book.ts';
import { COST_PATHS_MAX } from './finding.ts';
import { isUnknown } from './pack-book.ts';
import type { KnownPack } from './pack-book.ts';
import { metaPackOf } from './page-book.ts';
import type { VerifyRun } from './verify-run.ts';

interface PackCost {
  readonly pages: Set<number>;
  readonly paths: Set<string>;
  /** That lose something besides what is on `pages`. */
  readonly snapshots: Set<SnapshotName>;
  entries: number;
}

type Costs = ReadonlyMap<KnownPack, PackCost>;

/** Reads the catalogs once more, so it is called only if a pack is damaged. */
export async function tellCosts(
  run: VerifyRun,
  books: CatalogBooks,
  snapshots: readonly CheckedSnapshot[],
): Promise<void> {
  const damaged = books.packs.all.filter(({ key }) => run.findings.hasDamage(key));
  if (damaged.length === 0) return;
  const costs: Costs = new Map(damaged.map((pack) => [pack, noCost()]));
  const owners = newestOwners(snapshots);
  for (const snapshot of snapshots) addLostLists(books, costs, snapshot);
  addLostPages(books, costs, owners);
  if (damaged.some(({ loss }) => loss !== 'nothing')) await addLostEntries(run, books, costs, owners);
  for (const [pack, cost] of costs) {
    // Where nobody knows what was in a pack, whoever names it may lose something.
    const losesAll = cost.entries === 0 && isUnknown(pack);
    const loses = ({ name, pages }: CheckedSnapshot): boolean =>
      cost.snapshots.has(name) ||
      pages.some((page) => cost.pages.has(page)) ||
      (losesAll && pack.namedBy.includes(name));
    run.findings.setCosts(pack.key, {
      snapshots: snapshots.filter(loses).map(({ name }) => name),
      paths: [...cost.paths],
      entries: cost.entries,
      certain: pack.loss !== 'perhaps' && !losesAll,
    });
  }
}

const noCost = (): PackCost => ({ pages: new Set(), paths: new Set(), snapshots: new Set(), entries: 0 });

/** By page number the newest snapshot that has the page. */
function newestOwners(snapshots: readonly CheckedSnapshot[]): ReadonlyMap<number, CheckedSnapshot> {
  const owners = new Map<number, CheckedSnapshot>();
  for (const snapshot of snapshots)
    for (const number of snapshot.pages) if (!owners.has(number)) owners.set(number, snapshot);
  return owners;
}

function addLostLists({ packs }: CatalogBooks, costs: Costs, snapshot: CheckedSnapshot): void {
  for (const list of snapshot.lostLists) {
    const cost = costs.get(packs.get(metaPackOf(list)));
    if (cost === undefined) continue;
    cost.snapshots.add(snapshot.name);
    addPath(cost, `${pathOf(snapshot, list)} and what follows in the catalog`);
  }
}

function addLostPages(
  { packs, pages }: CatalogBooks,
  costs: Costs,
  owners: ReadonlyMap<number, CheckedSnapshot>,
): void {
  for (const [number, owner] of owners) {
    if (pages.facts[number] !== undefined) continue;
    const page = pages.references[number] as PageReference;
    const cost = costs.get(packs.get(metaPackOf(page)));
    if (cost === undefined) continue;
    const next = owner.pages[owner.pages.indexOf(number) + 1];
    const end = next === undefined ? undefined : pages.references[next];
    const until = end === undefined ? 'the end of the catalog' : `before ${pathOf(owner, end)}`;
    cost.pages.add(number);
    addPath(cost, `${pathOf(owner, page)} up to ${until}`);
  }
}

async function addLostEntries(
  run: VerifyRun,
  books: CatalogBooks,
  costs: Costs,
  owners: ReadonlyMap<number, CheckedSnapshot>,
): Promise<void> {
  const { pages } = books;
  const readable = pages.inPackOrder().filter((number) => pages.facts[number] !== undefined && owners.has(number));
  const numbers = new Map(readable.map((number) => [pages.references[number] as PageReference, number]));
  for await (const { page, bytes } of readPages(run.repository, [...numbers.keys()], undefined, () => {})) {
    run.progress();
    const number = numbers.get(page) as number;
    for (const entry of entriesOf(bytes)) {
      const owner = owners.get(number) as CheckedSnapshot;
      for (const pack of await losersOf(entry, owner, books)) {
        const cost = costs.get(pack);
        if (cost === undefined) continue;
        cost.pages.add(number);
        addPath(cost, pathOf(owner, entry));
      }
    }
  }
}

/** Those that can be understood; the others are told already. */
function* entriesOf(bytes: Uint8Array): Generator<CatalogEntry> {
  for (const line of pageLines(bytes, 'the page')) {
    try {
      yield decodeEntry(line, 'the page');
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
    }
  }
}

/** The packs for whose damage the entry cannot be restored. */
async function losersOf(
  { chunks, lists }: CatalogEntry,
  owner: CheckedSnapshot,
  books: CatalogBooks,
): Promise<ReadonlySet<KnownPack>> {
  const losers = new Set<KnownPack>();
  const look = (entry: number): void => {
    if (entry < 0) for (const pack of unknownPacks(owner, books)) losers.add(pack);
    else if (!books.chunks.isThere(entry))
      for (const pack of books.chunks.packsOf(entry)) if (isLostIn(pack, entry)) losers.add(pack);
  };
  for (const id of chunks ?? []) look(books.chunks.find(id));
  for (const id of lists ?? []) {
    look(books.chunks.find(id));
    const ids = (await books.lists.read(id)) ?? new Uint8Array();
    for (let n = 0; n < ids.length / ID_BYTES; n++) look(books.chunks.findAt(ids, n));
  }
  return losers;
}

/** A chunk that nothing tells of was in one of these. */
const unknownPacks = ({ name }: CheckedSnapshot, { packs }: CatalogBooks): KnownPack[] =>
  packs.all.filter((pack) => isUnknown(pack) && pack.namedBy.includes(name));

function addPath(cost: PackCost, path: string): void {
  cost.entries++;
  if (cost.paths.size < COST_PATHS_MAX) cost.paths.add(path);
}

function pathOf({ roots }: CheckedSnapshot, { root, path }: EntryPlace): string {
  const top = roots[root]?.path ?? '';
  return path === '' ? top : `${top.replace(/\/$/, '')}/${path}`;
}
