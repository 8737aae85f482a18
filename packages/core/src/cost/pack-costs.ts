/** The variants that keep packs. */
import { referenceTiering } from './copy-variants.ts';
import type { CostItem } from './cost-item.ts';
import { STACK_PARTS, fixedItems, logsItem } from './fixed-costs.ts';
import { MONTH_DAYS, lifeDays, packedGb, packsCanMove, packsPerGb } from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import { nightsItem } from './night-cost.ts';
import {
  COLD_DAYS_CHARGED,
  glacier,
  glacierIr,
  packStoredGb,
  packsInStandard,
  packsInTiering,
  packsMovedByRule,
} from './pack-variants.ts';
import type { ColdClass } from './pack-variants.ts';
import { standardUsd } from './rates.ts';
import type { Rates } from './rates.ts';
import { firstFillUsd } from './requests.ts';
import { restoreFrozenPacksUsd, restorePacksUsd } from './restore-costs.ts';
import { variantCost } from './variant-cost.ts';
import type { VariantCost } from './variant-cost.ts';

/** The stacks of this project around the packs. */
export const withStack = (fleet: FleetFigures, items: readonly CostItem[], rates: Rates): CostItem[] => [
  ...items,
  nightsItem(fleet, rates),
  ...fixedItems(STACK_PARTS, rates),
  logsItem(rates),
];

export function tieredPacksCost(fleet: FleetFigures, rates: Rates): VariantCost {
  const isMoved = packsCanMove(fleet);
  const { tieringFrequent: frequent, tieringInfrequent: infrequent, tieringArchiveInstant: archive } = rates;
  // A new document reaches the archive tier after 90 days, and until then is in the dearer ones.
  const dearer = (tier: number): number => (isMoved ? packedGb(fleet) * Math.max(0, tier - archive) : 0);
  return variantCost(fleet, {
    id: 'packs-intelligent',
    name: 'packs, INTELLIGENT_TIERING',
    why: 'restores at once, no fee for reading, no shortest time',
    storedGb: packStoredGb(fleet),
    items: withStack(fleet, isMoved ? packsInTiering(fleet, rates) : packsInStandard(fleet, rates), rates),
    firstMonthMoreUsd: firstFillUsd(fleet, rates) + dearer(frequent),
    secondMonthMoreUsd: dearer(infrequent),
    restoreDeviceUsd: restorePacksUsd(fleet, { retrieval: 0, get: rates.get }, rates),
  });
}

export const standardPacksCost = (fleet: FleetFigures, rates: Rates): VariantCost =>
  variantCost(fleet, {
    id: 'packs-none',
    name: 'packs, STANDARD',
    why: 'what never changes costs as much as what is new',
    storedGb: packStoredGb(fleet),
    items: withStack(fleet, packsInStandard(fleet, rates), rates),
    firstMonthMoreUsd: firstFillUsd(fleet, rates),
    restoreDeviceUsd: restorePacksUsd(fleet, { retrieval: 0, get: rates.get }, rates),
  });

export function movedPacksCost(
  id: 'packs-glacier-ir' | 'packs-glacier',
  fleet: FleetFigures,
  rates: Rates,
): VariantCost {
  const isFrozen = id === 'packs-glacier';
  const cold = isFrozen ? glacier(rates) : glacierIr(rates);
  const isMoved = packsCanMove(fleet);
  return variantCost(fleet, {
    id,
    name: `packs, ${isFrozen ? 'GLACIER' : 'GLACIER_IR'} after ${fleet.transitionDays} days`,
    why: `${isFrozen ? 'a restore waits for hours, and nothing can be read back to verify it' : 'reading costs by the GB'}; ${breakEven(fleet, cold, rates)}`,
    storedGb: packStoredGb(fleet),
    items: withStack(fleet, isMoved ? packsMovedByRule(fleet, cold, rates) : packsInStandard(fleet, rates), rates),
    firstMonthMoreUsd: firstFillUsd(fleet, rates) + (isMoved ? movingDocumentsUsd(fleet, cold, rates) : 0),
    restoreDeviceUsd: isFrozen ? restoreFrozenPacksUsd(fleet, rates) : restorePacksUsd(fleet, cold, rates),
  });
}

/** Documents wait in STANDARD like all else, and are moved once. */
function movingDocumentsUsd(fleet: FleetFigures, cold: ColdClass, rates: Rates): number {
  const gb = packedGb(fleet);
  const share = Math.min(fleet.transitionDays, MONTH_DAYS) / MONTH_DAYS;
  const waiting = Math.max(0, standardUsd(gb * share, rates) - gb * share * cold.storage);
  return waiting + gb * packsPerGb(fleet) * cold.transition;
}

/** With a STANDARD that costs nothing no class pays. */
function breakEven(fleet: FleetFigures, cold: ColdClass, rates: Rates): string {
  const days = breakEvenDays(fleet, cold, rates);
  if (!Number.isFinite(days)) return 'never pays';
  const stays = Math.max(0, lifeDays(fleet) - fleet.transitionDays);
  return `pays where a pack stays ${days.toFixed(1)} days or more (older versions: ${stays})`;
}

/** For how many days a pack would have to stay in STANDARD to cost as much as the shortest stay in the cold class. */
export const breakEvenDays = (fleet: Pick<FleetFigures, 'packMib'>, cold: ColdClass, rates: Rates): number =>
  (((COLD_DAYS_CHARGED / MONTH_DAYS) * cold.storage + packsPerGb(fleet) * cold.transition) * MONTH_DAYS) /
  rates.standardFirst50Tb;

export const referenceTieringCost = (fleet: FleetFigures, rates: Rates): VariantCost =>
  variantCost(fleet, {
    id: 'packs-reference-tiering',
    name: "packs, the reference stack's rules",
    why: 'each move pays for 90 days; expiry by age destroys what does not change',
    storedGb: packStoredGb(fleet),
    items: withStack(fleet, referenceTiering(fleet, rates), rates),
    firstMonthMoreUsd: firstFillUsd(fleet, rates),
    restoreDeviceUsd: restoreFrozenPacksUsd(fleet, rates),
  });
