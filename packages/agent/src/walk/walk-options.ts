import type { ExcludeOptions } from './excludes/excludes.ts';

/** Plain data: it crosses to the worker. */
export interface WalkOptions {
  readonly excludes: ExcludeOptions;
  /** Do not enter folders on another file system than the root's. */
  readonly oneFileSystem: boolean;
  /** Folders that are left out wherever they are met: repository, state, cache, restore target. */
  readonly leaveOut: readonly { readonly device: bigint; readonly inode: bigint }[];
  /** Tell every single entry that a rule leaves out (`skipped`), not only the totals. */
  readonly tellExcluded: boolean;
}
