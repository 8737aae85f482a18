/** Marks what no kept snapshot needs and what is to be rewritten, as the next state of the chain. */
import { marksKey } from '../keys.ts';
import { encodeMarks, packText } from '../format/marks.ts';
import type { Repository } from '../repository/repository.ts';
import type { ListedPack } from '../repository/usable-packs.ts';
import type { ObjectStore } from '../store/ports.ts';
import { chooseRetiring } from './choose-retiring.ts';
import type { Night } from './night.ts';
import type { NightSnapshot } from './night-snapshot.ts';
import { pendingPacks } from './pending-packs.ts';
import { planMarks } from './plan-marks.ts';
import type { DeviceSurvey } from './survey-device.ts';

export interface MarkedPacks {
  /** Numbers in the survey's book. */
  readonly dead: readonly number[];
  readonly retiring: readonly number[];
}

export async function markPacks(
  repository: Repository<ObjectStore>,
  night: Night,
  survey: DeviceSurvey,
  kept: readonly NightSnapshot[],
): Promise<MarkedPacks | 'another-was-first'> {
  const { book, marks } = survey;
  const isMarked = Uint8Array.from(book.packs, (pack) => (marks.marks.has(packText(pack)) ? 1 : 0));
  const needed = book.neededBy(kept);
  const pendingAmong = (isOpen: (number: number) => boolean): Promise<Uint8Array> =>
    pendingPacks(repository, survey, { resumeMs: night.settings.resumeMs, isOpen });
  const isFree = (number: number): boolean => isMarked[number] === 0;
  const unneeded = numbersOf(book.packs.length, (number) => needed[number] === 0 && isFree(number));
  const dead = await without(unneeded, pendingAmong);
  const hollow = chooseRetiring({
    book,
    snapshots: survey.snapshots?.valid ?? [],
    marks,
    thresholds: night.settings.retiring,
    mayRetire: (number) =>
      needed[number] === 1 && isFree(number) && isOld(book.packs[number], survey, night.settings.resumeMs),
  });
  const retiring = await without(hollow, pendingAmong);
  const plan = planMarks({ marks, book, dead, retiring });
  if (plan.state === undefined) return { dead, retiring };
  const { store, device } = repository;
  const { outcome } = await store.create(marksKey(device, plan.state.sequence), [encodeMarks(plan.state)]);
  return outcome === 'created' ? { dead, retiring } : 'another-was-first';
}

const isOld = (pack: ListedPack | undefined, { listed }: DeviceSurvey, ms: number): boolean =>
  pack !== undefined && +listed - +pack.object.modified >= ms;

/** Those of these that are not pending. */
async function without(
  numbers: readonly number[],
  pendingAmong: (isOpen: (number: number) => boolean) => Promise<Uint8Array>,
): Promise<number[]> {
  const asked = new Set(numbers);
  const pending = await pendingAmong((number) => asked.has(number));
  return numbers.filter((number) => pending[number] === 0);
}

const numbersOf = (count: number, choose: (number: number) => boolean): number[] =>
  Array.from({ length: count }, (_, number) => number).filter(choose);
