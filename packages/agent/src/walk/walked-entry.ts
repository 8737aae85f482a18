/** What a walk tells: entries in the catalog's order, and at their place between them what is not an entry. */

export interface WalkedEntry {
  /** Relative to the root, `''` for the root itself; bytes that are not UTF-8 escaped (entry-path of core). */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'fifo';
  /** Permission bits with setuid, setgid and sticky: 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly ctime: bigint;
  /** Unsigned, 64 bit. */
  readonly inode: bigint;
  readonly device: bigint;
  /** Number of names of the file. */
  readonly links: number;
  /** What a symlink holds, escaped like a path; others have none. */
  readonly target: string | undefined;
}

export type SkipReason =
  | 'socket'
  | 'device'
  | 'unknown kind'
  /** A folder on another file system: recorded itself, not walked. */
  | 'other file system'
  /** The agent's own: repository, state, cache or restore target. Not recorded. */
  | 'own folder'
  /** By a rule. Told only on request, or where it concerns all of a root. */
  | 'excluded';

export type WalkItem =
  | { readonly type: 'entry'; readonly entry: WalkedEntry }
  | { readonly type: 'skipped'; readonly path: string; readonly reason: SkipReason; readonly rule?: string }
  /**
   * It exists but cannot be read. `content`: the folder's entry was told, what is in it is unknown; `entry`: not even
   * the entry is known. What was stored of it and below it earlier has to be carried forward. Path `''`: the root.
   */
  | {
      readonly type: 'unreadable';
      readonly path: string;
      readonly lost: 'entry' | 'content';
      /** Node's error code; a root that is missing has ENOENT. */
      readonly code: string;
      /** The code in words. */
      readonly reason: string;
    }
  /** It vanished, or became something else, between listing and reading. */
  | { readonly type: 'gone'; readonly path: string }
  /** A file that says something about the folder it lies in (`.backupignore`, `CACHEDIR.TAG`) and is not obeyed. */
  | { readonly type: 'not obeyed'; readonly path: string; readonly reason: string }
  /** At the end of each root, for each rule: how many entries it left out; of a folder left out only itself counts. */
  | { readonly type: 'excluded'; readonly rule: string; readonly reason: string; readonly entries: number };

/** Items of one root, in order. */
export interface WalkBatch {
  /** Number of the root in the list given. */
  readonly root: number;
  /** Where the root really is: a root given as a symlink was resolved once. */
  readonly rootPath: string;
  readonly items: readonly WalkItem[];
}
