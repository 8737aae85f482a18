/** An estimate for people: what it rests on, the bill, and the other ways beside it. */
import type { FleetFigures, VariantCost } from '@backup-agent/core';
import type { Column } from '../output/table.ts';
import { formatCount, formatCountOf, formatUsd } from '../units.ts';
import type { Fleet } from './fleet-arguments.ts';

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** Three digits are as much as an estimate knows. */
const rough = (value: number): string =>
  value >= 100 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)));

const FIGURES: readonly (readonly [keyof FleetFigures, string, (value: number) => string])[] = [
  ['users', 'users', formatCount],
  ['gbPerUser', 'documents of each', (gb) => `${rough(gb)} GB`],
  ['filesPerUser', 'files of each', formatCount],
  ['dailyChange', 'change in a day', (share) => `${rough(share * 100)} %`],
  ['retentionDays', 'older versions kept', (days) => formatCountOf(days, 'day')],
  ['softDeleteDays', 'removed ones kept', (days) => `${formatCountOf(days, 'day')} more`],
  ['reduction', 'left by deduplication, compression', (share) => `${rough(share * 100)} %`],
  ['deadSpace', 'dead space in packs', (share) => `${rough(share * 100)} %`],
  ['packMib', 'pack', (mib) => `${rough(mib)} MiB`],
  ['transitionDays', 'moved to a cold class after', (days) => formatCountOf(days, 'day')],
  ['verifiedPacks', 'read back of each in a night', (packs) => formatCountOf(packs, 'pack')],
];

export function figuresTable({ figures, origins, tiering }: Fleet): Table {
  const isMoved = tiering === 'glacier' || tiering === 'glacier-ir';
  return {
    columns: [{ title: 'figure' }, { title: 'value', align: 'right' }, { title: 'is' }],
    rows: FIGURES.filter(([name]) => name !== 'transitionDays' || isMoved).map(([name, title, format]) => [
      title,
      format(figures[name]),
      origins[name],
    ]),
  };
}

/** What is less than half a cent is left out. */
export function billTable({ items, monthlyUsd, perUserUsd }: VariantCost): Table {
  return {
    columns: [{ title: 'item' }, { title: 'USD a month', align: 'right' }],
    rows: [
      ...items.filter(({ usd }) => usd >= 0.005).map(({ name, usd }) => [name, formatUsd(usd)]),
      ['total', formatUsd(monthlyUsd)],
      ...(perUserUsd === undefined ? [] : [['per user', formatUsd(perUserUsd)]]),
    ],
  };
}

export function onceLines({ monthlyUsd, firstMonthUsd, secondMonthUsd, ...restore }: VariantCost): string[] {
  const next =
    secondMonthUsd - monthlyUsd >= 0.005
      ? `, months two and three ${formatUsd(secondMonthUsd)} each, for new documents lie in dearer tiers`
      : '';
  return [
    `First month, with everybody's first backup: at most ${formatUsd(firstMonthUsd)}${next}.`,
    `Bringing back all documents of one device: ${formatUsd(restore.restoreDeviceUsd)}, of all devices: ${formatUsd(restore.restoreFleetUsd)}.`,
  ];
}

export const variantsTable = (variants: readonly VariantCost[], chosen: VariantCost): Table => ({
  columns: [
    { title: 'side by side' },
    { title: 'stored GB', align: 'right' },
    { title: 'a month', align: 'right' },
    { title: 'per user', align: 'right' },
    { title: 'first month', align: 'right' },
    { title: 'one back', align: 'right' },
    { title: 'note' },
  ],
  rows: variants.map((variant) => [
    variant === chosen ? `> ${variant.name}` : `  ${variant.name}`,
    rough(variant.storedGb),
    formatUsd(variant.monthlyUsd),
    variant.perUserUsd === undefined ? '-' : formatUsd(variant.perUserUsd),
    formatUsd(variant.firstMonthUsd),
    formatUsd(variant.restoreDeviceUsd),
    variant.why,
  ]),
});

/** The largest of its items say why. */
const REFERENCE_ITEMS = 3;

export function referenceLine(reference: VariantCost, chosen: VariantCost): string {
  const largest = [...reference.items].sort((a, b) => b.usd - a.usd).slice(0, REFERENCE_ITEMS);
  const parts = largest.filter(({ usd }) => usd >= 0.005).map(({ name, usd }) => `${formatUsd(usd)} ${name}`);
  const most = parts.length === 0 ? '' : `; most of it: ${parts.join(', ')}`;
  return `The reference stack would cost ${formatUsd(reference.monthlyUsd)} a month${timesAsMuch(reference, chosen)}: ${reference.why}${most}.`;
}

/** Nothing where there is nothing to compare with, or where it is the cheaper one. */
function timesAsMuch(reference: VariantCost, chosen: VariantCost): string {
  const times = reference.monthlyUsd / chosen.monthlyUsd;
  if (!Number.isFinite(times) || times < 1) return '';
  return `, ${times >= 10 ? formatCount(Math.round(times)) : times.toFixed(1)} times as much`;
}
