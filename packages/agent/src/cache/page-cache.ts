/** Catalog pages of repositories on S3, by their id: most are the same from snapshot to snapshot. */
import { hash } from 'node:crypto';
import { isBackupError, openSegment } from '@backup-agent/core';
import type { PageCache, PageReference } from '@backup-agent/core';
import type { CacheFolder } from './cache-folder.ts';

export const openPageCache = (cache: CacheFolder): PageCache => ({
  find: async (page) => {
    const stored = cache.find(nameOf(page));
    return stored?.length === page.storedBytes ? stored : undefined;
  },
  // What a damaged pack gave must not outlast its repair.
  keep: async (page, stored) => {
    if (isPage(page, stored)) cache.keep(nameOf(page), stored);
  },
});

/** One page may be stored in several packs, compressed by different versions of the compressor. */
const nameOf = (page: PageReference): string => `${page.id}-${page.storedBytes}`;

function isPage(page: PageReference, stored: Uint8Array): boolean {
  try {
    return stored.length === page.storedBytes && hash('sha256', openSegment(stored, page, 'a page')) === page.id;
  } catch (error) {
    if (isBackupError(error, 'OBJECT_DAMAGED')) return false;
    throw error;
  }
}
