/** Removes what only history needs: old states of marks and old run records. */
import { marksKey, runRecordKey } from '../keys.ts';
import type { Marks } from '../repository/marks-chain.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectStore } from '../store/ports.ts';
import type { Night } from './night.ts';
import type { DeviceSurvey } from './survey-device.ts';

/** The newest two states stay: a reader may just be reading the one before. */
export async function removeOldStates(
  { store, device }: Repository<ObjectStore>,
  marks: Marks | undefined,
): Promise<void> {
  for (const sequence of marks?.older.slice(0, -1) ?? []) await store.remove(marksKey(device, sequence));
}

/** The record of a snapshot that is there stays with it: in a copied repository it confirms the snapshot. */
export async function removeOldRecords(
  { store, device }: Repository<ObjectStore>,
  { settings }: Night,
  { runs, snapshots, listed }: DeviceSurvey,
): Promise<void> {
  const kept = new Set((snapshots?.valid ?? []).map(({ run }) => run));
  for (const [run, { modified }] of runs)
    if (!kept.has(run) && +listed - +modified > settings.recordsMs) await store.remove(runRecordKey(device, run));
}
