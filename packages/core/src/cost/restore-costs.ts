/** What bringing the newest version of a device's documents back costs, once. */
import { packsPerGb } from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import type { Rates } from './rates.ts';
import type { ColdClass } from './pack-variants.ts';
import { rangesOf } from './requests.ts';

export function restorePacksUsd(fleet: FleetFigures, cold: Pick<ColdClass, 'retrieval' | 'get'>, rates: Rates): number {
  const gb = fleet.gbPerUser * fleet.reduction;
  return gb * (rates.egress + (cold.retrieval ?? 0)) + rangesOf(gb, fleet) * cold.get;
}

/** Packs are thawed first, then read like any other. */
export function restoreFrozenPacksUsd(fleet: FleetFigures, rates: Rates): number {
  const gb = fleet.gbPerUser * fleet.reduction;
  const thaw = gb * rates.glacierRetrieval + gb * packsPerGb(fleet) * rates.glacierRetrievalRequest;
  return thaw + restorePacksUsd(fleet, { retrieval: 0, get: rates.get }, rates);
}

export const restoreFilesUsd = ({ gbPerUser, filesPerUser }: FleetFigures, rates: Rates): number =>
  gbPerUser * rates.egress + filesPerUser * rates.get;
