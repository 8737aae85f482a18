/** What packs cost in a month, by where they lie; steady, when the oldest version that is kept is `lifeDays` old. */
import type { CostItem } from './cost-item.ts';
import { MONTH_DAYS, churnGb, lifeDays, packParts, packsPerGb, sumOfParts, verifiedGb } from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import { standardItems, standardUsd } from './rates.ts';
import type { Rates } from './rates.ts';
import { monitoringItem, packRequestItems, verifyItems } from './requests.ts';

/** After so many days without being read a pack moves on; read, it begins again. */
const FREQUENT_DAYS = 30;
const INFREQUENT_UNTIL_DAYS = 90;
/** GLACIER_IR and GLACIER charge at least so long. */
export const COLD_DAYS_CHARGED = 90;

export const packStoredGb = (fleet: FleetFigures): number => sumOfParts(packParts(fleet));

export function packsInStandard(fleet: FleetFigures, rates: Rates): CostItem[] {
  const parts = packParts(fleet);
  return [
    ...standardItems(
      [
        { id: 'documents', name: 'documents, the newest version', gb: parts.documents },
        { id: 'changes', name: changesName(fleet), gb: parts.changes },
        { id: 'removed', name: removedName(fleet), gb: parts.removed },
        { id: 'dead-space', name: DEAD_SPACE_NAME, gb: parts.deadSpace },
      ],
      rates,
    ),
    ...packRequestItems(fleet, packStoredGb(fleet), rates),
    ...verifyItems(fleet, rates.get, rates),
  ];
}

/** Documents lie in the archive tier; a version that was replaced ages from the frequent one on. */
export function packsInTiering(fleet: FleetFigures, rates: Rates): CostItem[] {
  const { retentionDays } = fleet;
  const parts = packParts(fleet);
  const perDay = churnGb(fleet) * (1 + fleet.deadSpace);
  const verified = verifiedGb(fleet);
  const { tieringFrequent: frequent, tieringInfrequent: infrequent, tieringArchiveInstant: archive } = rates;
  return [
    { id: 'documents', name: 'documents, the newest version', usd: parts.documents * archive },
    { id: 'changes', name: changesName(fleet), usd: perDay * agedUsd(0, retentionDays, rates) },
    { id: 'removed', name: removedName(fleet), usd: perDay * agedUsd(retentionDays, lifeDays(fleet), rates) },
    { id: 'dead-space', name: DEAD_SPACE_NAME, usd: parts.deadSpace * archive },
    monitoringItem(fleet, sumOfParts(parts), rates),
    ...packRequestItems(fleet, sumOfParts(parts), rates),
    { id: 'verify', name: 'verify: 30 days in the dearer tier', usd: verified * Math.max(0, frequent - archive) },
    {
      id: 'verify-later',
      name: 'verify: 60 days more on the way back',
      usd: verified * 2 * Math.max(0, infrequent - archive),
    },
    ...verifyItems(fleet, rates.get, rates),
  ];
}

/** A GB from one age to another, in days, at the tiers' prices of a month. */
function agedUsd(from: number, to: number, rates: Rates): number {
  const days = (begin: number, end: number): number => Math.max(0, Math.min(to, end) - Math.max(from, begin));
  return (
    days(0, FREQUENT_DAYS) * rates.tieringFrequent +
    days(FREQUENT_DAYS, INFREQUENT_UNTIL_DAYS) * rates.tieringInfrequent +
    days(INFREQUENT_UNTIL_DAYS, Infinity) * rates.tieringArchiveInstant
  );
}

export interface ColdClass {
  readonly storage: number;
  readonly transition: number;
  /** For each GB that is read; undefined: nothing can be read without thawing it, so nothing is read back. */
  readonly retrieval: number | undefined;
  readonly get: number;
  /** Charged for each object besides its bytes. */
  readonly overheadUsd: number;
}

export const glacierIr = (rates: Rates): ColdClass => ({
  storage: rates.glacierIrStorage,
  transition: rates.glacierIrTransition,
  retrieval: rates.glacierIrRetrieval,
  get: rates.glacierIrGet,
  overheadUsd: 0,
});

const GB_OF_KIB = 1 / 1024 ** 2;
/** 32 KiB at the class's own price and 8 KiB at that of STANDARD, a month. */
export const glacierOverheadUsd = (rates: Rates): number =>
  32 * GB_OF_KIB * rates.glacierStorage + 8 * GB_OF_KIB * rates.standardFirst50Tb;

export const glacier = (rates: Rates): ColdClass => ({
  storage: rates.glacierStorage,
  transition: rates.glacierTransition,
  retrieval: undefined,
  get: 0,
  overheadUsd: glacierOverheadUsd(rates),
});

/** A lifecycle rule moves packs after `transitionDays`. What goes earlier than the class allows is charged to the end. */
export function packsMovedByRule(fleet: FleetFigures, cold: ColdClass, rates: Rates): CostItem[] {
  const parts = packParts(fleet);
  const perDay = churnGb(fleet) * (1 + fleet.deadSpace);
  const waitingDays = Math.min(fleet.transitionDays, lifeDays(fleet));
  const movedPerMonth = lifeDays(fleet) > waitingDays ? perDay * MONTH_DAYS : 0;
  const monthsCharged = Math.max(COLD_DAYS_CHARGED, lifeDays(fleet) - waitingDays) / MONTH_DAYS;
  const stored = sumOfParts(parts);
  const verified = cold.retrieval === undefined ? { ...fleet, verifiedPacks: 0 } : fleet;
  return [
    { id: 'documents', name: 'documents, the newest version', usd: parts.documents * cold.storage },
    {
      id: 'changes',
      name: `older and removed versions, ${COLD_DAYS_CHARGED} days or more charged`,
      usd: movedPerMonth * monthsCharged * cold.storage,
    },
    { id: 'waiting', name: `the first ${waitingDays} days in STANDARD`, usd: standardUsd(perDay * waitingDays, rates) },
    { id: 'dead-space', name: DEAD_SPACE_NAME, usd: parts.deadSpace * cold.storage },
    { id: 'transitions', name: 'moving packs', usd: movedPerMonth * packsPerGb(fleet) * cold.transition },
    { id: 'overhead', name: 'overhead of each pack', usd: stored * packsPerGb(fleet) * cold.overheadUsd },
    ...packRequestItems(fleet, stored, rates),
    { id: 'verify', name: 'verify: retrieval', usd: verifiedGb(verified) * (cold.retrieval ?? 0) },
    ...verifyItems(verified, cold.get, rates),
  ];
}

const changesName = ({ retentionDays }: FleetFigures): string => `older versions, ${retentionDays} days`;
const removedName = ({ softDeleteDays }: FleetFigures): string => `removed, kept ${softDeleteDays} more days`;
const DEAD_SPACE_NAME = 'dead space in packs';
