/** What is to be verified, the capabilities that this needs, and what came of it. */
import type { Repository, SnapshotName, SnapshotSelector } from '@backup-agent/core';
import type { Report } from '../events.ts';
import type { VerifiedPack } from '../state/damage-note.ts';
import type { CheckReply, CheckRequest } from './check-segments.ts';
import type { Finding } from './finding.ts';

export interface VerifyRequest {
  /** Only what this one needs; undefined: all valid ones. Records and index segments are checked in any case. */
  readonly snapshot: SnapshotSelector | undefined;
  /** The share of the packs of which every byte is read, 0 to 1; of more than none at least one. */
  readonly dataShare: number;
}

/** Whoever opens segments and hashes chunks: threads, or in tests the same thread. */
export interface SegmentChecker {
  /** Resolves when there is room for another request. */
  room(): Promise<void>;
  run(request: CheckRequest, transfer?: ArrayBuffer[]): Promise<CheckReply>;
  close(): Promise<void>;
}

export interface VerifyDeps {
  /** Without any cache between: what is there is to be verified. `repository.json` need not be there. */
  readonly repository: Repository;
  /** Called once, if there is data to be read; closed in the end. */
  readonly openChecker: () => SegmentChecker;
  /** Chooses the packs of a share. */
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: { elapsed(): number };
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface VerifyCounts {
  /** Listed objects of the device and the fleet. */
  readonly objects: number;
  /** Valid ones that were checked. */
  readonly snapshots: number;
  readonly indexSegments: number;
  readonly packs: number;
  readonly pages: number;
  /** On these pages, each once. */
  readonly entries: number;
  readonly packsRead: number;
  /** Not read, for they would have to be thawed. */
  readonly packsArchived: number;
  readonly bytesRead: number;
  /** In the packs read. */
  readonly chunks: number;
}

export interface VerifyResult {
  readonly outcome: 'whole' | 'damaged';
  /** Newest first. */
  readonly snapshots: readonly SnapshotName[];
  readonly counts: VerifyCounts;
  /** Damage first, in the order of the keys. */
  readonly findings: readonly Finding[];
  /** Packs that are there: those that were read, and others that were seen to lack chunks. */
  readonly packs: readonly VerifiedPack[];
}
