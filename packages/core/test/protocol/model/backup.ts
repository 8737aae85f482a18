/**
 * A backup as the agent makes it (packages/agent/src/backup), over core's real listing, index, codecs and commit. Only
 * the disk and the reading of it are the model's own.
 */
import {
  commitSnapshot,
  encodeRunRecord,
  isBackupError,
  listUsablePacks,
  runRecordKey,
  snapshotKey,
  snapshotName,
} from '../../../src/index.ts';
import type { Committed, ReadWriteStore, Repository, RunId, Snapshot, SnapshotDraft } from '../../../src/index.ts';
import { packNamesOf } from '../../../src/index.ts';
import type { Disk } from './disk.ts';
import type { Journal } from './journal.ts';
import { PackMaker } from './pack-maker.ts';
import { MACHINE, recordOf } from './run-facts.ts';
import { findPrevious } from './previous.ts';
import type { Tally } from './tally.ts';
import { savePass } from './save-pass.ts';
import type { SavedPass } from './save-pass.ts';

const PASSES_MAX = 10;

export interface BackupPlan {
  readonly run: RunId;
  readonly roots: readonly string[];
  readonly chunksPerPack: number;
  /** After so many packs an index segment is written; 0: only at the end. */
  readonly packsPerCheckpoint: number;
}

export interface BackupDeps {
  readonly repository: Repository<ReadWriteStore>;
  readonly disk: Disk;
  readonly journal: Journal;
  readonly tally: Tally;
  readonly pause: () => Promise<void>;
  /** The text of every chunk that was ever read from the disk. */
  readonly content: Map<string, string>;
  /** A snapshot is about to be put: what it is to restore to. */
  readonly expect: (key: string, content: ReadonlyMap<string, string>) => void;
}

export async function backUp(plan: BackupPlan, deps: BackupDeps): Promise<'committed' | 'given-up'> {
  try {
    const committed = await saveAndCommit(plan, deps);
    await putRecord(plan, deps, committed === undefined ? 'failed' : 'finished', committed);
    if (committed === undefined) return 'given-up';
    deps.journal.clear();
    return 'committed';
  } catch (error) {
    if (!isBackupError(error, 'STORE_UNREACHABLE', 'COMMIT_GIVEN_UP')) throw error;
    await putRecord(plan, deps, 'failed', undefined);
    return 'given-up';
  }
}

async function saveAndCommit(plan: BackupPlan, deps: BackupDeps): Promise<Committed | undefined> {
  const { repository, tally } = deps;
  let packs = await listUsablePacks(repository);
  const previous = await findPrevious(repository, plan.roots);
  const maker = new PackMaker(repository, plan.run);
  const attempts = { next: 0 };
  let mayRestOnMarked = true;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    if (pass > 0) tally.note('another pass');
    const saved = await savePass(plan, { ...deps, packs, previous, maker, mayRestOnMarked });
    await maker.writeIndex('run', plan.roots);
    if (saved.isEmpty) return undefined;
    const draft = draftOf(plan, saved, deps, attempts);
    const outcome = await commitSnapshot(draft, { repository, wait: deps.pause });
    if (outcome.outcome === 'committed') {
      noteFooting(saved, outcome.committed.snapshot, deps);
      return outcome.committed;
    }
    packs = outcome.packs;
    noteLosses(draft, outcome, deps);
    if (outcome.outcome === 'not-anchored') mayRestOnMarked = false;
  }
  tally.note('ten passes in vain');
  return undefined;
}

function draftOf(plan: BackupPlan, saved: SavedPass, deps: BackupDeps, attempts: { next: number }): SnapshotDraft {
  return {
    roots: plan.roots,
    packs: packNamesOf(saved.use),
    neededPacks: async () => Promise.resolve(new Set(packNamesOf(saved.neededUse))),
    snapshot: (basis) => {
      const snapshot = snapshotOf(plan, saved, deps, basis, attempts.next++);
      deps.expect(snapshotKey(deps.repository.device, snapshot.name), saved.content);
      return snapshot;
    },
  };
}

function snapshotOf(plan: BackupPlan, saved: SavedPass, deps: BackupDeps, basis: Date, attempt: number): Snapshot {
  return {
    version: 1,
    name: snapshotName(plan.run, attempt),
    run: plan.run,
    device: deps.repository.device,
    machine: MACHINE,
    started: basis.toISOString(),
    basis: basis.toISOString(),
    finished: saved.roots.every(({ state }) => state === 'walked'),
    roots: [...saved.roots],
    tags: [],
    // As of a large disk: on a tiny one every change would look like an attack, and nights would hold the device.
    totals: { files: 1000, folders: 10, others: 0, bytes: 1_000_000, unreadable: 0 },
    pages: [...saved.pages],
    packs: saved.use.packs,
    live: saved.use.live,
  };
}

function noteLosses(
  draft: SnapshotDraft,
  { outcome, packs }: { outcome: string; packs: Awaited<ReturnType<typeof listUsablePacks>> },
  { tally }: BackupDeps,
): void {
  tally.note(outcome);
  if (draft.packs.some((name) => packs.marked.has(name))) tally.note('commit finds marked packs');
  if (draft.packs.some((name) => !packs.marked.has(name) && !packs.usable.has(name)))
    tally.note('commit finds missing packs');
}

function noteFooting(saved: SavedPass, snapshot: Snapshot, { tally }: BackupDeps): void {
  tally.note('committed');
  if (saved.restsOnMarked) tally.note('committed on an anchor');
  if (saved.carried > 0) tally.note('carried forward');
  if (!snapshot.finished) tally.note('unfinished committed');
}

async function putRecord(
  plan: BackupPlan,
  { repository: { store, device }, tally }: BackupDeps,
  outcome: 'finished' | 'failed',
  committed: Committed | undefined,
): Promise<void> {
  try {
    await store.create(runRecordKey(device, plan.run), [encodeRunRecord(recordOf(plan, device, outcome, committed))]);
  } catch (error) {
    if (!isBackupError(error, 'STORE_UNREACHABLE')) throw error;
    tally.note('record lost');
  }
}
