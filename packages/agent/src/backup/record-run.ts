/** A run's name, and its record: what the repository is told of its end, whatever it was. */
import { encodeRunRecord, isBackupError, makeRunId, runRecordKey } from '@backup-agent/core';
import type { Committed, RunId, RunRecord } from '@backup-agent/core';
import { canRecord } from './backup-run.ts';
import type { BackupRun } from './backup-run.ts';
import type { BackupDeps } from './job.ts';

/** A clock further off than this does not name runs. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** `storeTime`: of the first answer. */
export const newRunId = (deps: BackupDeps, storeTime: Date): RunId =>
  makeRunId(nameTime(deps, storeTime), deps.random(4));

/** This machine's clock, unless the store's differs so much that names would mislead people. */
function nameTime({ clock }: BackupDeps, storeTime: Date): Date {
  const now = clock.now();
  return Math.abs(+now - +storeTime) > CLOCK_TOLERANCE_MS ? storeTime : now;
}

export function recordOf(
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
export async function putRecord(run: BackupRun, record: RunRecord): Promise<void> {
  const { store, device } = run.deps.repository;
  try {
    await store.create(runRecordKey(device, run.id), [encodeRunRecord(record)]);
  } catch (error) {
    if (!isBackupError(error)) throw error;
    run.deps.report({ type: 'warning', message: `the record of this run could not be written: ${error.message}` });
  }
}

/** What the work comes to; if it fails, the repository is told. */
export async function orRecorded<T>(run: BackupRun, work: Promise<T>): Promise<T> {
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
