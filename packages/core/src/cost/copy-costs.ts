/** The variants that keep files as they are. */
import { changedFiles, fullCopies, incrementalGb, referenceLifeDays, referenceStack } from './copy-variants.ts';
import type { CostItem } from './cost-item.ts';
import { REFERENCE_PARTS, fixedItems } from './fixed-costs.ts';
import { documentsGb, fileCount, filesCanMove, lifeDays } from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import { withStack } from './pack-costs.ts';
import type { Rates } from './rates.ts';
import { restoreFilesUsd } from './restore-costs.ts';
import { variantCost } from './variant-cost.ts';
import type { VariantCost } from './variant-cost.ts';

/** The reference stack around full copies: they need no nightly job, for a lifecycle rule expires them. */
const withReference = (items: readonly CostItem[], rates: Rates): CostItem[] => [
  ...items,
  ...fixedItems(REFERENCE_PARTS, rates),
];

export const changedFilesCost = (fleet: FleetFigures, rates: Rates): VariantCost =>
  variantCost(fleet, {
    id: 'changed-files',
    name: 'changed files, STANDARD',
    why: 'a changed byte stores its whole file again, and each file is a request',
    storedGb: incrementalGb(fleet),
    items: withStack(fleet, changedFiles(fleet, rates), rates),
    firstMonthMoreUsd: fileCount(fleet) * rates.put,
    restoreDeviceUsd: restoreFilesUsd(fleet, rates),
  });

export const overwrittenCopiesCost = (fleet: FleetFigures, rates: Rates): VariantCost =>
  variantCost(fleet, {
    id: 'full-copies-one-key',
    name: 'full copy daily, overwritten',
    why: `only ${fleet.softDeleteDays} days of history; ${uplink(fleet)}`,
    storedGb: documentsGb(fleet) * (1 + fleet.softDeleteDays),
    items: withReference(fullCopies(fleet, 1 + fleet.softDeleteDays, rates), rates),
    firstMonthMoreUsd: 0,
    restoreDeviceUsd: restoreFilesUsd(fleet, rates),
  });

export const fullCopiesCost = (fleet: FleetFigures, rates: Rates): VariantCost =>
  variantCost(fleet, {
    id: 'full-copies',
    name: 'full copy daily, dated keys',
    why: uplink(fleet),
    storedGb: documentsGb(fleet) * lifeDays(fleet),
    items: withReference(fullCopies(fleet, lifeDays(fleet), rates), rates),
    firstMonthMoreUsd: 0,
    restoreDeviceUsd: restoreFilesUsd(fleet, rates),
  });

export const referenceStackCost = (fleet: FleetFigures, rates: Rates): VariantCost =>
  variantCost(fleet, {
    id: 'reference',
    name: 'the reference stack',
    why: `full copies, ${filesCanMove(fleet) ? 'each object moved twice and expired early' : 'too small to be moved'}; ${uplink(fleet)}`,
    storedGb: documentsGb(fleet) * referenceLifeDays(fleet),
    items: withReference(referenceStack(fleet, rates), rates),
    firstMonthMoreUsd: 0,
    restoreDeviceUsd: restoreFilesUsd(fleet, rates),
  });

const uplink = ({ gbPerUser }: FleetFigures): string =>
  `everybody sends ${Number(gbPerUser.toPrecision(3))} GB every night`;
