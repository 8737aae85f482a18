/** Reads a snapshot's catalog: page by page, from any entry on, each page verified by its id. */
import { hash } from 'node:crypto';
import { BackupError, damage, isBackupError } from '../errors.ts';
import { packKey } from '../keys.ts';
import { decodeEntry } from '../format/catalog-entry.ts';
import type { CatalogEntry } from '../format/catalog-entry.ts';
import { compareEntries, decodePageList, pageLines } from '../format/catalog-page.ts';
import type { PageReference } from '../format/catalog-page.ts';
import { openSegment } from '../format/pack.ts';
import type { Snapshot } from '../format/snapshot.ts';
import { MiB } from '../limits.ts';
import type { Repository } from './repository.ts';

/** An entry with the line it came from, so that an unchanged one is written again as it was. */
export interface CatalogLine {
  readonly entry: CatalogEntry;
  readonly line: string;
}

/** Neighbouring pages of one pack are read together up to this many bytes. */
const RANGE_BYTES_MAX = 4 * MiB;

/** Where page bytes come from before the store is asked. */
export interface PageCache {
  find(page: PageReference): Promise<Buffer | undefined>;
  keep(page: PageReference, stored: Uint8Array): Promise<void>;
}

/** The references of all pages of a snapshot, in order. */
export async function readPageReferences(
  repository: Repository,
  snapshot: Snapshot,
  cache?: PageCache,
): Promise<readonly PageReference[]> {
  if (snapshot.pages !== undefined) return snapshot.pages;
  const pages: PageReference[] = [];
  for await (const { page, bytes } of readPages(repository, snapshot.pageLists ?? [], cache))
    pages.push(...decodePageList(bytes, nameOf(repository, page)));
  return pages;
}

/** The pages that may hold the entries from `first` up to and with those that `end` is not reached by. */
export function pagesFrom(
  pages: readonly PageReference[],
  first: { root: number; path: string },
): readonly PageReference[] {
  let low = 0;
  let high = pages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareEntries(pages[middle] as PageReference, first) <= 0) low = middle + 1;
    else high = middle;
  }
  return pages.slice(Math.max(0, low - 1));
}

/** Every entry of these pages, in order. Throws OBJECT_DAMAGED or OBJECT_MISSING for the first page that fails. */
export async function* readEntries(
  repository: Repository,
  pages: readonly PageReference[],
  cache?: PageCache,
): AsyncGenerator<CatalogLine> {
  for await (const { page, bytes } of readPages(repository, pages, cache))
    yield* entriesOfPage(repository, page, bytes);
}

export function entriesOfPage(repository: Repository, page: PageReference, bytes: Uint8Array): CatalogLine[] {
  const where = nameOf(repository, page);
  return pageLines(bytes, where).map((line) => ({ entry: decodeEntry(line, where), line }));
}

export interface ReadPage {
  readonly page: PageReference;
  readonly bytes: Uint8Array;
}

/** Where a page's bytes are had from that fails with this error; undefined: nowhere. */
export type FindCopy = (page: PageReference, error: BackupError) => Promise<Uint8Array | undefined>;

/**
 * The pages' bytes, verified. A page that fails, and of which `findCopy` knows no copy, throws when its turn comes,
 * unless `onDamage` takes it.
 */
export async function* readPages(
  repository: Repository,
  pages: readonly PageReference[],
  cache?: PageCache,
  onDamage?: (page: PageReference, error: BackupError) => void,
  findCopy?: FindCopy,
): AsyncGenerator<ReadPage> {
  const lose =
    onDamage ??
    ((_: PageReference, error: BackupError): void => {
      throw error;
    });
  for (const group of neighbours(pages)) {
    const stored = await readGroup(repository, group, cache);
    for (const [i, page] of group.entries()) {
      const opened = await orDamage(openOrReread(repository, page, stored[i] as Buffer | BackupError, cache));
      const bytes = isBackupError(opened) ? await findCopy?.(page, opened) : opened;
      if (bytes !== undefined) yield { page, bytes };
      else if (isBackupError(opened)) lose(page, opened);
    }
  }
}

async function orDamage<T>(work: Promise<T>): Promise<T | BackupError> {
  try {
    return await work;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
    return error;
  }
}

/** A copy in a cache may be damaged where the page itself is not. */
async function openOrReread(
  repository: Repository,
  page: PageReference,
  stored: Buffer | BackupError,
  cache: PageCache | undefined,
): Promise<Uint8Array> {
  if (stored instanceof BackupError) throw stored;
  try {
    return openPage(repository, page, stored);
  } catch (error) {
    if (cache === undefined || !isBackupError(error, 'OBJECT_DAMAGED')) throw error;
    const [fresh] = await readGroup(repository, [page], undefined);
    if (fresh === undefined || fresh instanceof BackupError) throw error;
    const bytes = openPage(repository, page, fresh);
    await cache.keep(page, fresh);
    return bytes;
  }
}

function openPage(repository: Repository, page: PageReference, stored: Buffer): Uint8Array {
  const key = packKey(repository.device, { kind: 'meta', run: page.run, number: page.pack });
  let bytes: Uint8Array;
  try {
    bytes = openSegment(stored, page, key);
  } catch (cause) {
    throw damage(`a catalog page in ${key} is damaged`, { key, cause });
  }
  if (hash('sha256', bytes) !== page.id) throw damage(`a catalog page in ${key} is damaged`, { key });
  return bytes;
}

/** Runs of pages that lie back to back in one pack. */
function* neighbours(pages: readonly PageReference[]): Generator<PageReference[]> {
  let group: PageReference[] = [];
  let bytes = 0;
  for (const page of pages) {
    const last = group.at(-1);
    const adjoins =
      last !== undefined &&
      last.run === page.run &&
      last.pack === page.pack &&
      last.offset + last.storedBytes === page.offset &&
      bytes + page.storedBytes <= RANGE_BYTES_MAX;
    if (!adjoins && group.length > 0) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(page);
    bytes += page.storedBytes;
  }
  if (group.length > 0) yield group;
}

async function readGroup(
  repository: Repository,
  group: readonly PageReference[],
  cache: PageCache | undefined,
): Promise<(Buffer | BackupError)[]> {
  const cached = cache === undefined ? [] : await Promise.all(group.map((page) => cache.find(page)));
  if (cached.length > 0 && cached.every((bytes) => bytes !== undefined)) return cached;
  const first = group[0] as PageReference;
  const key = packKey(repository.device, { kind: 'meta', run: first.run, number: first.pack });
  const length = group.reduce((sum, page) => sum + page.storedBytes, 0);
  try {
    const bytes = await repository.store.readRange(key, first.offset, length);
    const stored = group.map((page) =>
      bytes.subarray(page.offset - first.offset, page.offset - first.offset + page.storedBytes),
    );
    if (cache !== undefined) await Promise.all(group.map((page, i) => cache.keep(page, stored[i] as Buffer)));
    return stored;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
    return group.length === 1
      ? [error]
      : (await Promise.all(group.map((page) => readGroup(repository, [page], cache)))).flat();
  }
}

const nameOf = (repository: Repository, page: PageReference): string =>
  packKey(repository.device, { kind: 'meta', run: page.run, number: page.pack });
