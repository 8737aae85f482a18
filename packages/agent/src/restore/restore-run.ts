/** What the steps of one restore share. */
import { pathFromBytes } from '@backup-agent/core';
import type { ChunkLocator, PackPlace } from '@backup-agent/core';
import type { FilePlan } from './file-plan.ts';
import type { RestoreDeps, RestoreRequest } from './job.ts';
import { MetadataLosses } from './metadata-losses.ts';
import type { OwnershipRules } from './owners.ts';
import type { Tally } from './tally.ts';
import type { TargetFolders } from './target-folders.ts';
import type { Target } from './target.ts';
import type { ThawNeed } from './thaw-packs.ts';

export class RestoreRun {
  readonly request: RestoreRequest;
  readonly deps: RestoreDeps;
  readonly tally: Tally;
  readonly target: Target;
  readonly folders: TargetFolders;
  readonly locator: ChunkLocator;
  /** By packText, as far as the locator has found: no index tells what is in them, and an archive does not either. */
  readonly untold: Map<string, PackPlace>;
  /** Begins the names of unfinished files. */
  readonly token: string;
  readonly metadataLosses: MetadataLosses;
  /** Something may have been written besides folders. */
  hasBegun = false;
  /** Of a dry run. */
  thaw: ThawNeed | undefined;

  constructor(parts: {
    readonly request: RestoreRequest;
    readonly deps: RestoreDeps;
    readonly tally: Tally;
    readonly target: Target;
    readonly folders: TargetFolders;
    readonly locator: ChunkLocator;
    readonly untold: Map<string, PackPlace>;
    readonly token: string;
  }) {
    this.request = parts.request;
    this.deps = parts.deps;
    this.tally = parts.tally;
    this.target = parts.target;
    this.folders = parts.folders;
    this.locator = parts.locator;
    this.untold = parts.untold;
    this.token = parts.token;
    this.metadataLosses = new MetadataLosses(parts.tally);
  }

  get ownership(): OwnershipRules {
    const { system, owners } = this.deps;
    return { system, owners, inheritsGroup: this.target.inheritsGroup };
  }

  /** Relative to the target. */
  pathOf(plan: FilePlan, file: number): string {
    return this.folders.pathOf(plan.folderOf(file), pathFromBytes(plan.nameOf(file)));
  }
}
