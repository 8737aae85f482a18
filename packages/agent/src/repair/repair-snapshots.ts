/**
 * `repair snapshots`: of a snapshot that needs chunks which are gone a new one is made, without the entries that need
 * them, by the steps of a run's commit. The old one is left alone: whether it goes is the nightly job's business.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { BackupError, findSnapshot, listUsablePacks, packNamesOf, readSnapshots } from '@backup-agent/core';
import type {
  Committed,
  LandedSnapshot,
  Repository,
  SnapshotName,
  SnapshotSelector,
  UsablePacks,
} from '@backup-agent/core';
import { BackupRun } from '../backup/backup-run.ts';
import { commit } from '../backup/commit.ts';
import { Healing } from '../backup/healing.ts';
import type { BackupDeps, BackupJob } from '../backup/job.ts';
import type { PreviousRoots } from '../backup/previous-snapshots.ts';
import { newRunId, orRecorded, putRecord, recordOf } from '../backup/record-run.ts';
import { TreeBase } from '../backup/tree-base.ts';
import { CatalogView } from '../catalog/catalog-view.ts';
import { absolutePath, describeLost } from '../inspect/open-snapshot.ts';
import { readDamageNote } from '../state/damage-note.ts';
import { usualExcludes } from '../walk/excludes/excludes.ts';
import { losesFiles, needsRepair, planRepair } from './plan-repair.ts';
import type { RepairPlan } from './plan-repair.ts';
import { writeRepaired } from './write-repaired.ts';

const PASSES_MAX = 10;
/** A word that the new snapshot bears. */
const REPAIRED_TAG = 'repaired';

export interface SnapshotRepairRequest {
  /** Undefined: the newest of each set of folders. */
  readonly snapshot: SnapshotSelector | undefined;
  readonly dryRun: boolean;
}

export interface RepairedSnapshot {
  readonly snapshot: SnapshotName;
  readonly outcome: 'whole' | 'repaired' | 'repaired-with-losses';
  /** The new one; undefined if nothing was to be done, and in a dry run. */
  readonly made: SnapshotName | undefined;
  /** Absolute paths, as they were on the source; of lost catalog pages what is known of them. */
  readonly lost: readonly string[];
  readonly missingPacks: readonly string[];
}

export interface SnapshotRepairResult {
  /** Those that were looked at, newest first. */
  readonly snapshots: readonly RepairedSnapshot[];
  /** Others that name packs which are not there: left alone. */
  readonly others: readonly SnapshotName[];
  /** Keys of snapshots that cannot be read. */
  readonly damaged: readonly string[];
}

/**
 * Throws CONFIG_INVALID if the snapshot asked for is not there, OBJECT_DAMAGED if it cannot be read, and what a run
 * throws.
 */
export async function repairSnapshots(
  request: SnapshotRepairRequest,
  given: BackupDeps,
): Promise<SnapshotRepairResult> {
  // A repair reads no file, so it has nothing to continue: no run shall find a journal of it.
  const deps = { ...given, journalFolder: path.join(given.journalFolder, 'repair') };
  const { repository } = deps;
  const { valid, damaged } = await readSnapshots(repository);
  const chosen =
    request.snapshot === undefined ? newestOfEach(valid) : [await findSnapshot(repository, request.snapshot)];
  const snapshots: RepairedSnapshot[] = [];
  for (const landed of chosen) snapshots.push(await repairOne(landed, request, deps));
  const left = valid.filter(({ key }) => !chosen.some((one) => one.key === key));
  return { snapshots, others: await namesOfBroken(repository, left), damaged: damaged.map(({ key }) => key) };
}

/** The newest of each set of roots. */
function newestOfEach(valid: readonly LandedSnapshot[]): LandedSnapshot[] {
  const newest = new Map<string, LandedSnapshot>();
  for (const landed of valid) {
    const roots = JSON.stringify(landed.snapshot.roots.map(({ path }) => path).sort());
    if (!newest.has(roots)) newest.set(roots, landed);
  }
  return [...newest.values()];
}

async function namesOfBroken(repository: Repository, left: readonly LandedSnapshot[]): Promise<SnapshotName[]> {
  const { usable, marked } = await listUsablePacks(repository);
  const isMissing = (pack: string): boolean => !usable.has(pack) && !marked.has(pack);
  return left.filter(({ snapshot }) => packNamesOf(snapshot).some(isMissing)).map(({ name }) => name);
}

