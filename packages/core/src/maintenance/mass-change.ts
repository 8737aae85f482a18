/**
 * Whether a device's files change as they do when ransomware is at work: measured against its own last runs, and by its
 * snapshots alone. A device flagged so has its retention frozen until an administrator has looked (docs/anomalies.md).
 */
import type { RunId } from '../ids.ts';
import type { NightResult } from '../format/night-result.ts';
import type { LandedRunRecord } from '../repository/run-records.ts';
import { changeFigures } from './change-figures.ts';
import type { ChangeFigures } from './change-figures.ts';
import { signOfWeek, signsOfRun } from './mass-change-signs.ts';
import { shrunkenSnapshots } from './shrunken-snapshots.ts';
import type { ShrinkableSnapshot } from './shrunken-snapshots.ts';

/** A run is measured against so many before it. */
const BASELINE_RUNS = 14;
/** Runs older than this were looked at by earlier nights. */
const SUSPECT_DAYS = 7;
/** More runs than this are not looked at: a day of one every half an hour. */
const SUSPECTS_MAX = 50;
/** Read so many records of a device, so that the oldest suspect has a whole baseline. */
export const MASS_CHANGE_RECORDS = SUSPECTS_MAX + BASELINE_RUNS;
/** A report needs no more to make a person look. */
const REASONS_MAX = 5;
const DAY_MS = 24 * 3_600_000;

export interface MassChangeInput {
  /** Newest first, at least MASS_CHANGE_RECORDS if there are so many. */
  readonly records: readonly LandedRunRecord[];
  /** Finished ones, newest first. */
  readonly snapshots: readonly ShrinkableSnapshot[];
  /** Store time at which an administrator last released a hold: what landed by then is not looked at again. */
  readonly clearedAt: Date | undefined;
}

/** Reasons, newest first, and the newest run that gives one. Throws nothing, whatever records claim. */
export function detectMassChange({ records, snapshots, clearedAt }: MassChangeInput): NightResult['massChange'] {
  const runs = records.map(changeFigures).filter((figures) => figures !== undefined);
  const suspects = suspectsOf(runs, clearedAt);
  const ofRuns = suspects.flatMap((run, i) => findingsOfRun(run, runs.slice(i + 1)));
  const found = [
    ...ofRuns,
    ...(ofRuns.length > 0 ? [] : weeksOf(suspects).flatMap((week) => findingOfWeek(week, runs))),
    ...shrunkenSnapshots(snapshots, clearedAt),
  ].sort((a, b) => +b.landed - +a.landed);
  return { reasons: found.slice(0, REASONS_MAX).map(({ reason }) => reason), run: found[0]?.run ?? null };
}

interface Finding {
  readonly run: RunId;
  readonly landed: Date;
  readonly reason: string;
}

function suspectsOf(runs: readonly ChangeFigures[], clearedAt: Date | undefined): readonly ChangeFigures[] {
  const since = Math.max(+(runs[0]?.landed ?? 0) - SUSPECT_DAYS * DAY_MS, +(clearedAt ?? -Infinity));
  const end = runs.findIndex(({ landed }) => +landed <= since);
  return runs.slice(0, Math.min(end < 0 ? runs.length : end, SUSPECTS_MAX));
}

const findingsOfRun = (run: ChangeFigures, older: readonly ChangeFigures[]): Finding[] =>
  signsOfRun(run, baselineOf(run, older)).map((sign) => ({ ...run, reason: `run ${run.run}: ${sign}` }));

/** Runs of other folders say nothing about what is usual in these. */
const baselineOf = (run: ChangeFigures, older: readonly ChangeFigures[]): ChangeFigures[] =>
  older.filter(({ roots }) => roots === run.roots).slice(0, BASELINE_RUNS);

/** The suspects by their folders. */
const weeksOf = (suspects: readonly ChangeFigures[]): ChangeFigures[][] => [
  ...Map.groupBy(suspects, ({ roots }) => roots).values(),
];

function findingOfWeek(week: readonly ChangeFigures[], runs: readonly ChangeFigures[]): Finding[] {
  const [newest, oldest] = [week[0], week.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  const reason = signOfWeek(week, baselineOf(oldest, runs.slice(runs.indexOf(oldest) + 1)));
  return reason === undefined ? [] : [{ ...newest, reason }];
}
