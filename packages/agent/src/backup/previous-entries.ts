/**
 * What earlier runs know about a root, merged: several sorted sources, the first of which counts most. It is walked
 * along with the disk, so memory does not grow with the number of files.
 */
import { compareEntries, comparePaths, entriesOfPage, pagesFrom, readPages } from '@backup-agent/core';
import type { CatalogLine, PageCache, PageReference, Repository } from '@backup-agent/core';

/** Sorted entries of one root, a block at a time. */
export type EntrySource = AsyncIterator<readonly CatalogLine[]> | Iterator<readonly CatalogLine[]>;

/** One root's entries from a catalog. A page that cannot be read is left out: its files are read again. */
export async function* catalogEntries(
  repository: Repository,
  references: readonly PageReference[],
  root: number,
  options: { readonly cache?: PageCache; readonly onLostPage: (page: PageReference) => void },
): AsyncGenerator<CatalogLine[]> {
  const pages = pagesFrom(references, { root, path: '' });
  const after = pages.findIndex((page) => compareEntries(page, { root: root + 1, path: '' }) >= 0);
  const own = after < 0 ? pages : pages.slice(0, after);
  for await (const { page, bytes } of readPages(repository, own, options.cache, options.onLostPage))
    yield entriesOfPage(repository, page, bytes).filter(({ entry }) => entry.root === root);
}

class Cursor {
  readonly #source: EntrySource;
  #block: readonly CatalogLine[] = [];
  #at = 0;
  #done = false;

  constructor(source: EntrySource) {
    this.#source = source;
  }

  get current(): CatalogLine | undefined {
    return this.#block[this.#at];
  }

  get mustLoad(): boolean {
    return !this.#done && this.#at >= this.#block.length;
  }

  advance(): void {
    this.#at++;
  }

  async load(): Promise<void> {
    while (this.mustLoad) {
      const next = await this.#source.next();
      this.#done = next.done === true;
      this.#block = next.done === true ? [] : next.value;
      this.#at = 0;
    }
  }
}

export class PreviousEntries {
  readonly #cursors: Cursor[];
  readonly #onDropped: (line: CatalogLine) => void;
  #ofLast: CatalogLine | undefined;

  /** `onDropped` hears of each entry of the last source that is no longer there. */
  constructor(sources: readonly EntrySource[], onDropped: (line: CatalogLine) => void) {
    this.#cursors = sources.map((source) => new Cursor(source));
    this.#onDropped = onDropped;
  }

  /** What the last source says of the path that was taken last. */
  get ofLast(): CatalogLine | undefined {
    return this.#ofLast;
  }

  async load(): Promise<void> {
    for (const cursor of this.#cursors) await cursor.load();
  }

  /**
   * What each source says of this path, best first. Paths are asked for in ascending order. A promise only where a source
   * has to load: a promise for each of a million paths would cost more than the comparison.
   */
  take(path: string): CatalogLine[] | Promise<CatalogLine[]> {
    const found: CatalogLine[] = [];
    this.#ofLast = undefined;
    for (let i = 0; i < this.#cursors.length; i++)
      if (!this.#takeFrom(i, path, found)) return this.#takeLoading(i, path, found);
    return found;
  }

  async #takeLoading(first: number, path: string, found: CatalogLine[]): Promise<CatalogLine[]> {
    for (const [i, cursor] of this.#cursors.entries())
      while (i >= first && !this.#takeFrom(i, path, found)) await cursor.load();
    return found;
  }

  /** False if the source has to load before it can tell. */
  #takeFrom(i: number, path: string, found: CatalogLine[]): boolean {
    const cursor = this.#cursors[i] as Cursor;
    while (!cursor.mustLoad) {
      const line = cursor.current;
      if (line === undefined) return true;
      const order = line.entry.path === path ? 0 : comparePaths(line.entry.path, path);
      if (order > 0) return true;
      cursor.advance();
      if (order === 0) {
        found.push(line);
        if (i === this.#cursors.length - 1) this.#ofLast = line;
        return true;
      }
      if (i === this.#cursors.length - 1) this.#onDropped(line);
    }
    return false;
  }

  /** What each source says of the path, best first; then the same of each path below it, in order. */
  async *takeTree(path: string): AsyncGenerator<readonly CatalogLine[]> {
    const own = await this.take(path);
    if (own.length > 0) yield own;
    for (;;) {
      await this.load();
      let next: string | undefined;
      for (const cursor of this.#cursors) {
        const at = cursor.current?.entry.path;
        if (at !== undefined && isBelow(at, path) && (next === undefined || comparePaths(at, next) < 0)) next = at;
      }
      if (next === undefined) return;
      yield await this.take(next);
    }
  }

  /** Drops what is left: nothing after the last path that was asked for exists any more. */
  async finish(): Promise<void> {
    for (const [i, cursor] of this.#cursors.entries()) {
      if (i < this.#cursors.length - 1) continue;
      for (await cursor.load(); cursor.current !== undefined; await cursor.load()) {
        this.#onDropped(cursor.current);
        cursor.advance();
      }
    }
  }
}

const isBelow = (path: string, folder: string): boolean =>
  folder === '' ? path !== '' : path.startsWith(`${folder}/`);
