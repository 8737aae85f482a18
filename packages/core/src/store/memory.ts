/**
 * A store in memory, for tests of everything above it: it keeps every promise of the ports, and each operation is
 * atomic. It tells the time by a clock that the test can set.
 */
import { createHash } from 'node:crypto';
import { BackupError, damage } from '../errors.ts';
import type { ObjectKey } from '../ids.ts';
import { sortByKey } from './key-order.ts';
import type { Created, Listing, ObjectStore } from './ports.ts';

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

export function memoryStore(options: MemoryStoreOptions = {}): ObjectStore {
  const { now = secondBySecond(), signal, location = 'memory' } = options;
  const objects = new Map<string, StoredObject>();

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
    remove: (key) => atomically(() => void objects.delete(key)),
  };
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
