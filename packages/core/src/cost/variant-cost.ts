/** What one way of backing up costs. */
import { sumUsd } from './cost-item.ts';
import type { CostItem } from './cost-item.ts';
import type { PackTiering } from '../store/tiering.ts';
import type { FleetFigures } from './fleet-figures.ts';

export type VariantId =
  | `packs-${PackTiering}`
  | 'packs-reference-tiering'
  | 'changed-files'
  | 'full-copies'
  | 'full-copies-one-key'
  | 'reference';

export interface VariantCost {
  readonly id: VariantId;
  readonly name: string;
  /** What to know before choosing it, without a full stop. */
  readonly why: string;
  /** Stored at a time, in the steady state. */
  readonly storedGb: number;
  /** Of a month in the steady state, fixed costs included. */
  readonly items: readonly CostItem[];
  readonly monthlyUsd: number;
  /** Undefined without users. */
  readonly perUserUsd: number | undefined;
  /** At most: everybody's first backup on the first day, and as many older versions as there will be later. */
  readonly firstMonthUsd: number;
  /** Each of months two and three, the same. */
  readonly secondMonthUsd: number;
  /** All documents of one device, once, and of all devices. */
  readonly restoreDeviceUsd: number;
  readonly restoreFleetUsd: number;
}

export interface VariantDescription extends Pick<
  VariantCost,
  'id' | 'name' | 'why' | 'storedGb' | 'items' | 'restoreDeviceUsd'
> {
  /** What the first month, and each of the two that follow, cost more than a later one. */
  readonly firstMonthMoreUsd: number;
  readonly secondMonthMoreUsd?: number;
}

export function variantCost(
  { users }: FleetFigures,
  { firstMonthMoreUsd, secondMonthMoreUsd = 0, ...variant }: VariantDescription,
): VariantCost {
  const monthlyUsd = sumUsd(variant.items);
  return {
    ...variant,
    monthlyUsd,
    perUserUsd: users === 0 ? undefined : monthlyUsd / users,
    firstMonthUsd: monthlyUsd + firstMonthMoreUsd,
    secondMonthUsd: monthlyUsd + secondMonthMoreUsd,
    restoreFleetUsd: variant.restoreDeviceUsd * users,
  };
}
