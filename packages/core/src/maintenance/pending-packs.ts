/**
 * Packs of runs that may still be going on, or will be continued: no snapshot names them yet, and yet they must stay.
 * A first backup may take weeks and many runs.
 */
import { isBackupError } from '../errors.ts';
import type { RunId } from '../ids.ts';
import { runRecordKey } from '../keys.ts';
import { JSON_BYTES_MAX } from '../limits.ts';
import { decodeRunRecord } from '../format/run-record.ts';
import type { Repository } from '../repository/repository.ts';
import { containsRoots } from '../retention/contains-roots.ts';
import type { DeviceSurvey } from './survey-device.ts';

/** Of so many runs without a snapshot the roots are looked up in a night; those of others count as unknown. */
const LOOKUPS_MAX = 200;

/** 1 for every pack that is pending, among those that `isOpen` asks of. */
export async function pendingPacks(
  repository: Repository,
  survey: DeviceSurvey,
  { resumeMs, isOpen }: { readonly resumeMs: number; readonly isOpen: (number: number) => boolean },
): Promise<Uint8Array> {
  const { book, listed, lastWritten } = survey;
  const pending = new Uint8Array(book.packs.length);
  const youngSince = +listed - resumeMs;
  const isActive = lastWritten !== undefined && +lastWritten > youngSince;
  const superseded = new Map<RunId, Promise<Date | undefined>>();
  for (const [number, { run, object }] of book.packs.entries()) {
    if (!isOpen(number)) continue;
    if (+object.modified > youngSince) pending[number] = 1;
    else if (isActive) {
      const landed = superseded.get(run) ?? newestContaining(repository, survey, run, superseded.size < LOOKUPS_MAX);
      superseded.set(run, landed);
      const since = await landed;
      if (since === undefined || object.modified > since) pending[number] = 1;
    }
  }
  return pending;
}

/** When the newest snapshot landed whose roots contain the roots of the run; of an unknown run, any snapshot. */
async function newestContaining(
  repository: Repository,
  survey: DeviceSurvey,
  run: RunId,
  mayLookUp: boolean,
): Promise<Date | undefined> {
  const valid = survey.snapshots?.valid ?? []; // Newest first.
  const ofRun = valid.find((snapshot) => snapshot.run === run)?.roots;
  const roots = ofRun ?? (mayLookUp ? await rootsOf(repository, survey, run) : undefined);
  const newest = roots === undefined ? valid[0] : valid.find((snapshot) => containsRoots(snapshot.roots, roots));
  return newest?.landed;
}

/** From the run's own index segments, or from its record. */
async function rootsOf(
  { store, device }: Repository,
  { index, runs }: DeviceSurvey,
  run: RunId,
): Promise<readonly string[] | undefined> {
  // Compaction and repair state no roots.
  const outline = index.find(
    ({ info, packs }) => (info.made === 'run' || info.made === 'checkpoint') && packs.some((pack) => pack.run === run),
  );
  if (outline !== undefined) return outline.info.roots;
  if (!runs.has(run)) return undefined;
  const key = runRecordKey(device, run);
  try {
    const bytes = await store.find(key, JSON_BYTES_MAX);
    return bytes === undefined ? undefined : decodeRunRecord(bytes, key).roots;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    return undefined;
  }
}
