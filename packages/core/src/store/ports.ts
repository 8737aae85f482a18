/**
 * What a store can do, by capability: who may not remove does not receive an ObjectRemover.
 * Keys are relative to the repository's root. A store is opened with the AbortSignal of the command it serves;
 * after that signal every call rejects.
 */
import type { ObjectKey } from '../ids.ts';

/** An object as a listing shows it. */
export interface ObjectInfo {
  /** Not necessarily a key that this version knows: see parseKey. */
  readonly key: string;
  readonly bytes: number;
  /** Store time. S3: LastModified (whole seconds). Local: mtime. */
  readonly modified: Date;
  /** Without quotes. Local stores have none. */
  readonly etag: string | undefined;
  /** S3: as the listing names it, for instance `GLACIER`. Local stores have none. */
  readonly storageClass: string | undefined;
}

export interface Listing {
  /** Sorted by key, ascending in bytes. */
  readonly objects: readonly ObjectInfo[];
  /** Store time of the first response: nothing that landed before it is missing from `objects`. */
  readonly began: Date;
  /** Store time of the last response. */
  readonly ended: Date;
}

/** How the bytes of an object were hashed for the store. `parts` 0: one SHA-256 over all bytes; else of the parts' digests. */
export interface ObjectChecksum {
  readonly algorithm: 'sha256';
  readonly partBytes: number;
  readonly parts: number;
  /** 64 lower-case hex digits. */
  readonly value: string;
}

export interface ObjectReader {
  /** For messages: a folder, or `s3://bucket/prefix`. */
  readonly location: string;
  /**
   * All objects whose key starts with `prefix` (which ends with `/`, or is a whole key), strongly consistent: what
   * landed before the call is in it. An empty listing is a value. Throws REPOSITORY_MISSING if the bucket or the root
   * folder does not exist, ACCESS_DENIED, STORE_UNREACHABLE.
   */
  list(prefix: string): Promise<Listing>;
  /**
   * The folders directly under `prefix`, which ends with `/`: what stands up to the next `/` in the keys of its objects,
   * sorted in bytes. It costs one request per 1,000 of them, however much they hold. Some servers that
   * keep versions also show folders whose objects have all been removed. Consistent and throws as `list`.
   */
  listFolders(prefix: string): Promise<readonly string[]>;
  /** The whole object. Throws OBJECT_MISSING; OBJECT_DAMAGED if it is longer than `bytesMax`, before reading it. */
  read(key: ObjectKey, bytesMax: number): Promise<Buffer>;
  /** As `read`, but a missing object is undefined: for callers that ask "is it there?". */
  find(key: ObjectKey, bytesMax: number): Promise<Buffer | undefined>;
  /** Exactly these bytes. Throws OBJECT_MISSING, or OBJECT_DAMAGED if the object ends before. */
  readRange(key: ObjectKey, offset: number, length: number): Promise<Buffer>;
}

export interface Created {
  /** `already-there`: the key holds other bytes. The same bytes count as created, for the answer may have been lost. */
  readonly outcome: 'created' | 'already-there';
  readonly etag: string | undefined;
  readonly checksum: ObjectChecksum | undefined;
  /** Store time of the answer. */
  readonly date: Date;
}

export interface ObjectWriter {
  /**
   * Creates the object from the concatenation of `body`. Resolves only when it is durable; never replaces one, never
   * leaves a part of one under its key. `once`: one attempt, for a request that must not land late; an unknown outcome
   * then throws STORE_UNREACHABLE.
   */
  create(key: ObjectKey, body: readonly Uint8Array[], options?: { readonly once?: boolean }): Promise<Created>;
}

export interface ObjectRemover {
  /** Removing what is not there is not an error. */
  remove(key: ObjectKey): Promise<void>;
}

/** An object that was removed and whose bytes are still kept. */
export interface RemovedObject {
  readonly key: string;
  /** Store time of the removal. */
  readonly removed: Date;
}

/** Of stores that keep the bytes of removed objects for a while: buckets with versions. */
export interface ObjectUndeleter {
  /** What was removed under `prefix`, and is not there; sorted by key. */
  listRemoved(prefix: string): Promise<readonly RemovedObject[]>;
  /** Brings a removed object back. `gone`: its bytes are not kept any more. One that is there is `restored`. */
  undelete(key: ObjectKey): Promise<'restored' | 'gone'>;
}

/** How fast an archive gives back what is asked for; the faster, the dearer. `expedited`: not of DEEP_ARCHIVE. */
export const THAW_SPEEDS = ['bulk', 'standard', 'expedited'] as const;
export type ThawSpeed = (typeof THAW_SPEEDS)[number];

export type ArchiveState =
  /** `leftMs`: of a thawed copy, how long it stays. */
  { readonly state: 'readable'; readonly leftMs?: number } | { readonly state: 'thawing' | 'archived' };

/** Of stores with classes whose objects must be thawed before they can be read. */
export interface ObjectThawer {
  /** How an object is that a listing shows in such a class. Throws OBJECT_MISSING. */
  archiveState(key: ObjectKey): Promise<ArchiveState>;
  /**
   * Asks for a copy that can be read for so many days. It is there hours later; asking again changes nothing until then,
   * and prolongs it afterwards. Throws ACCESS_DENIED, and STORE_UNREACHABLE if the archive has no room for hurry.
   */
  thaw(key: ObjectKey, options: { readonly days: number; readonly speed: ThawSpeed }): Promise<void>;
}

export const canThaw = (store: object): store is ObjectThawer => 'thaw' in store;

export type ReadWriteStore = ObjectReader & ObjectWriter;
export type ObjectStore = ObjectReader & ObjectWriter & ObjectRemover;
