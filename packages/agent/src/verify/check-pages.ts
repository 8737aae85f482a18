/** Reads every catalog page once: its entries, their order, and that every chunk they name is in some pack. */
import {
  ID_BYTES,
  PageCopies,
  comparePaths,
  compareEntries,
  decodeEntry,
  packKey,
  pageLines,
  readPages,
} from '@backup-agent/core';
import type { BackupError, CatalogEntry, PageReference } from '@backup-agent/core';
import type { ChunkBook } from './chunk-book.ts';
import type { ChunkLists } from './chunk-lists.ts';
import { loseChunk } from './pack-book.ts';
import type { PackBook } from './pack-book.ts';
import { metaPackOf } from './page-book.ts';
import type { PageBook, PageFacts } from './page-book.ts';
import type { VerifyRun } from './verify-run.ts';

export interface CatalogBooks {
  readonly packs: PackBook;
  readonly pages: PageBook;
  readonly chunks: ChunkBook;
  readonly lists: ChunkLists;
}

export async function checkPages(run: VerifyRun, books: CatalogBooks): Promise<void> {
  const { pages } = books;
  const order = pages.inPackOrder();
  const numbers = new Map(order.map((number) => [pages.references[number] as PageReference, number]));
  const onDamage = (page: PageReference, error: BackupError): void => {
    const pack = books.packs.get(metaPackOf(page));
    // That a pack is missing is told where the packs that snapshots name are.
    const chunk = books.chunks.find(page.id);
    if (chunk >= 0) loseChunk(pack, chunk);
    if (error.code === 'OBJECT_DAMAGED') run.findings.damage(pack.key, 'a catalog page in it is damaged');
    else if (pack.listed !== undefined) run.findings.damage(pack.key, error);
  };
  const copies = new PageCopies(run.repository);
  const findCopy = (page: PageReference, error: BackupError): Promise<Uint8Array | undefined> => {
    onDamage(page, error);
    return copies.find(page);
  };
  for await (const { page, bytes } of readPages(run.repository, [...numbers.keys()], undefined, () => {}, findCopy)) {
    run.counts.pages++;
    const facts = await readFacts(run, page, bytes, books);
    if (facts !== undefined) pages.facts[numbers.get(page) as number] = facts;
    run.progress();
  }
}

/** Undefined if the page cannot be understood as a whole; an entry that is not valid is only told. */
async function readFacts(
  run: VerifyRun,
  page: PageReference,
  bytes: Uint8Array,
  books: CatalogBooks,
): Promise<PageFacts | undefined> {
  const key = packKey(run.repository.device, metaPackOf(page));
  const lines = run.decode(key, () => pageLines(bytes, key));
  if (lines === undefined) return undefined;
  const totals = { files: 0, folders: 0, others: 0, bytes: 0 };
  const chunks = new NamedChunks(books);
  let first: CatalogEntry | undefined;
  let last: CatalogEntry | undefined;
  for (const line of lines) {
    const entry = run.decode(key, () => decodeEntry(line, key));
    if (entry === undefined) continue;
    run.counts.entries++;
    first ??= entry;
    if (last !== undefined && compareEntries(last, entry) >= 0)
      run.findings.damage(key, 'the entries of a catalog page in it are not in order');
    last = entry;
    count(totals, entry);
    const problem = await chunks.add(entry);
    if (problem !== undefined) run.findings.damage(key, `of a file in its catalog pages ${problem}`);
  }
  if (first === undefined || last === undefined) {
    run.findings.damage(key, 'a catalog page in it is empty');
    return undefined;
  }
  if (first.root !== page.root || comparePaths(first.path, page.path) !== 0)
    run.findings.damage(key, 'a catalog page in it begins with another entry than its snapshot says');
  return {
    first: { root: first.root, path: first.path },
    last: { root: last.root, path: last.path },
    totals,
    needs: chunks.needs,
    chunksNowhere: chunks.nowhere,
  };
}

function count(totals: PageFacts['totals'], entry: CatalogEntry): void {
  if (entry.kind === 'file') {
    totals.files++;
    totals.bytes += entry.size ?? 0;
  } else if (entry.kind === 'folder') totals.folders++;
  else totals.others++;
}

/** The chunks of a page's entries. */
class NamedChunks {
  readonly needs = new Set<string>();
  nowhere = 0;
  readonly #books: CatalogBooks;

  constructor(books: CatalogBooks) {
    this.#books = books;
  }

  /** Returns what is wrong with the entry itself. */
  async add({ size = 0, chunks, lists }: CatalogEntry): Promise<string | undefined> {
    const book = this.#books.chunks;
    let bytes = 0;
    let isWhole = true;
    const take = (entry: number): void => {
      if (entry < 0) {
        this.nowhere++;
        isWhole = false;
        return;
      }
      bytes += book.chunkBytes(entry);
      this.needs.add(neededPacks(book, entry));
    };
    for (const id of chunks ?? []) take(book.find(id));
    for (const id of lists ?? []) {
      const list = book.find(id);
      if (list < 0) this.nowhere++;
      else this.needs.add(neededPacks(book, list));
      const ids = await this.#books.lists.read(id);
      if (ids === undefined) isWhole = false;
      else for (let n = 0; n < ids.length / ID_BYTES; n++) take(book.findAt(ids, n));
    }
    return isWhole && bytes !== size ? 'the chunks do not add up to its size' : undefined;
  }
}

const neededPacks = (book: ChunkBook, entry: number): string =>
  book
    .packsOf(entry)
    .map(({ id }) => id)
    .sort((a, b) => a - b)
    .join(',');
