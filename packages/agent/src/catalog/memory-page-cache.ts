/** Keeps the pages read last, for readers that look up neighbours one after the other. */
import type { PageCache, PageReference } from '@backup-agent/core';

const PAGES_MAX = 4;

/** In front of another cache, or of none. */
export function memoryPageCache(behind: PageCache | undefined): PageCache {
  const pages = new Map<string, Buffer>();
  const remember = (page: PageReference, stored: Uint8Array): void => {
    pages.delete(keyOf(page));
    pages.set(keyOf(page), Buffer.from(stored));
    for (const oldest of pages.keys()) {
      if (pages.size <= PAGES_MAX) break;
      pages.delete(oldest);
    }
  };
  return {
    find: async (page) => {
      const known = pages.get(keyOf(page));
      if (known !== undefined) return known;
      const found = await behind?.find(page);
      if (found !== undefined) remember(page, found);
      return found;
    },
    keep: async (page, stored) => {
      remember(page, stored);
      await behind?.keep(page, stored);
    },
  };
}

const keyOf = ({ run, pack, offset }: PageReference): string => `${run} ${pack} ${offset}`;
