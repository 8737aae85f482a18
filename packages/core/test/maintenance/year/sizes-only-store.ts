/**
 * A store in memory whose packs hold no bytes, only a stated length: a year of a 20 GB device fits into a test. Nights
 * never look into packs, and here they cannot. It counts requests as a bucket would bill them.
 */
import { memoryStore, parseKey } from '../../../src/index.ts';
import type { Listing, ObjectKey, ObjectStore } from '../../../src/index.ts';

/** One LIST request shows so many objects. */
const LISTED_AT_ONCE = 1000;

export const REQUEST_KINDS = ['list', 'get', 'put', 'delete'] as const;
export type Requests = Record<(typeof REQUEST_KINDS)[number], number>;

export interface SizesOnlyStore extends ObjectStore {
  /** Since they were asked for last. */
  takeRequests(): Requests;
}

/** What is created under the key of a pack, in place of its bytes. */
export const statedLength = (bytes: number): Uint8Array => Buffer.from(String(bytes));

const isPack = (key: string): boolean => parseKey(key)?.type === 'pack';

export function sizesOnlyStore(now: () => Date): SizesOnlyStore {
  const memory = memoryStore({ now });
  const lengths = new Map<string, number>();
  let requests = noRequests();

  const withLengths = (listing: Listing): Listing => {
    requests.list += Math.max(1, Math.ceil(listing.objects.length / LISTED_AT_ONCE));
    const objects = listing.objects.map((object) => ({ ...object, bytes: lengths.get(object.key) ?? object.bytes }));
    return { ...listing, objects };
  };
  const got = (key: ObjectKey): void => {
    if (isPack(key)) throw new Error(`${key} is read, and nothing here needs to read packs`);
    requests.get++;
  };
  return {
    location: memory.location,
    list: async (prefix) => withLengths(await memory.list(prefix)),
    listFolders: async (prefix) => {
      requests.list++;
      return memory.listFolders(prefix);
    },
    find: async (key, bytesMax) => {
      got(key);
      return memory.find(key, bytesMax);
    },
    read: async (key, bytesMax) => {
      got(key);
      return memory.read(key, bytesMax);
    },
    readRange: async (key, offset, length) => {
      got(key);
      return memory.readRange(key, offset, length);
    },
    create: async (key, body) => {
      requests.put++;
      if (isPack(key)) lengths.set(key, Number(Buffer.concat(body).toString()));
      return memory.create(key, body);
    },
    remove: async (key) => {
      requests.delete++;
      await memory.remove(key);
    },
    takeRequests: () => {
      const taken = requests;
      requests = noRequests();
      return taken;
    },
  };
}

const noRequests = (): Requests => ({ list: 0, get: 0, put: 0, delete: 0 });
