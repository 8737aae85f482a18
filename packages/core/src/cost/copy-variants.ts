/** What other ways of backing up would cost in a month, with a file as one object: no packs, no deduplication. */
import type { CostItem } from './cost-item.ts';
import {
  MONTH_DAYS,
  churnGb,
  documentsGb,
  fileCount,
  filesCanMove,
  filesPerGb,
  lifeDays,
  packParts,
  packedGb,
  packsCanMove,
  packsPerGb,
} from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import { COLD_DAYS_CHARGED, glacierOverheadUsd } from './pack-variants.ts';
import { standardItems, standardUsd } from './rates.ts';
import type { Rates } from './rates.ts';
import { kmsItem, listItem, packRequestItems } from './requests.ts';

/** Changed files under new keys, with the right retention. */
export const incrementalGb = (fleet: FleetFigures): number =>
  documentsGb(fleet) * (1 + fleet.dailyChange * lifeDays(fleet));

export function changedFiles(fleet: FleetFigures, rates: Rates): CostItem[] {
  const changedPerDay = documentsGb(fleet) * fleet.dailyChange;
  return [
    ...standardItems(
      [
        { id: 'documents', name: 'documents, the newest version', gb: documentsGb(fleet) },
        { id: 'changes', name: `older versions, ${fleet.retentionDays} days`, gb: changedPerDay * fleet.retentionDays },
        {
          id: 'removed',
          name: `removed, kept ${fleet.softDeleteDays} more days`,
          gb: changedPerDay * fleet.softDeleteDays,
        },
      ],
      rates,
    ),
    { id: 'put', name: 'uploads', usd: fileCount(fleet) * fleet.dailyChange * MONTH_DAYS * rates.put },
    listItem(fileCount(fleet) * (1 + fleet.dailyChange * fleet.retentionDays), rates),
    kmsItem(fleet, rates),
  ];
}

/** Every file every day; `copies`: as many as there are at a time. */
export const fullCopies = (fleet: FleetFigures, copies: number, rates: Rates): CostItem[] => [
  { id: 'documents', name: `${copies} copies of everything`, usd: standardUsd(documentsGb(fleet) * copies, rates) },
  uploadsOfAll(fleet, rates),
  kmsItem(fleet, rates),
];

const uploadsOfAll = (fleet: FleetFigures, rates: Rates): CostItem => ({
  id: 'put',
  name: 'uploads',
  usd: fileCount(fleet) * MONTH_DAYS * rates.put,
});

/** The lifecycle rules of the reference stack: two moves, and expiry by age. */
const REFERENCE = { glacierIrFromDay: 7, glacierFromDay: 14, noncurrentDays: 7 } as const;
/** From the upload to the last byte's end: the expiry makes a version noncurrent, then it is purged. */
export const referenceLifeDays = ({ retentionDays }: FleetFigures): number => retentionDays + REFERENCE.noncurrentDays;

/** Full copies under dated keys with those rules; small files are never moved. */
export function referenceStack(fleet: FleetFigures, rates: Rates): CostItem[] {
  const perMonth = documentsGb(fleet) * MONTH_DAYS;
  const upload = [uploadsOfAll(fleet, rates), kmsItem(fleet, rates)];
  if (!filesCanMove(fleet)) {
    const stored = documentsGb(fleet) * referenceLifeDays(fleet);
    return [
      { id: 'documents', name: 'in STANDARD, for the files are too small to move', usd: standardUsd(stored, rates) },
      ...upload,
    ];
  }
  return [...referenceLife(fleet, perMonth, filesPerGb(fleet), rates), ...upload];
}

/** The same rules over packs of changes. Documents that do not change would be destroyed by the expiry. */
export function referenceTiering(fleet: FleetFigures, rates: Rates): CostItem[] {
  const perMonth = churnGb(fleet) * (1 + fleet.deadSpace) * MONTH_DAYS;
  const life = packsCanMove(fleet)
    ? referenceLife(fleet, perMonth, packsPerGb(fleet), rates)
    : [
        {
          id: 'changes' as const,
          name: 'in STANDARD',
          usd: perMonth * (referenceLifeDays(fleet) / MONTH_DAYS) * rates.standardFirst50Tb,
        },
      ];
  const stored = packParts(fleet).documents + packParts(fleet).changes;
  return [
    { id: 'documents', name: 'documents, the newest version', usd: packedGb(fleet) * rates.glacierStorage },
    ...life,
    ...packRequestItems(fleet, stored, rates),
  ];
}

/** What passes through the rules in a month, each GB paying for its whole life. */
function referenceLife(fleet: FleetFigures, gb: number, objectsPerGb: number, rates: Rates): CostItem[] {
  const life = referenceLifeDays(fleet);
  const { glacierIrFromDay, glacierFromDay } = REFERENCE;
  const glacierDays = Math.max(0, life - glacierFromDay);
  const charged = Math.max(COLD_DAYS_CHARGED, glacierDays) / MONTH_DAYS;
  const isMovedOnce = life > glacierIrFromDay ? 1 : 0;
  const isMovedTwice = life > glacierFromDay ? 1 : 0;
  const glacierIrUsd = (COLD_DAYS_CHARGED / MONTH_DAYS) * rates.glacierIrStorage;
  const moves = isMovedOnce * rates.glacierIrTransition + isMovedTwice * rates.glacierTransition;
  const overhead = overheadOf(glacierDays, charged, rates);
  return [
    {
      id: 'waiting',
      name: `the first ${glacierIrFromDay} days in STANDARD`,
      usd: standardUsd((gb * Math.min(glacierIrFromDay, life)) / MONTH_DAYS, rates),
    },
    {
      id: 'changes',
      name: `in cold classes, ${COLD_DAYS_CHARGED} days charged for each of two`,
      usd: gb * (isMovedOnce * glacierIrUsd + isMovedTwice * charged * rates.glacierStorage),
    },
    { id: 'transitions', name: 'moving every object twice', usd: gb * objectsPerGb * moves },
    { id: 'overhead', name: 'overhead of each object', usd: gb * objectsPerGb * isMovedTwice * overhead },
  ];
}

/** The part at the cold price is charged as long as the object, that in STANDARD as long as it is there. */
function overheadOf(glacierDays: number, monthsCharged: number, rates: Rates): number {
  const standard = (8 / 1024 ** 2) * rates.standardFirst50Tb;
  return (glacierOverheadUsd(rates) - standard) * monthsCharged + (standard * glacierDays) / MONTH_DAYS;
}
