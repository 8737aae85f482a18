/** What is to be thought of a device before anything of it is touched: the words about it, how it does, and what forbids removal. */
import type { BackupError } from '../errors.ts';
import type { DeviceId, SnapshotName } from '../ids.ts';
import { holdKey } from '../keys.ts';
import { SNAPSHOTS_MAX } from '../limits.ts';
import { HELD_REFUSAL } from '../format/night-result.ts';
import type { NightResult } from '../format/night-result.ts';
import type { RetentionPolicy } from '../format/policy.ts';
import { REASON_LENGTH_MAX, encodeHold } from '../format/words.ts';
import type { Repository } from '../repository/repository.ts';
import { readRunRecords } from '../repository/run-records.ts';
import type { LandedRunRecord } from '../repository/run-records.ts';
import type { ObjectStore } from '../store/ports.ts';
import { freshnessOf } from './freshness.ts';
import { MASS_CHANGE_RECORDS, detectMassChange } from './mass-change.ts';
import { readDeviceWord, readHold, readLastRelease, readPins, readPolicy } from './read-words.ts';
import type { Night } from './night.ts';
import { unlessDamaged } from './survey-device.ts';
import type { DeviceSurvey } from './survey-device.ts';

export interface DeviceJudgement {
  readonly policy: RetentionPolicy | undefined;
  readonly pinned: ReadonlySet<SnapshotName>;
  readonly hold: NightResult['hold'];
  readonly freshness: NightResult['freshness'];
  readonly massChange: NightResult['massChange'];
  readonly records: readonly LandedRunRecord[];
  /** Why nothing may be marked or removed. */
  readonly refusals: NightResult['refusals'];
}

export async function judgeDevice(
  repository: Repository<ObjectStore>,
  night: Night,
  survey: DeviceSurvey,
): Promise<DeviceJudgement> {
  const { store, device } = repository;
  const damages: BackupError[] = survey.marksDamage === undefined ? [] : [survey.marksDamage];
  /** A word that cannot be read forbids everything: it might be the one that keeps it. */
  const readable = async <T extends object>(reading: Promise<T | undefined>): Promise<T | undefined> => {
    const read = await unlessDamaged(reading);
    if (read === undefined || !('damage' in read)) return read;
    damages.push(read.damage);
    return undefined;
  };
  const policy = (await readable(readPolicy(store)))?.word.policy;
  const pinned = (await readable(readPins(store, device))) ?? new Set<SnapshotName>();
  const { records } = await readRunRecords(repository, { newest: MASS_CHANGE_RECORDS });
  const finished = (survey.snapshots?.valid ?? []).filter((snapshot) => snapshot.finished);
  const word = await readable(readHold(store, device));
  const massChange = detectMassChange({
    records,
    snapshots: finished,
    clearedAt: await clearedAt(store, device, word),
  });
  const enrolled = await readable(readDeviceWord(store, device));
  const freshness = freshnessOf({
    newestFinished: finished[0],
    now: survey.listed,
    staleAfterHours: night.settings.staleAfterHours,
    policy,
    records,
    since: enrolled?.landed ?? firstWritten(survey),
  });
  const hold = await holdOf(repository, night, word, massChange, survey);
  return {
    policy,
    pinned,
    hold,
    freshness,
    massChange,
    records,
    refusals: refusalsOf(survey, { policy, hold, damages }),
  };
}

/** What was looked at before is not told again, also if the device is held anew. */
function clearedAt(
  store: ObjectStore,
  device: DeviceId,
  word: Awaited<ReturnType<typeof readHold>>,
): Promise<Date | undefined> | Date | undefined {
  if (word?.word.state === 'released') return word.landed;
  return word === undefined ? undefined : readLastRelease(store, device);
}

/** A device that shows the signs of an attack is held at once, until an administrator has looked. */
async function holdOf(
  { store, device }: Repository<ObjectStore>,
  night: Night,
  word: Awaited<ReturnType<typeof readHold>>,
  { reasons }: NightResult['massChange'],
  { listed }: DeviceSurvey,
): Promise<NightResult['hold']> {
  if (word?.word.state === 'held')
    return { since: word.landed.toISOString(), by: word.word.by, reason: word.word.reason };
  if (reasons.length === 0) return null;
  const since = listed.toISOString();
  const reason = reasons.join('; ').slice(0, REASON_LENGTH_MAX);
  const bytes = encodeHold({ version: 1, written: since, by: HELD_BY, state: 'held', reason });
  // Another delivery of this night may have written it, with another time.
  await store.create(holdKey(device, night.id), [bytes]);
  return { since, by: HELD_BY, reason };
}

const HELD_BY = 'nightly maintenance';

interface Forbidding {
  readonly policy: RetentionPolicy | undefined;
  readonly hold: NightResult['hold'];
  /** Marks and words that cannot be read. */
  readonly damages: readonly BackupError[];
}

function refusalsOf(
  { snapshots, snapshotCount }: DeviceSurvey,
  { policy, hold, damages }: Forbidding,
): NightResult['refusals'] {
  const refusals: { code: string; message: string }[] = [];
  const refuse = (code: string, message: string): void => void refusals.push({ code, message });
  if (snapshots === undefined)
    refuse('TOO_MANY_SNAPSHOTS', `there are ${snapshotCount} snapshots, more than the ${SNAPSHOTS_MAX} that are read`);
  const unreadable = [...damages, ...(snapshots?.damaged ?? []).map(({ error }) => error)];
  for (const { code, message } of unreadable.slice(0, DAMAGED_TOLD_MAX)) refuse(code, message);
  if (policy === undefined && damages.length === 0)
    refuse('NO_POLICY', 'no retention policy is stored, so nothing expires');
  if (hold !== null)
    refuse(HELD_REFUSAL, `on hold since ${hold.since.slice(0, 10)}${hold.reason === '' ? '' : `: ${hold.reason}`}`);
  return refusals;
}

const DAMAGED_TOLD_MAX = 20;

/** When the oldest object landed that is still there. */
function firstWritten({ book, runs }: DeviceSurvey): Date | undefined {
  let first: Date | undefined;
  for (const { modified } of [...book.packs.map(({ object }) => object), ...runs.values()])
    if (first === undefined || modified < first) first = modified;
  return first;
}
