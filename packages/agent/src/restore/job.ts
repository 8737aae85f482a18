/** What is to be restored and how, the capabilities that a restore needs, and what came of it. */
import type { PageCache, Repository, SnapshotName, SnapshotSelector, ThawSpeed } from '@backup-agent/core';
import type { Clock } from '../backup/job.ts';
import type { Report } from '../events.ts';
import type { MetadataTools } from '../system/metadata-tools.ts';
import type { OwnerNames } from '../system/owner-names.ts';
import type { FileWriters, RestoreWorkerData } from './protocol.ts';
import type { ThawNeed } from './thaw-packs.ts';

export interface RestoreRequest {
  readonly snapshot: SnapshotSelector;
  /** Absolute. Made if it is missing. */
  readonly target: string;
  /** Absolute as they were on the source, or relative to a root. None: everything. */
  readonly paths: readonly string[];
  /** gitignore syntax, relative to the root. None: everything. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** What becomes of files that are there: kept, replaced if size or time differ, or always replaced. */
  readonly overwrite: 'never' | 'changed' | 'always';
  /** Of files to be replaced only the chunks that differ are fetched and written, in place. */
  readonly delta: boolean;
  /** Read every file back after it is written. */
  readonly verify: boolean;
  readonly dryRun: boolean;
  readonly fsync: boolean;
  /** Holes where the file had holes. */
  readonly sparse: boolean;
  /** Worker threads. */
  readonly concurrency: number;
  readonly thaw: ThawRequest;
}

/** How packs that lie in an archive are thawed, if there are any. */
export interface ThawRequest {
  /** How long what is thawed can be read. */
  readonly days: number;
  /** Otherwise the restore ends when all is asked for. */
  readonly wait: boolean;
}

/** Who restores, and onto what system. */
export interface RestoreSystem {
  readonly platform: NodeJS.Platform;
  /** Undefined where the system has no such ids. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Further groups of the user. */
  readonly groups: readonly number[];
}

export interface RestoreDeps {
  readonly repository: Repository;
  readonly pageCache: PageCache | undefined;
  /** Of a local repository: nothing is restored into it. */
  readonly repositoryFolder: string | undefined;
  readonly system: RestoreSystem;
  /** Undefined where the system lacks the tools: extended attributes and FIFOs are then not restored. */
  readonly metadata: MetadataTools | undefined;
  readonly openWriters: (data: RestoreWorkerData, threads: number) => FileWriters;
  /** Owners are given their ids on this machine by name, where it knows the name. */
  readonly owners: Pick<OwnerNames, 'userId' | 'groupId'>;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: Pick<Clock, 'elapsed' | 'wait'>;
  /** Decides what it may cost to thaw packs. Throws OBJECT_ARCHIVED or STOPPED_EARLY if they are not to be thawed. */
  readonly chooseThaw: (need: ThawNeed) => Promise<ThawSpeed>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface RestoreProblem {
  /** Relative to the target; empty of what concerns many files, or a part of the catalog that is lost. */
  readonly path: string;
  readonly reason: string;
}

export interface RestoreCounts {
  readonly files: number;
  readonly folders: number;
  readonly symlinks: number;
  readonly fifos: number;
  /** Further names of files. */
  readonly hardLinks: number;
  /** Already there, and left alone. */
  readonly kept: number;
  /** Of these: what `--overwrite changed` would have replaced. */
  readonly keptDifferent: number;
  /** Already there as they are in the snapshot. */
  readonly unchanged: number;
  /** Of the restored files: bytes. */
  readonly bytes: number;
  /** Fetched from the repository besides the catalog. */
  readonly bytesFetched: number;
}

export interface RestoreResult {
  readonly snapshot: SnapshotName;
  readonly landed: Date;
  readonly target: string;
  /** `incomplete`: each thing that is missing is among the problems. */
  readonly outcome: 'complete' | 'incomplete';
  readonly counts: RestoreCounts;
  /** The first PROBLEMS_MAX of them. */
  readonly problems: readonly RestoreProblem[];
  readonly problemCount: number;
  /** Names that this system cannot have: paths relative to the target. */
  readonly renamed: readonly { readonly path: string; readonly as: string }[];
  /** Of a dry run: what would have to be thawed. */
  readonly thaw: ThawNeed | null;
}

/** A result lists at most so many problems and renamed paths; all problems are reported as events. */
export const PROBLEMS_MAX = 1_000;
