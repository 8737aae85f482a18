/**
 * A store in memory, for tests of everything above it: it keeps every promise of the ports, and each operation is
 * atomic. It tells the time by a clock that the test can set, and keeps what was removed.
 */
import { createHash } from 'node:crypto';
import { BackupError, damage } from '../errors.ts';
import type { ObjectKey } from '../ids.ts';
import { sortByKey, sortNames } from './key-order.ts';
import type { Created, Listing, ObjectStore, ObjectUndeleter, RemovedObject } from './ports.ts';

export interface MemoryStoreOptions {
  /** Store time. By default it begins with 2026 and moves on by a second each time it is looked at. */
  readonly now?: () => Date;
  readonly signal?: AbortSignal;
  /** For messages. */
  readonly location?: string;
}

interface StoredObject {
  readonly bytes: Buffer;
  readonly modified: Date;
  readonly sha256: string;
}

interface BuriedObject {
  readonly object: StoredObject;
  readonly removed: Date;
}

export function memoryStore(options: MemoryStoreOptions = {}): ObjectStore & ObjectUndeleter {
  const { now = secondBySecond(), signal, location = 'memory' } = options;
  const objects = new Map<string, StoredObject>();
  /** The last of each key; one that is there again hides it. */
  const buried = new Map<string, BuriedObject>();

  const find = (key: ObjectKey, bytesMax: number): Buffer | undefined => {
    const object = objects.get(key);
    if (object === undefined) return undefined;
    if (object.bytes.length > bytesMax) {
      throw damage(`${key} has ${object.bytes.length} bytes, more than the ${bytesMax} it may have`, { key });
    }
    return Buffer.from(object.bytes);
  };
  const read = (key: ObjectKey, bytesMax: number): Buffer => {
    const bytes = find(key, bytesMax);
    if (bytes === undefined) throw missing(key, location);
    return bytes;
  };

  const atomically = async <T>(operation: () => T): Promise<T> => {
    signal?.throwIfAborted();
    return Promise.resolve(operation());
  };
  return {
    location,
    list: (prefix) => atomically(() => listObjects(objects, prefix, now)),
    listFolders: (prefix) => atomically(() => foldersUnder(objects.keys(), prefix)),
    find: (key, bytesMax) => atomically(() => find(key, bytesMax)),
    read: (key, bytesMax) => atomically(() => read(key, bytesMax)),
    readRange: (key, offset, length) =>
      atomically(() => {
        const bytes = read(key, Number.MAX_SAFE_INTEGER);
        if (offset + length > bytes.length) {
          throw damage(`${key} ends at byte ${bytes.length}, before byte ${offset + length}`, { key });
        }
        return bytes.subarray(offset, offset + length);
      }),
    create: (key, body) => atomically(() => createObject(objects, key, Buffer.concat(body), now())),
    remove: (key) =>
      atomically(() => {
        const object = objects.get(key);
        if (object !== undefined) buried.set(key, { object, removed: now() });
        objects.delete(key);
      }),
    listRemoved: (prefix) => atomically(() => listRemoved({ objects, buried }, prefix)),
    undelete: (key) => atomically(() => undelete({ objects, buried }, key)),
  };
}

interface Contents {
  readonly objects: Map<string, StoredObject>;
  readonly buried: Map<string, BuriedObject>;
}

function listRemoved({ objects, buried }: Contents, prefix: string): readonly RemovedObject[] {
  const hidden = [...buried].filter(([key]) => key.startsWith(prefix) && !objects.has(key));
  return sortByKey(hidden.map(([key, { removed }]) => ({ key, removed })));
}

function undelete({ objects, buried }: Contents, key: ObjectKey): 'restored' | 'gone' {
  if (objects.has(key)) return 'restored';
  const there = buried.get(key);
  if (there === undefined) return 'gone';
  objects.set(key, there.object);
  buried.delete(key);
  return 'restored';
}

function listObjects(objects: ReadonlyMap<string, StoredObject>, prefix: string, now: () => Date): Listing {
  const began = now();
  const listed = [...objects]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, { bytes, modified, sha256 }]) => ({
      key,
      bytes: bytes.length,
      modified,
      etag: etagOf(sha256),
      storageClass: undefined,
    }));
  return { objects: sortByKey(listed), began, ended: now() };
}

function foldersUnder(keys: Iterable<string>, prefix: string): string[] {
  const names = new Set<string>();
  for (const key of keys) {
    const end = key.startsWith(prefix) ? key.indexOf('/', prefix.length) : -1;
    if (end !== -1) names.add(key.slice(prefix.length, end));
  }
  return sortNames([...names]);
}

function createObject(objects: Map<string, StoredObject>, key: ObjectKey, bytes: Buffer, date: Date): Created {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const there = objects.get(key);
  if (there !== undefined && there.sha256 !== sha256) {
    return { outcome: 'already-there', etag: undefined, checksum: undefined, date };
  }
  if (there === undefined) objects.set(key, { bytes, modified: date, sha256 });
  const checksum = { algorithm: 'sha256', partBytes: bytes.length, parts: 0, value: sha256 } as const;
  return { outcome: 'created', etag: etagOf(sha256), checksum, date };
}

const etagOf = (sha256: string): string => sha256.slice(0, 32);

function missing(key: ObjectKey, location: string): BackupError {
  return new BackupError('OBJECT_MISSING', `${key} is missing in ${location}`, { key });
}

function secondBySecond(): () => Date {
  let time = Date.UTC(2026, 0, 1);
  return () => new Date((time += 1000));
}
