/** Puts into one record what a night found and did with a device. */
import type { RunId, SnapshotName } from '../ids.ts';
import { encodePackRanges } from '../format/pack-ranges.ts';
import { NIGHT_LIST_MAX } from '../format/night-result.ts';
import type { NightResult } from '../format/night-result.ts';
import { packText } from '../format/marks.ts';
import type { PackKind } from '../keys.ts';
import type { Repository } from '../repository/repository.ts';
import { deviceText } from './device-text.ts';
import type { DeviceJudgement } from './judge-device.ts';
import type { MarkedPacks } from './mark-packs.ts';
import type { Night } from './night.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import type { PackBook } from './pack-book.ts';
import type { Removal } from './remove-packs.ts';
import type { DeviceSurvey } from './survey-device.ts';

export interface NightWork {
  readonly survey: DeviceSurvey;
  readonly judgement: DeviceJudgement;
  readonly marked: MarkedPacks;
  /** Snapshots that were removed. */
  readonly expired: readonly SnapshotName[];
  readonly removal: Removal;
  readonly verification: NightResult['verification'];
  readonly index: NightResult['index'];
}

const DAY_MS = 24 * 60 * 60_000;
const HOST_LENGTH_MAX = 300;

export function resultOf(repository: Repository, night: Night, work: NightWork): NightResult {
  const { survey, judgement, removal } = work;
  const { freshness, massChange, hold } = judgement;
  const refusal = removal.refusal === undefined ? [] : [{ code: 'REMOVAL_REFUSED', message: removal.refusal }];
  return {
    version: 1,
    night: night.id,
    device: repository.device,
    began: (night.began ?? survey.listed).toISOString(),
    ended: (removal.marks?.listed ?? survey.listed).toISOString(),
    refusals: [...judgement.refusals, ...refusal],
    snapshots: snapshotsPart(survey, work.expired),
    packs: packsPart(work),
    index: work.index,
    verification: work.verification,
    freshness,
    massChange,
    hold,
    uploadedBytes: uploadedBytes(judgement, survey),
    unknownKeys: {
      count: survey.unknownKeys.length,
      examples: survey.unknownKeys.slice(0, NIGHT_LIST_MAX).map((key) => deviceText(key, HOST_LENGTH_MAX)),
    },
  };
}

function snapshotsPart({ snapshots, snapshotCount }: DeviceSurvey, removed: readonly SnapshotName[]) {
  const valid = snapshots?.valid ?? [];
  const finished = valid.filter((snapshot) => snapshot.finished);
  return {
    total: snapshotCount,
    finished: finished.length,
    void: snapshots?.void.length ?? 0,
    damaged: (snapshots?.damaged ?? []).slice(0, NIGHT_LIST_MAX).map(({ key }) => key),
    newest: factsOf(valid[0]),
    newestFinished: factsOf(finished[0]),
    removed: [...removed],
  };
}

const factsOf = (snapshot: NightSnapshot | undefined) =>
  snapshot === undefined
    ? null
    : {
        name: snapshot.name,
        landed: snapshot.landed.toISOString(),
        host: deviceText(snapshot.host, HOST_LENGTH_MAX),
        files: snapshot.totals.files,
        bytes: snapshot.totals.bytes,
      };

function packsPart({ survey: { book, marks }, marked, removal }: NightWork): NightResult['packs'] {
  const newly = new Set([...marked.dead, ...marked.retiring]);
  const [retiring, removed, deferred] = [marked.retiring, removal.removed, removal.deferred].map((n) => new Set(n));
  return {
    data: book.amount((number) => book.packs[number]?.kind === 'data'),
    meta: book.amount((number) => book.packs[number]?.kind === 'meta'),
    marked: book.amount((number) => marks.marks.has(packText(book.packs[number] as never))),
    newlyMarked: book.amount((number) => newly.has(number)),
    retiring: book.amount((number) => retiring?.has(number) === true),
    removed: book.amount((number) => removed?.has(number) === true),
    removedPacks: { data: rangesOf(book, removal.removed, 'data'), meta: rangesOf(book, removal.removed, 'meta') },
    deferred: book.amount((number) => deferred?.has(number) === true),
  };
}

function rangesOf(book: PackBook, numbers: readonly number[], kind: PackKind) {
  const ofRuns = new Map<RunId, number[]>();
  for (const number of numbers) {
    const pack = book.packs[number];
    if (pack?.kind !== kind) continue;
    const ofRun = ofRuns.get(pack.run) ?? [];
    ofRun.push(pack.number);
    ofRuns.set(pack.run, ofRun);
  }
  return encodePackRanges(ofRuns);
}

/** Of the runs that ended within the last day. */
const uploadedBytes = ({ records }: DeviceJudgement, { listed }: DeviceSurvey): number =>
  records
    .filter(({ landed }) => +listed - +landed <= DAY_MS)
    .reduce((sum, { record }) => Math.min(Number.MAX_SAFE_INTEGER, sum + record.bytes.uploaded), 0);
