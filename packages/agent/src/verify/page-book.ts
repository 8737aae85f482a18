/** The catalog pages that snapshots name. Most are the same from snapshot to snapshot: each is entered and read once. */
import { decodePageList, packKey, readPages } from '@backup-agent/core';
import type { ObjectKey, PackPlace, PageReference, Snapshot } from '@backup-agent/core';
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

interface KnownList {
  readonly pages: readonly number[] | undefined;
  readonly reference: PageReference;
}

export class PageBook {
  readonly references: PageReference[] = [];
  /** By page number: undefined if the page cannot be read, or was not yet. */
  readonly facts: (PageFacts | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #lists = new Map<string, KnownList>();

  /** The numbers of a snapshot's pages in order; undefined if a page list cannot be read, which is a finding. */
  async pagesOf(run: VerifyRun, snapshot: Snapshot, key: ObjectKey): Promise<readonly number[] | undefined> {
    if (snapshot.pages !== undefined) return snapshot.pages.map((page) => this.#enter(page));
    const pages: number[] = [];
    let isWhole = true;
    for (const reference of snapshot.pageLists ?? []) {
      const list = this.#lists.get(textOf(reference)) ?? (await this.#readList(run, reference));
      this.#lists.set(textOf(reference), list);
      isWhole &&= list.pages !== undefined;
      pages.push(...(list.pages ?? []));
    }
    if (!isWhole) run.findings.damage(key, 'a list of its catalog pages cannot be read');
    return isWhole ? pages : undefined;
  }

  /** Page lists are in meta packs as pages are. */
  get lists(): PageReference[] {
    return [...this.#lists.values()].map(({ reference }) => reference);
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

  async #readList(run: VerifyRun, reference: PageReference): Promise<KnownList> {
    const key = packKey(run.repository.device, metaPackOf(reference));
    const onDamage = (): void => run.findings.damage(key, 'a list of catalog pages in it cannot be read');
    for await (const { bytes } of readPages(run.repository, [reference], undefined, onDamage)) {
      const pages = run.decode(key, () => decodePageList(bytes, key));
      if (pages === undefined) break;
      const [first] = pages;
      if (first?.root !== reference.root || first.path !== reference.path)
        run.findings.damage(key, 'a list of catalog pages in it begins elsewhere than its snapshot says');
      return { pages: pages.map((page) => this.#enter(page)), reference };
    }
    return { pages: undefined, reference };
  }
}

/** The pack that a page lies in. */
export const metaPackOf = ({ run, pack }: PageReference): PackPlace => ({ kind: 'meta', run, number: pack });

const place = (number: number, digits: number): string => String(number).padStart(digits, '0');

const textOf = ({ root, path, id, run, pack, offset, storedBytes, rawBytes }: PageReference): string =>
  `${id} ${run} ${pack} ${offset} ${storedBytes} ${rawBytes} ${root} ${path}`;
