/**
 * A store that lies over another one: what is written and removed through it is seen through it and nowhere else. A dry
 * run of maintenance is the real thing over this store.
 */
import type { ObjectKey } from '../ids.ts';
import { memoryStore } from './memory.ts';
import { sortByKey, sortNames } from './key-order.ts';
import type { ObjectReader, ObjectStore } from './ports.ts';

export function overlayStore(below: ObjectReader): ObjectStore {
  let seen: Date | undefined;
  const above = memoryStore({ now: () => seen ?? new Date(0) });
  const gone = new Set<string>();
  const written = new Set<string>();
  /** What is written here lands at the time that the store below has shown last. */
  const lookAtClock = async (key: ObjectKey): Promise<void> => {
    seen ??= (await below.list(key)).ended;
  };
  const storeOf = (key: ObjectKey): ObjectReader => (written.has(key) || gone.has(key) ? above : below);
  return {
    location: below.location,
    async list(prefix) {
      const listing = await below.list(prefix);
      seen = listing.ended;
      const own = await above.list(prefix);
      const left = listing.objects.filter(({ key }) => !gone.has(key) && !written.has(key));
      return { ...listing, objects: sortByKey([...left, ...own.objects]) };
    },
    async listFolders(prefix) {
      return sortNames([...new Set([...(await below.listFolders(prefix)), ...(await above.listFolders(prefix))])]);
    },
    read: (key, bytesMax) => storeOf(key).read(key, bytesMax),
    find: (key, bytesMax) => storeOf(key).find(key, bytesMax),
    readRange: (key, offset, length) => storeOf(key).readRange(key, offset, length),
    async create(key, body) {
      await lookAtClock(key);
      const isBelow = !gone.has(key) && !written.has(key) && (await below.list(key)).objects.some((o) => o.key === key);
      if (isBelow) return { outcome: 'already-there', etag: undefined, checksum: undefined, date: seen ?? new Date(0) };
      const created = await above.create(key, body);
      if (created.outcome === 'created') written.add(key);
      return created;
    },
    async remove(key) {
      gone.add(key);
      written.delete(key);
      await above.remove(key);
    },
  };
}
