/**
 * A snapshot's catalog for readers who go on when parts of it are damaged: what is lost is told as a range of entries,
 * everything else is read.
 */
import {
  compareEntries,
  damage,
  decodeEntry,
  decodePageList,
  isBackupError,
  PageCopies,
  pageLines,
  pagesFrom,
  readPages,
} from '@backup-agent/core';
import type {
  BackupError,
  CatalogEntry,
  FindCopy,
  PageCache,
  PageReference,
  Repository,
  Snapshot,
} from '@backup-agent/core';
import { memoryPageCache } from './memory-page-cache.ts';

/** Entries that cannot be read: from one up to, not with, another. */
export interface LostRange {
  readonly first: EntryPlace;
  /** Undefined: to the end of the catalog. */
  readonly end: EntryPlace | undefined;
  readonly error: BackupError;
}

export interface EntryPlace {
  readonly root: number;
  readonly path: string;
}

export type OnLost = (lost: LostRange) => void;

export interface PageEntries {
  readonly page: PageReference;
  readonly entries: readonly CatalogEntry[];
}

interface KnownPage {
  readonly page: PageReference;
  /** The first entry after this page. */
  readonly end: EntryPlace | undefined;
}

export class CatalogView {
  readonly #repository: Repository;
  readonly #pages: readonly KnownPage[];
  readonly #rootCount: number;
  readonly #cache: PageCache | undefined;
  readonly #onLost: OnLost;
  readonly #told = new Set<string>();
  readonly #findCopy: FindCopy;

  private constructor(
    repository: Repository,
    catalog: { readonly pages: readonly KnownPage[]; readonly rootCount: number },
    deps: { readonly cache: PageCache; readonly onLost: OnLost; readonly findCopy: FindCopy },
  ) {
    this.#repository = repository;
    this.#pages = catalog.pages;
    this.#rootCount = catalog.rootCount;
    this.#cache = deps.cache;
    this.#onLost = deps.onLost;
    this.#findCopy = deps.findCopy;
  }

  /** Reads the page lists, if there are any. `onLost` hears of each lost range once. */
  static async open(
    repository: Repository,
    snapshot: Pick<Snapshot, 'pages' | 'pageLists' | 'roots'>,
    options: { readonly pageCache: PageCache | undefined; readonly onLost: OnLost },
  ): Promise<CatalogView> {
    const { pageCache, onLost } = options;
    const cache = memoryPageCache(pageCache);
    const copies = new PageCopies(repository);
    const findCopy: FindCopy = (page) => copies.find(page);
    const pages =
      snapshot.pages === undefined
        ? await pagesOfLists(repository, snapshot.pageLists ?? [], { cache: pageCache, onLost, findCopy })
        : withEnds(snapshot.pages, undefined);
    return new CatalogView(repository, { pages, rootCount: snapshot.roots.length }, { cache, onLost, findCopy });
  }

  /** The pages' references, without those of lost page lists. */
  get references(): readonly PageReference[] {
    return this.#pages.map(({ page }) => page);
  }

  /** The entry; `lost` if it may have been on a page that is lost. */
  async find(place: EntryPlace): Promise<CatalogEntry | 'lost' | undefined> {
    let isLost = false as boolean;
    const onLost = (lost: LostRange): void => {
      isLost = true;
      this.#tell(lost);
    };
    const pages = this.#pagesOf(place, (page) => compareEntries(page, place) > 0);
    for await (const entry of this.#read(pages, onLost)) {
      const order = compareEntries(entry, place);
      if (order === 0) return entry;
      if (order > 0) break;
    }
    return isLost ? 'lost' : undefined;
  }

  /** The entry and all below it, in order. */
  async *entriesBelow(place: EntryPlace): AsyncGenerator<CatalogEntry> {
    const pages = this.#pagesOf(place, (page) => compareEntries(page, place) > 0 && !isBelow(page, place));
    for await (const entry of this.#read(pages, (lost) => this.#tell(lost))) {
      if (isBelow(entry, place)) yield entry;
      else if (compareEntries(entry, place) > 0) return;
    }
  }

