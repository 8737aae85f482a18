/** The catalog pages that snapshots name. Most are the same from snapshot to snapshot: each is entered and read once. */
import { decodePageList, packKey, readPages } from '@backup-agent/core';
import type { PackPlace, PageReference, Snapshot } from '@backup-agent/core';
import type { EntryPlace } from '../catalog/catalog-view.ts';
import type { VerifyRun } from './verify-run.ts';

/** What checking a page's snapshots needs of it. */
export interface PageFacts {
  readonly first: EntryPlace;
  readonly last: EntryPlace;
  readonly totals: { files: number; folders: number; others: number; bytes: number };
  /** For each chunk of its entries the packs that hold it, as `<id>,<id>,...` of the pack book; each text once. */
  readonly needs: ReadonlySet<string>;
  /** Chunks that no pack holds, as far as is known. */
  readonly chunksNowhere: number;
}

export interface NamedPages {
  /** Numbers in the book, in order. */
  readonly pages: readonly number[];
  readonly lostLists: readonly PageReference[];
}

export class PageBook {
  readonly references: PageReference[] = [];
  /** By page number: undefined if the page cannot be read, or was not yet. */
  readonly facts: (PageFacts | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  /** The pages of page lists by their reference's text; undefined for one that cannot be read. */
  readonly #lists = new Map<string, readonly number[] | undefined>();

  /** A snapshot's pages; page lists that cannot be read are findings. */
  async pagesOf(run: VerifyRun, snapshot: Snapshot): Promise<NamedPages> {
    if (snapshot.pages !== undefined) return { pages: snapshot.pages.map((page) => this.#enter(page)), lostLists: [] };
    const pages: number[] = [];
    const lostLists: PageReference[] = [];
    for (const reference of snapshot.pageLists ?? []) {
      const text = textOf(reference);
      if (!this.#lists.has(text)) this.#lists.set(text, await this.#readList(run, reference));
      const listed = this.#lists.get(text);
      if (listed === undefined) lostLists.push(reference);
      else pages.push(...listed);
    }
    return { pages, lostLists };
  }

  /** Page numbers in the order of their packs. */
  inPackOrder(): number[] {
    const order = ({ run, pack, offset }: PageReference): string => `${run} ${place(pack, 5)} ${place(offset, 10)}`;
    const keys = this.references.map(order);
    const numbers = [...keys.keys()];
    return numbers.sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1));
  }

  #enter(page: PageReference): number {
    const text = textOf(page);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.references.push(page) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  async #readList(run: VerifyRun, reference: PageReference): Promise<readonly number[] | undefined> {
    const key = packKey(run.repository.device, metaPackOf(reference));
    const onDamage = (): void => run.findings.damage(key, 'a list of catalog pages in it cannot be read');
    for await (const { bytes } of readPages(run.repository, [reference], undefined, onDamage)) {
      const pages = run.decode(key, () => decodePageList(bytes, key));
      const first = pages?.[0];
      if (pages !== undefined && (first?.root !== reference.root || first.path !== reference.path))
        run.findings.damage(key, 'a list of catalog pages in it begins elsewhere than its snapshot says');
      return pages?.map((page) => this.#enter(page));
    }
    return undefined;
  }
}

/** The pack that a page lies in. */
export const metaPackOf = ({ run, pack }: PageReference): PackPlace => ({ kind: 'meta', run, number: pack });

const place = (number: number, digits: number): string => String(number).padStart(digits, '0');

const textOf = ({ root, path, id, run, pack, offset, storedBytes, rawBytes }: PageReference): string =>
  `${id} ${run} ${pack} ${offset} ${storedBytes} ${rawBytes} ${root} ${path}`;
