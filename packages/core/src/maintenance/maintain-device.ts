/**
 * One night of one device, from top to bottom: look, decide, mark, remove what has been marked for long enough. Any
 * number of nights may run at once and be frozen at will; every step derives from the store anew, so a night that was
 * cut off is continued by the next one. Why nothing is lost: docs/collection.md.
 */
import { BackupError } from '../errors.ts';
import type { ObjectKey, SnapshotName } from '../ids.ts';
import { nightResultKey } from '../keys.ts';
import { JSON_BYTES_MAX } from '../limits.ts';
import { decodeNightResult, encodeNightResult } from '../format/night-result.ts';
import type { NightResult } from '../format/night-result.ts';
import type { Repository } from '../repository/repository.ts';
import { decideRetention } from '../retention/decide-retention.ts';
import type { RetentionDecision } from '../retention/decide-retention.ts';
import type { ObjectStore } from '../store/ports.ts';
import { comparePacks } from './compare-packs.ts';
import { expireSnapshots } from './expire-snapshots.ts';
import { judgeDevice } from './judge-device.ts';
import type { DeviceJudgement } from './judge-device.ts';
import { markPacks } from './mark-packs.ts';
import type { MarkedPacks } from './mark-packs.ts';
import type { Night } from './night.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import { removePacks } from './remove-packs.ts';
import type { Removal } from './remove-packs.ts';
import { resultOf } from './result-of.ts';
import { surveyDevice } from './survey-device.ts';
import type { DeviceSurvey } from './survey-device.ts';
import { tendIndex } from './tend-index.ts';
import { removeOldRecords, removeOldStates } from './tidy-device.ts';

export interface MaintainDeps {
  /** False when the night has to stop soon: it then ends between two requests, and another one goes on. */
  readonly hasTime: () => boolean;
}

export interface MaintainedDevice {
  readonly result: NightResult;
  /** What retention decided of each snapshot, newest first; empty if nothing could be decided. */
  readonly decisions: readonly RetentionDecision[];
}

/** Two nights that both write marks: the later one looks anew. */
const ATTEMPTS_MAX = 10;

/**
 * Throws STOPPED_EARLY if there was no time left, OBJECT_DAMAGED for marks, a hold or a policy that cannot be read, and
 * what the store throws. Without a result nothing is claimed, and the next night begins anew.
 */
export async function maintainDevice(
  repository: Repository<ObjectStore>,
  night: Night,
  deps: MaintainDeps,
): Promise<MaintainedDevice> {
  const done = night.isReported ? await findResult(repository, night) : undefined;
  if (done !== undefined) return { result: done, decisions: [] };
  const mayGoOn = (): void => {
    if (!deps.hasTime()) throw stoppedEarly(repository, night);
  };
  const known = new Map<ObjectKey, NightSnapshot>();
  const { survey, judgement, decisions, marked } = await decideAndMark(repository, night, known, mayGoOn);
  const isFree = judgement.refusals.length === 0;
  const expired = isFree ? await expireSnapshots(repository, survey, decisions, mayGoOn) : [];
  const removal = isFree
    ? await removePacks(repository, { book: survey.book, settings: night.settings, known, mayGoOn })
    : NOTHING_REMOVED;
  mayGoOn();
  const verification = await comparePacks(repository, survey, survey.snapshots?.valid ?? []);
  const index = isFree ? await tendIndex(repository, night, survey) : noIndexWork(survey);
  if (isFree) {
    await removeOldStates(repository, removal.marks);
    await removeOldRecords(repository, night, survey);
  }
  const result = resultOf(repository, night, { survey, judgement, marked, expired, removal, verification, index });
  return { result: night.isReported ? await writeResult(repository, night, result) : result, decisions };
}

interface Decided {
  readonly survey: DeviceSurvey;
  readonly judgement: DeviceJudgement;
  readonly decisions: readonly RetentionDecision[];
  readonly marked: MarkedPacks;
}

/** States of marks are a chain: if another night was first, everything is looked at anew. */
async function decideAndMark(
  repository: Repository<ObjectStore>,
  night: Night,
  known: Map<ObjectKey, NightSnapshot>,
  mayGoOn: () => void,
): Promise<Decided> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    mayGoOn();
    const survey = await surveyDevice(repository, known);
    const judgement = await judgeDevice(repository, night, survey);
    const snapshots = survey.snapshots?.valid ?? [];
    const decisions = decideRetention({
      snapshots,
      policy: judgement.policy,
      pinned: judgement.pinned,
      listed: survey.snapshots?.began ?? survey.listed,
      supersededMs: night.settings.supersededMs,
    });
    if (judgement.refusals.length > 0) return { survey, judgement, decisions, marked: NOTHING_MARKED };
    const kept = keptOf(snapshots, decisions);
    const marked = await markPacks(repository, night, survey, kept);
    if (marked !== 'another-was-first') return { survey, judgement, decisions, marked };
  }
  throw new BackupError('FAILED', `other nights of ${repository.device} kept writing marks, ${ATTEMPTS_MAX} times`, {
    hint: 'one maintenance at a time is enough; the next one goes on',
  });
}

function keptOf(snapshots: readonly NightSnapshot[], decisions: readonly RetentionDecision[]): NightSnapshot[] {
  const goes = new Set<SnapshotName>(decisions.filter(({ keep }) => !keep).map(({ name }) => name));
  return snapshots.filter(({ name }) => !goes.has(name));
}

const NOTHING_MARKED: MarkedPacks = { dead: [], retiring: [] };
const NOTHING_REMOVED: Removal = { removed: [], deferred: [], marks: undefined, refusal: undefined };
const noIndexWork = ({ index, damagedIndex }: DeviceSurvey): NightResult['index'] => ({
  segments: index.length + damagedIndex.length,
  compacted: null,
  removed: [],
});

/** A message may be delivered twice: what another delivery has finished is taken as it is. */
async function findResult({ store, device }: Repository, night: Night): Promise<NightResult | undefined> {
  const key = nightResultKey(night.id, device);
  const bytes = await store.find(key, JSON_BYTES_MAX);
  return bytes === undefined ? undefined : decodeNightResult(bytes, key);
}

async function writeResult(
  { store, device }: Repository<ObjectStore>,
  night: Night,
  result: NightResult,
): Promise<NightResult> {
  const key = nightResultKey(night.id, device);
  const { outcome } = await store.create(key, [encodeNightResult(result)]);
  if (outcome === 'created') return result;
  return decodeNightResult(await store.read(key, JSON_BYTES_MAX), key);
}

const stoppedEarly = ({ device }: Repository, { id }: Night): BackupError =>
  new BackupError('STOPPED_EARLY', `night ${id} ran out of time at device ${device}`, {
    hint: 'nothing is lost; the next delivery or night goes on',
  });