  /** What lies directly in a folder, in order. Pages that hold only deeper entries are not read. */
  async *entriesIn(place: EntryPlace): AsyncGenerator<CatalogEntry> {
    const prefix = place.path === '' ? '' : `${place.path}/`;
    const childOf = (entry: EntryPlace): string | undefined => {
      if (!isBelow(entry, place) || entry.path === place.path) return undefined;
      const end = entry.path.indexOf('/', prefix.length);
      return end < 0 ? undefined : entry.path.slice(0, end);
    };
    const pages = this.#pagesOf(place, (page) => compareEntries(page, place) > 0 && !isBelow(page, place));
    const wanted = pages.filter(({ page, end }) => {
      const child = childOf(page);
      return child === undefined || end === undefined || childOf(end) !== child;
    });
    for await (const entry of this.#read(wanted, (lost) => this.#tell(lost)))
      if (isBelow(entry, place) && entry.path !== place.path && !entry.path.includes('/', prefix.length)) yield entry;
  }

  /** The entries of these pages, page by page. Pages that are lost are told and left out. */
  async *entriesByPage(wants: (page: PageReference) => boolean): AsyncGenerator<PageEntries> {
    const pages = this.#pages.filter(({ page }) => wants(page));
    const ends = new Map(pages.map(({ page, end }) => [page, end]));
    const onDamage = (page: PageReference, error: BackupError): void =>
      this.#tell({ first: page, end: ends.get(page), error });
    const references = pages.map(({ page }) => page);
    for await (const { page, bytes } of readPages(this.#repository, references, this.#cache, onDamage, this.#findCopy))
      yield { page, entries: [...this.#entriesOf(page, bytes, ends.get(page), (lost) => this.#tell(lost))] };
  }

  /** All entries from this place on, in order. */
  async *entriesFrom(place: EntryPlace): AsyncGenerator<CatalogEntry> {
    const pages = this.#pagesOf(place, () => false);
    for await (const entry of this.#read(pages, (lost) => this.#tell(lost)))
      if (compareEntries(entry, place) >= 0) yield entry;
  }

  /** Everything, in order. */
  entries(): AsyncGenerator<CatalogEntry> {
    return this.#read(this.#pages, (lost) => this.#tell(lost));
  }

  /** The pages from the one that may hold `place` up to the first that begins beyond. */
  #pagesOf(place: EntryPlace, isBeyond: (page: PageReference) => boolean): KnownPage[] {
    const first = this.#pages.length - pagesFrom(this.references, place).length;
    const pages: KnownPage[] = [];
    for (const known of this.#pages.slice(first)) {
      if (isBeyond(known.page)) break;
      pages.push(known);
    }
    return pages;
  }

  async *#read(pages: readonly KnownPage[], onLost: OnLost): AsyncGenerator<CatalogEntry> {
    const ends = new Map(pages.map(({ page, end }) => [page, end]));
    const references = pages.map(({ page }) => page);
    // Told at once: whoever has seen enough leaves the loop.
    const onDamage = (page: PageReference, error: BackupError): void =>
      onLost({ first: page, end: ends.get(page), error });
    for await (const { page, bytes } of readPages(this.#repository, references, this.#cache, onDamage, this.#findCopy))
      yield* this.#entriesOf(page, bytes, ends.get(page), onLost);
  }

  /** An entry that is not valid, or not where it belongs, costs itself only. */
  *#entriesOf(
    page: PageReference,
    bytes: Uint8Array,
    end: EntryPlace | undefined,
    onLost: OnLost,
  ): Generator<CatalogEntry> {
    let last: EntryPlace | undefined;
    try {
      for (const line of pageLines(bytes, page.id)) {
        try {
          const entry = decodeEntry(line, `the catalog page ${page.id}`);
          this.#checkPlace(entry, page, last, end);
          last = entry;
          yield entry;
        } catch (error) {
          if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
          onLost({ first: last ?? page, end, error });
        }
      }
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
      onLost({ first: page, end, error });
    }
  }

  /** Readers stop at what lies behind all that they look for, so nothing may lie there that belongs elsewhere. */
  #checkPlace(entry: EntryPlace, page: PageReference, last: EntryPlace | undefined, end: EntryPlace | undefined): void {
    const isBefore = last === undefined ? compareEntries(entry, page) < 0 : compareEntries(entry, last) <= 0;
    const isBehind = end !== undefined && compareEntries(entry, end) >= 0;
    if (isBefore || isBehind)
      throw damage(`the catalog page ${page.id} is damaged: an entry is named twice or out of order`);
    if (entry.root >= this.#rootCount)
      throw damage(`the catalog page ${page.id} is damaged: an entry belongs to no folder of the snapshot`);
  }

  #tell(lost: LostRange): void {
    const key = `${lost.first.root} ${lost.first.path} ${lost.error.message}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#onLost(lost);
  }
}

async function pagesOfLists(
  repository: Repository,
  lists: readonly PageReference[],
  { cache, onLost, findCopy }: { cache: PageCache | undefined; onLost: OnLost; findCopy: FindCopy },
): Promise<KnownPage[]> {
  const pages: KnownPage[] = [];
  const endOf = (list: PageReference): PageReference | undefined => lists[lists.indexOf(list) + 1];
  const onDamage = (list: PageReference, error: BackupError): void => onLost({ first: list, end: endOf(list), error });
  for await (const { page: list, bytes } of readPages(repository, lists, cache, onDamage, findCopy)) {
    try {
      pages.push(...withEnds(decodePageList(bytes, list.id), endOf(list)));
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
      onDamage(list, error);
    }
  }
  return pages;
}

const withEnds = (pages: readonly PageReference[], end: EntryPlace | undefined): KnownPage[] =>
  pages.map((page, i) => ({ page, end: pages[i + 1] ?? end }));

const isBelow = (entry: EntryPlace, place: EntryPlace): boolean =>
  entry.root === place.root &&
  (place.path === '' || entry.path === place.path || entry.path.startsWith(`${place.path}/`));
