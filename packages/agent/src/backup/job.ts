/** What is to be backed up and how, and the capabilities that a backup needs. Plain data: the CLI makes it from flags. */
import type {
  Machine,
  PageCache,
  ReadWriteStore,
  Repository,
  RunRecord,
  Snapshot,
  SnapshotName,
  SnapshotTotals,
} from '@backup-agent/core';
import type { Report } from '../events.ts';
import type { MetadataTools } from '../system/metadata-tools.ts';
import type { OwnerNames } from '../system/owner-names.ts';
import type { WalkOptions } from '../walk/walk.ts';

export interface BackupRoot {
  /** Absolute, with the system's own separators. */
  readonly path: string;
  /** The same with `/`: how catalogs name it. */
  readonly catalogPath: string;
  /** Folder name for a restore of several roots. */
  readonly label: string;
}

export interface BackupJob {
  /** Sorted by path; none within another. */
  readonly roots: readonly BackupRoot[];
  readonly walk: WalkOptions;
  readonly tags: readonly string[];
  /** Saver threads. */
  readonly concurrency: number;
  /** zstd, 1 to 19. */
  readonly compressionLevel: number;
  readonly extraVerify: boolean;
  /** Read every file, changed or not. */
  readonly force: boolean;
  /** Network shares give other inode numbers or change times at each mount. */
  readonly ignoreInode: boolean;
  readonly ignoreCtime: boolean;
  /** Read and compress, but store nothing. */
  readonly dryRun: boolean;
}

export interface Clock {
  /** This machine's clock: for names, for people, and to compare with times of files. */
  now(): Date;
  /** Monotonic, ms. */
  elapsed(): number;
  /** Throws the signal's reason. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface BackupDeps {
  readonly repository: Repository<ReadWriteStore>;
  /** For the journals of this device and repository; a cache. */
  readonly journalFolder: string;
  /** Where damage is noted that `verify` found on this machine; a cache. */
  readonly damageFile: string;
  readonly pageCache: PageCache | undefined;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Undefined where the system lacks the tools: extended attributes are then not saved. */
  readonly metadata: MetadataTools | undefined;
  readonly owners: OwnerNames;
}

export interface BackupResult {
  /** Undefined after a dry run. */
  readonly snapshot: Snapshot | undefined;
  readonly name: SnapshotName | undefined;
  /** Of the whole tree, what was carried forward included. */
  readonly totals: SnapshotTotals;
  readonly record: RunRecord;
  /** 0, or 3 if something could not be read. */
  readonly exitCode: number;
}
