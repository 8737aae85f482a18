/** `cost`: what a fleet will cost a month, before it is paid. It needs no repository, no configuration and no network. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BackupError, EXIT_CODES, PRICES, estimateCost, isNodeError, readPriceFile } from '@backup-agent/core';
import type { FleetFigures, Prices, VariantCost } from '@backup-agent/core';
import { measureFleet } from '../../inspect/measure-fleet.ts';
import { repositoryStats } from '../../inspect/repository-stats.ts';
import { expandHome } from '../config/config-file.ts';
import type { CommandContext } from '../context.ts';
import { billTable, figuresTable, onceLines, referenceLine, variantsTable } from '../cost/cost-text.ts';
import type { Table } from '../cost/cost-text.ts';
import { FLEET_ARGS, fleetOf } from '../cost/fleet-arguments.ts';
import { defineCommand } from '../define-command.ts';
import { inspecting } from '../inspecting.ts';
import { formatBytes, formatCountOf } from '../units.ts';

export default defineCommand({
  args: {
    ...FLEET_ARGS,
    prices: { type: 'text', value: 'file', describe: 'prices that differ from the built-in ones, as JSON' },
    fromRepo: {
      type: 'flag',
      describe: 'take what can be measured from the repository: one device, as if all were like it',
    },
  },
  notes:
    'List prices of us-west-2 in USD, before free tiers and discounts; a GB has 1,024 MiB. docs/costs.md says what is counted, and how a file of prices looks.',
  examples: [
    'backup-agent cost --users 40 --gb-per-user 60 --daily-change 0.5',
    'backup-agent cost --from-repo --users 40 --pack-tiering glacier-ir',
  ],
  async run(args, context) {
    const { out } = context;
    const prices = args.prices === undefined ? PRICES : readPrices(args.prices, context);
    // Wrong figures are told before a repository is asked.
    fleetOf(args, {});
    const measured = args.fromRepo ? await measure(context) : undefined;
    const fleet = fleetOf(args, measured === undefined ? {} : { ...measured.figures, users: 1 });
    const variants = estimateCost(fleet.figures, prices);
    const chosen = variantOf(variants, `packs-${fleet.tiering}`);
    const { figures, origins, tiering } = fleet;
    out.json({ figures, origins, packTiering: tiering, measured: measured?.facts ?? null, chosen, variants, prices });
    const show = ({ columns, rows }: Table): void => {
      out.table(columns, rows);
      out.line('');
    };
    if (measured !== undefined)
      for (const line of [...measured.lines, expectation(figures, chosen), '']) out.line(line);
    show(figuresTable(fleet));
    out.line(`${chosen.name}:`);
    show(billTable(chosen));
    for (const line of [...onceLines(chosen), '']) out.line(line);
    show(variantsTable(variants, chosen));
    out.line(referenceLine(variantOf(variants, 'reference'), chosen));
    out.line(origin(args.prices));
    return measured === undefined || measured.damages.length === 0 ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  },
});

const variantOf = (variants: readonly VariantCost[], id: VariantCost['id']): VariantCost =>
  variants.find((variant) => variant.id === id) as VariantCost;

/** To compare with what is stored now. */
const expectation = ({ users, retentionDays, softDeleteDays }: FleetFigures, { storedGb }: VariantCost): string =>
  `  The estimate expects ${formatBytes(users === 0 ? 0 : Math.round((storedGb / users) * 1024 ** 3))} of packs once there are versions of ${retentionDays + softDeleteDays} days.`;

const origin = (file: string | undefined): string =>
  `USD, list prices of us-west-2 before free tiers${file === undefined ? '' : `, and those of ${file}`}; --json shows each with its date and source.`;

function readPrices(name: string, { surroundings: { workingFolder, home } }: CommandContext): Prices {
  const file = path.resolve(workingFolder, expandHome(name, home));
  try {
    return readPriceFile(readFileSync(file, 'utf8'), name);
  } catch (cause) {
    if (isNodeError(cause, 'ENOENT', 'ENOTDIR'))
      throw new BackupError('CONFIG_INVALID', `--prices: there is no file ${file}`, { cause });
    if (isNodeError(cause))
      throw new BackupError('CONFIG_INVALID', `--prices: ${file} cannot be read (${cause.code})`, { cause });
    throw cause;
  }
}

async function measure(context: CommandContext) {
  const { deps, damages } = await inspecting(context);
  const stats = await repositoryStats(deps);
  const { figures, growthDays } = measureFleet(stats);
  const { snapshots, objects, bytesStored, byKind } = stats;
  const { repository } = deps;
  const growth =
    growthDays === undefined
      ? 'its runs are less than a day apart, so the change is assumed'
      : `growth over ${growthDays.toFixed(1)} days`;
  return {
    figures,
    damages,
    facts: {
      device: repository.device,
      repository: repository.store.location,
      snapshots,
      objects,
      bytesStored,
      packs: byKind.data.objects,
      growthDays: growthDays ?? null,
      damaged: damages,
    },
    lines: [
      `Measured: device ${repository.device} in ${repository.store.location}`,
      `  ${formatCountOf(snapshots, 'snapshot')}, ${formatBytes(bytesStored)} stored in ${formatCountOf(objects, 'object')}, ${byKind.data.objects} of them packs of documents; ${growth}`,
    ],
  };
}
