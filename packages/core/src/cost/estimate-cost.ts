/**
 * What a fleet will cost: in each storage class that packs can lie in, and beside that every other way of backing up,
 * the reference stack's included. Steady state; docs/costs.md says what the formulas are and what they leave out.
 */
import { changedFilesCost, fullCopiesCost, overwrittenCopiesCost, referenceStackCost } from './copy-costs.ts';
import type { FleetFigures } from './fleet-figures.ts';
import { movedPacksCost, referenceTieringCost, standardPacksCost, tieredPacksCost } from './pack-costs.ts';
import type { Prices } from './prices.ts';
import { ratesOf } from './rates.ts';
import type { VariantCost } from './variant-cost.ts';

/** Every variant once: packs first, the reference stack last. The fleet's own is `packs-` and its tiering. */
export function estimateCost(fleet: FleetFigures, prices: Prices): VariantCost[] {
  const rates = ratesOf(prices);
  return [
    tieredPacksCost(fleet, rates),
    standardPacksCost(fleet, rates),
    movedPacksCost('packs-glacier-ir', fleet, rates),
    movedPacksCost('packs-glacier', fleet, rates),
    referenceTieringCost(fleet, rates),
    changedFilesCost(fleet, rates),
    overwrittenCopiesCost(fleet, rates),
    fullCopiesCost(fleet, rates),
    referenceStackCost(fleet, rates),
  ];
}