async function repairOne(
  landed: LandedSnapshot,
  { dryRun }: SnapshotRepairRequest,
  deps: BackupDeps,
): Promise<RepairedSnapshot> {
  const packs = await listUsablePacks(deps.repository);
  const plan = await planRepair(landed, await baseOf(landed, packs, deps, { mayRestOnMarked: true }), deps);
  if (dryRun || !needsRepair(plan)) return resultOf(plan, undefined);
  const run = new BackupRun(newRunId(deps, packs.basis), jobOf(landed), deps);
  try {
    const { committed, plan: done } = await orRecorded(run, carryOut(run, plan, packs));
    const exitCode = losesFiles(done) ? 3 : 0;
    await putRecord(run, recordOf(run, { outcome: exitCode === 0 ? 'finished' : 'incomplete', exitCode, committed }));
    return resultOf(done, committed.snapshot.name);
  } finally {
    await run.close();
    rmSync(deps.journalFolder, { recursive: true, force: true });
  }
}

interface CarriedOut {
  readonly committed: Committed;
  /** By which it was done: what is there may have changed since the first one. */
  readonly plan: RepairPlan;
}

async function carryOut(run: BackupRun, first: RepairPlan, listed: UsablePacks): Promise<CarriedOut> {
  const { landed } = first;
  const attempts = { next: 0 };
  let packs = listed;
  let mayRestOnMarked = true;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    run.beginPass(() => {});
    const base = await baseOf(landed, packs, run.deps, { mayRestOnMarked });
    const plan = await planRepair(landed, base, run.deps);
    tellLost(run, plan);
    const tree = await writeRepaired(run, base, plan);
    await run.writeIndex([]);
    const outcome = await commit(run, base, tree, attempts);
    if (outcome.outcome === 'committed') return { committed: outcome.committed, plan };
    packs = outcome.packs;
    if (outcome.outcome === 'not-anchored') mayRestOnMarked = false;
  }
  throw new BackupError('COMMIT_GIVEN_UP', `packs that the snapshot needs kept being removed, ${PASSES_MAX} times`, {
    hint: 'repair again; nothing is lost by trying',
  });
}

/** For the record and for whoever watches. */
function tellLost(run: BackupRun, { landed, lost, lostRanges }: RepairPlan): void {
  for (const { root, path } of lost) run.noteProblem(root, path, 'a part of it is in no undamaged pack');
  for (const range of lostRanges)
    run.noteProblem(range.first.root, range.first.path, describeLost(landed.snapshot.roots, range));
}

/** What is there, without trusting any snapshot. */
async function baseOf(
  { snapshot, ...landed }: LandedSnapshot,
  packs: UsablePacks,
  deps: BackupDeps,
  options: { readonly mayRestOnMarked: boolean },
): Promise<TreeBase> {
  const { repository, pageCache, damageFile } = deps;
  const view = await CatalogView.open(repository, snapshot, { pageCache, onLost: () => {} }); // The plan tells.
  const previous: PreviousRoots = new Map(
    snapshot.roots.map(({ path }, root) => [
      path,
      { landed: { ...landed, snapshot }, references: view.references, root },
    ]),
  );
  const healing = new Healing(readDamageNote(damageFile), packs);
  return new TreeBase(packs, previous, [], { trust: false, ...options, healing, deps });
}

/** No folder is walked and no file read. */
const jobOf = ({ snapshot }: LandedSnapshot): BackupJob => ({
  roots: snapshot.roots.map(({ path, label }) => ({ path, catalogPath: path, label })),
  walk: {
    excludes: usualExcludes({ platform: 'linux', home: '/' }),
    oneFileSystem: true,
    leaveOut: [],
    tellExcluded: false,
  },
  tags: [...new Set([...snapshot.tags, REPAIRED_TAG])],
  concurrency: 1,
  compressionLevel: 3,
  extraVerify: true,
  force: false,
  ignoreInode: false,
  ignoreCtime: false,
  dryRun: false,
});

function resultOf(plan: RepairPlan, made: SnapshotName | undefined): RepairedSnapshot {
  const { landed, lost, lostRanges, missingPacks } = plan;
  const { roots } = landed.snapshot;
  return {
    snapshot: landed.name,
    outcome: !needsRepair(plan) ? 'whole' : losesFiles(plan) ? 'repaired-with-losses' : 'repaired',
    made,
    lost: [
      ...lost.map((place) => absolutePath(roots, place)),
      ...lostRanges.map((range) => describeLost(roots, range)),
    ],
    missingPacks,
  };
}
