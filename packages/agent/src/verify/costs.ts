/** What damage costs: which entries of which snapshots need a chunk or a catalog page that is nowhere undamaged. */
import { decodeEntry, isBackupError, pageLines, readPages } from '@backup-agent/core';
import type { CatalogEntry, PageReference, SnapshotName } from '@backup-agent/core';
import type { EntryPlace } from '../catalog/catalog-view.ts';
import type { CatalogBooks } from './check-pages.ts';
import type { CheckedSnapshot } from './check-snapshots.ts';
import { isLostIn } from './chunk-book.ts';
import { COST_PATHS_MAX } from './finding.ts';
import type { KnownPack } from './pack-book.ts';
import { metaPackOf } from './page-book.ts';
import type { VerifyRun } from './verify-run.ts';

interface PackCost {
  readonly pages: Set<number>;
  readonly paths: Set<string>;
  entries: number;
}

/** Reads the catalogs once more, so it is called only if a pack is damaged. */
export async function tellCosts(
  run: VerifyRun,
  books: CatalogBooks,
  snapshots: readonly CheckedSnapshot[],
): Promise<void> {
  const damaged = books.packs.all.filter(({ key }) => run.findings.hasDamage(key));
  if (damaged.length === 0) return;
  const costs = new Map(damaged.map((pack): [KnownPack, PackCost] => [pack, noCost()]));
  const owners = newestOwners(snapshots);
  addLostPages(books, costs, owners);
  if (damaged.some(({ loss }) => loss !== 'nothing')) await addLostEntries(run, books, costs, owners);
  for (const [pack, cost] of costs) {
    const losing = snapshots.filter(({ pages, name }) =>
      // Where nobody knows what is in a pack, whoever names it loses something.
      cost.entries === 0 && pack.loss === 'all' ? pack.namedBy.includes(name) : pages?.some((n) => cost.pages.has(n)),
    );
    const names = losing.map(({ name }): SnapshotName => name);
    const certain = pack.loss !== 'perhaps';
    run.findings.setCosts(pack.key, { snapshots: names, paths: [...cost.paths], entries: cost.entries, certain });
  }
}

const noCost = (): PackCost => ({ pages: new Set(), paths: new Set(), entries: 0 });

/** By page number the newest snapshot that has the page. */
function newestOwners(snapshots: readonly CheckedSnapshot[]): ReadonlyMap<number, CheckedSnapshot> {
  const owners = new Map<number, CheckedSnapshot>();
  for (const snapshot of snapshots)
    for (const number of snapshot.pages ?? []) if (!owners.has(number)) owners.set(number, snapshot);
  return owners;
}

function addLostPages(
  { packs, pages }: CatalogBooks,
  costs: ReadonlyMap<KnownPack, PackCost>,
  owners: ReadonlyMap<number, CheckedSnapshot>,
): void {
  for (const [number, owner] of owners) {
    if (pages.facts[number] !== undefined) continue;
    const page = pages.references[number] as PageReference;
    const cost = costs.get(packs.get(metaPackOf(page)));
    if (cost === undefined) continue;
    const next = owner.pages?.[owner.pages.indexOf(number) + 1];
    const end = next === undefined ? undefined : pages.references[next];
    const until = end === undefined ? 'the end of the catalog' : `before ${pathOf(owner, end)}`;
    addCost(cost, number, `${pathOf(owner, page)} up to ${until}`);
  }
}

async function addLostEntries(
  run: VerifyRun,
  books: CatalogBooks,
  costs: ReadonlyMap<KnownPack, PackCost>,
  owners: ReadonlyMap<number, CheckedSnapshot>,
): Promise<void> {
  const { pages } = books;
  const readable = pages.inPackOrder().filter((number) => pages.facts[number] !== undefined && owners.has(number));
  const numbers = new Map(readable.map((number) => [pages.references[number] as PageReference, number]));
  for await (const { page, bytes } of readPages(run.repository, [...numbers.keys()], undefined, () => {})) {
    run.progress();
    const number = numbers.get(page) as number;
    for (const entry of entriesOf(bytes)) {
      const path = pathOf(owners.get(number) as CheckedSnapshot, entry);
      for (const pack of await losersOf(entry, books)) {
        const cost = costs.get(pack);
        if (cost !== undefined) addCost(cost, number, path);
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
async function losersOf({ chunks, lists }: CatalogEntry, books: CatalogBooks): Promise<Set<KnownPack>> {
  const losers = new Set<KnownPack>();
  const look = (entry: number): void => {
    if (entry < 0 || books.chunks.isThere(entry)) return;
    for (const pack of books.chunks.packsOf(entry)) if (isLostIn(pack, entry)) losers.add(pack);
  };
  for (const id of chunks ?? []) look(books.chunks.find(id));
  for (const id of lists ?? []) {
    look(books.chunks.find(id));
    const ids = (await books.lists.read(id)) ?? new Uint8Array();
    for (let n = 0; n < ids.length / 32; n++) look(books.chunks.findAt(ids, n));
  }
  return losers;
}

function addCost(cost: PackCost, page: number, path: string): void {
  cost.pages.add(page);
  cost.entries++;
  if (cost.paths.size < COST_PATHS_MAX) cost.paths.add(path);
}

function pathOf({ roots }: CheckedSnapshot, { root, path }: EntryPlace): string {
  const top = roots[root]?.path ?? '';
  return path === '' ? top : `${top.replace(/\/$/, '')}/${path}`;
}
