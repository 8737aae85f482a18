/** A backup from the first look at the store to the run's record. */
import { BackupError, listUsablePacks } from '@backup-agent/core';
import type { Committed, SnapshotTotals, UsablePacks } from '@backup-agent/core';
import { readDamageNote } from '../state/damage-note.ts';
import { dryRunStore } from './dry-run-store.ts';
import { BackupRun } from './backup-run.ts';
import { commit } from './commit.ts';
import { Healing, keepHealed } from './healing.ts';
import type { BackupDeps, BackupJob, BackupResult } from './job.ts';
import { readJournals, removeJournals } from './journal.ts';
import { findPreviousRoots } from './previous-snapshots.ts';
import { newRunId, orRecorded, putRecord, recordOf } from './record-run.ts';
import { saveTree } from './save-tree.ts';
import type { SavedTree } from './save-tree.ts';
import { TreeBase } from './tree-base.ts';

/** Each pass saves at least one old pack's content into packs of this run, which are too young to be marked. */
const PASSES_MAX = 10;

/**
 * Backs up the job's roots and commits a snapshot.
 * Throws BackupErrors of the store, COMMIT_GIVEN_UP, KEY_CONFLICT; the signal's reason if it was aborted. Whatever it
 * throws, earlier snapshots are untouched and the next run continues from what was uploaded.
 */
export async function runBackup(job: BackupJob, given: BackupDeps): Promise<BackupResult> {
  const deps = job.dryRun ? withoutWrites(given) : given;
  const packs = await listUsablePacks(deps.repository);
  const run = new BackupRun(newRunId(deps, packs.basis), job, deps);
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
  const note = readDamageNote(run.deps.damageFile);
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
      healing: new Healing(note, packs),
      deps: run.deps,
    });
    const tree = await saveTree(run, base);
    run.tellProgress();
    refuseNothing(run, tree);
    if (run.job.dryRun) return { totals: tree.totals, committed: undefined };
    await run.writeIndex(base.untold);
    const outcome = await commit(run, base, tree, attempts);
    if (outcome.outcome === 'committed') {
      report({
        type: 'snapshot-committed',
        name: outcome.committed.snapshot.name,
        key: outcome.committed.committed.key,
      });
      await keepHealed(run, base, outcome.committed.snapshot.name);
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
