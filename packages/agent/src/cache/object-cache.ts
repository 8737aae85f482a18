/** A store that asks a local cache first for objects which, once written, never change. */
import { hash } from 'node:crypto';
import { parseKey } from '@backup-agent/core';
import type { ObjectKey, ObjectReader } from '@backup-agent/core';
import type { CacheFolder } from './cache-folder.ts';

/** Small, or needed whole by every run. Packs are not among them: they are read in ranges. */
const CACHED: ReadonlySet<string> = new Set(['index', 'compacted-index', 'snapshot', 'run-record']);

/**
 * `store` with a read-through cache. Listings always come from the store, so what is gone is not found through them;
 * asking for the key of an object that was removed may still find it. Not for `verify`.
 */
export function cacheObjects<Store extends ObjectReader>(store: Store, cache: CacheFolder): Store {
  const cached = async (
    key: ObjectKey,
    bytesMax: number,
    fetch: () => Promise<Buffer | undefined>,
  ): Promise<Buffer | undefined> => {
    if (!CACHED.has(parseKey(key)?.type ?? '')) return fetch();
    const name = hash('sha256', key);
    const found = cache.find(name);
    if (found !== undefined && found.length <= bytesMax) return found;
    const bytes = await fetch();
    if (bytes !== undefined) cache.keep(name, bytes);
    return bytes;
  };
  return {
    ...store,
    find: (key: ObjectKey, bytesMax: number) => cached(key, bytesMax, () => store.find(key, bytesMax)),
    // `read` throws where there is nothing, so what it gives is never undefined.
    read: async (key: ObjectKey, bytesMax: number) =>
      (await cached(key, bytesMax, () => store.read(key, bytesMax))) as Buffer,
  };
}
