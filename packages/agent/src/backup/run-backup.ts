/** A backup from the first look at the store to the run's record. */
import {
  BackupError,
  encodeRunRecord,
  isBackupError,
  listUsablePacks,
  makeRunId,
  runRecordKey,
} from '@backup-agent/core';
import type { Committed, RunRecord, SnapshotTotals, UsablePacks } from '@backup-agent/core';
import { dryRunStore } from './dry-run-store.ts';
import { BackupRun, canRecord } from './backup-run.ts';
import { commit } from './commit.ts';
import type { BackupDeps, BackupJob, BackupResult } from './job.ts';
import { readJournals, removeJournals } from './journal.ts';
import { findPreviousRoots } from './previous-snapshots.ts';
import { saveTree } from './save-tree.ts';
import type { SavedTree } from './save-tree.ts';
import { TreeBase } from './tree-base.ts';

/** Each pass saves at least one old pack's content into packs of this run, which are too young to be marked. */
const PASSES_MAX = 10;
/** A clock further off than this does not name runs. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * Backs up the job's roots and commits a snapshot.
 * Throws BackupErrors of the store, COMMIT_GIVEN_UP, KEY_CONFLICT; the signal's reason if it was aborted. Whatever it
 * throws, earlier snapshots are untouched and the next run continues from what was uploaded.
 */
export async function runBackup(job: BackupJob, given: BackupDeps): Promise<BackupResult> {
  const deps = job.dryRun ? withoutWrites(given) : given;
  const packs = await listUsablePacks(deps.repository);
  const run = new BackupRun(makeRunId(nameTime(deps, packs.basis), deps.random(4)), job, deps);
  try {
    const { totals, committed } = await orRecorded(run, backUp(run, packs));
    const exitCode = run.problemCount > 0 ? 3 : 0;
    const record = recordOf(run, { outcome: exitCode === 0 ? 'finished' : 'incomplete', exitCode, committed });
    if (committed !== undefined) {
      await putRecord(run, record);
      await run.close();
      removeJournals(deps.journalFolder, record.roots);
    }
    return { snapshot: committed?.snapshot, name: committed?.snapshot.name, totals, record, exitCode };
  } finally {
    await run.close();
  }
}

interface BackedUp {
  readonly totals: SnapshotTotals;
  /** Undefined after a dry run. */
  readonly committed: Committed | undefined;
}

async function backUp(run: BackupRun, first: UsablePacks): Promise<BackedUp> {
  const { repository, pageCache, report, journalFolder } = run.deps;
  const paths = run.job.roots.map((root) => root.catalogPath);
  const previous = await findPreviousRoots(repository, paths, { cache: pageCache, report });
  const attempts = { next: 0 };
  let packs = first;
  let mayRestOnMarked = true;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    // After the first pass this run's own journal is among them: the disk is read again only where packs were lost.
    run.journal?.flush();
    // A second pass looks up every chunk: the first one has shown that not all can be found.
    const base = new TreeBase(packs, previous, readJournals(journalFolder, paths), {
      trust: pass === 0,
      mayRestOnMarked,
      deps: run.deps,
    });
    const tree = await saveTree(run, base);
    run.tellProgress();
    refuseNothing(run, tree);
    if (run.job.dryRun) return { totals: tree.totals, committed: undefined };
    await run.writeIndex();
    const outcome = await commit(run, base, tree, attempts);
    if (outcome.outcome === 'committed') {
      report({
        type: 'snapshot-committed',
        name: outcome.committed.snapshot.name,
        key: outcome.committed.committed.key,
      });
      return { totals: tree.totals, committed: outcome.committed };
    }
    packs = outcome.packs;
    if (outcome.outcome === 'not-anchored') mayRestOnMarked = false;
  }
  throw new BackupError('COMMIT_GIVEN_UP', `packs that the snapshot needs kept being removed, ${PASSES_MAX} times`, {
    hint: 'run again; nothing is lost',
  });
}

/** A mistyped folder, or a disk that is not connected and never was: an empty snapshot would become the latest one. */
function refuseNothing(run: BackupRun, { roots, totals }: SavedTree): void {
  if (roots.some(({ state }) => state === 'walked') || totals.files + totals.folders + totals.others > 0) return;
  const [first] = run.problems;
  throw new BackupError(
    'CONFIG_INVALID',
    `nothing to back up: ${first?.path ?? ''} is ${first?.reason ?? 'not there'}, and no snapshot has it`,
    { hint: 'check the name, and that its disk is connected' },
  );
}

const withoutWrites = (deps: BackupDeps): BackupDeps => ({
  ...deps,
  repository: { ...deps.repository, store: dryRunStore(deps.repository.store, () => deps.clock.now()) },
});

/** This machine's clock, unless the store's differs so much that names would mislead people. */
const nameTime = (deps: BackupDeps, storeTime: Date): Date => {
  const now = deps.clock.now();
  return Math.abs(+now - +storeTime) > CLOCK_TOLERANCE_MS ? storeTime : now;
};

function recordOf(
  run: BackupRun,
  end: {
    outcome: RunRecord['outcome'];
    exitCode: number;
    committed?: Committed | undefined;
    error?: RunRecord['error'];
  },
): RunRecord {
  return {
    version: 1,
    run: run.id,
    device: run.deps.repository.device,
    machine: run.deps.machine,
    started: run.startedText,
    ended: run.deps.clock.now().toISOString(),
    outcome: end.outcome,
    exitCode: end.exitCode,
    ...(end.error === undefined ? {} : { error: end.error }),
    ...(end.committed === undefined ? {} : { committed: end.committed.committed }),
    roots: run.job.roots.map((root) => root.catalogPath),
    ...run.summary(),
  };
}

/** Best effort: a snapshot does not need it, and what made a run fail may also keep its record from being written. */
async function putRecord(run: BackupRun, record: RunRecord): Promise<void> {
  const { store, device } = run.deps.repository;
  try {
    await store.create(runRecordKey(device, run.id), [encodeRunRecord(record)]);
  } catch (error) {
    if (!isBackupError(error)) throw error;
    run.deps.report({ type: 'warning', message: `the record of this run could not be written: ${error.message}` });
  }
}

/** What the work comes to; if it fails, the repository is told. */
async function orRecorded<T>(run: BackupRun, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (run.job.dryRun || run.signal.aborted || !canRecord(error)) throw error;
    const [code, message, exitCode] = isBackupError(error)
      ? [error.code, error.message, error.exitCode]
      : ['FAILED', error instanceof Error ? error.message : String(error), 1];
    await putRecord(run, recordOf(run, { outcome: 'failed', exitCode, error: { code, message } }));
    throw error;
  }
}
