/** docs/costs.md, with the figures that the code gives: `node packages/agent/scripts/costs-document.ts`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  DEFAULT_FIGURES,
  PACK_TIERINGS,
  PRICES,
  PRICE_NAMES,
  STACK_PARTS,
  estimateCost,
  fixedLines,
} from '@backup-agent/core';
import type { VariantCost } from '@backup-agent/core';
import { billTable, figuresTable, onceLines, referenceLine, variantsTable } from '../src/cli/cost/cost-text.ts';
import type { Table } from '../src/cli/cost/cost-text.ts';
import { fleetOf } from '../src/cli/cost/fleet-arguments.ts';

export const COSTS_FILE = path.resolve(import.meta.dirname, '../../../docs/costs.md');

const NOTHING_GIVEN = {
  users: undefined,
  gbPerUser: undefined,
  filesPerUser: undefined,
  dailyChange: undefined,
  retentionDays: undefined,
  softDeleteDays: undefined,
  packTiering: undefined,
  transitionDays: undefined,
  reduction: undefined,
  verifyPacks: undefined,
};

function markdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.trim().replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  return [line(columns.map(({ title }) => title)), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

const PRICE_TABLE: Table = {
  columns: [
    { title: 'name' },
    { title: 'USD', align: 'right' },
    { title: 'for' },
    { title: 'as of' },
    { title: 'source' },
  ],
  rows: PRICE_NAMES.map((name) => {
    const { usd, unit, asOf, source } = PRICES[name];
    return [`\`${name}\``, String(usd), unit, asOf, source];
  }),
};

const EXAMPLE = JSON.stringify(
  { prices: { egress: { ...PRICES.egress, usd: 0.05, asOf: '2027-01', source: 'our contract' } } },
  undefined,
  2,
);

export function costsDocument(): string {
  const variants = estimateCost(DEFAULT_FIGURES, PRICES);
  const find = (id: VariantCost['id']): VariantCost => variants.find((variant) => variant.id === id) as VariantCost;
  const chosen = find('packs-intelligent');
  const fleet = fleetOf(NOTHING_GIVEN, {});
  return `# Costs

\`backup-agent cost\` says what a fleet will cost a month, before it is paid. It needs no repository, no configuration and no network. The figures on this page are what it gives without options; \`packages/agent/scripts/costs-document.ts\` writes the page, and a test compares them.

\`\`\`
backup-agent cost --users 40 --gb-per-user 60 --daily-change 0.5 --retention-days 90
backup-agent cost --pack-tiering glacier-ir --transition-days 7
backup-agent cost --from-repo --users 40        # figures measured from this device's repository
backup-agent cost --prices prices.json          # your own prices
backup-agent cost --json                        # every item of every variant, and every price
\`\`\`

## The default office

${markdown(figuresTable(fleet))}

A GB has 1,024 MiB. The values are options: \`--users\`, \`--gb-per-user\`, \`--files-per-user\`, \`--daily-change\` (percent), \`--retention-days\`, \`--soft-delete-days\`, \`--reduction\` (0.7 is 70 %), \`--verify-packs\`, and \`--pack-tiering\` (${PACK_TIERINGS.join(', ')}) with \`--transition-days\`.

${chosen.name}, in USD:

${markdown(billTable(chosen))}

${onceLines(chosen).join('\n')}

## Side by side

${markdown(variantsTable(variants, chosen))}

**The reference stack** is the usual answer to the same need, which this project set out to replace: a bucket that takes a full copy every night, moves each object to GLACIER_IR on day 7 and to GLACIER on day 14, and expires it by age. "One back" is the price of bringing back all documents of one device, once.

${referenceLine(find('reference'), chosen)}

## How it is computed

The estimate is of the steady state: the oldest version that is kept is as old as it will ever be. With U users, S GB each, F files each, a share c changing in a day, R days of retention, N days until what was removed is purged, a share r left by deduplication and compression, a share w of dead space, and packs of P MiB (1024 / P in a GB):

| item | formula |
|---|---|
| documents, stored | U S r |
| changes of a day, stored | U S r c |
| packs, GB | U S r + U S r w + U S r c (1 + w) (R + N) |
| packs in INTELLIGENT_TIERING | documents and the dead space beside them in the archive tier; a version that was replaced: 30 days frequent, 60 days infrequent, then archive; monitoring for each pack |
| packs moved by a rule after t days | documents in the cold class; what changes: t days of STANDARD, a transition, then max(90, R + N - t) days of the cold class |
| uploads in a month | 30 U (packs of a day, rounded up, + catalog pack + snapshot), 6 requests for a full pack (4 parts of 8 MiB, one to begin, one to complete), and 4 records of run and night |
| listings | 23 for each device and day, and one for each 1,000 objects and night |
| reading | 30 U (R + 3) snapshots and pages, 91 times 30 U records and index segments |
| KMS requests | 10 for each device and day: with a bucket key, their number does not depend on that of objects |
| verify | as many packs in each night as \`--verify-packs\` says: requests, bytes that leave AWS, and retrieval (GLACIER_IR) or 30 days in the frequent and 60 in the infrequent tier (INTELLIGENT_TIERING) |
| nightly job | 4.2 seconds of 512 MiB, an invocation and 3 requests of the queue for each device and night, [as measured](nightly.md#what-a-night-costs) |
| fixed | ${fixedLines(STACK_PARTS)
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(
      ', ',
    )}: what \`pnpm infra:synth\` prints from the same prices, and a test of the stacks compares. Besides, 2 GB of logs |
| first month | that, and the first backup's requests, all documents in the frequent tier (in the infrequent one in months two and three) or waiting to be moved. The most that it can be: older versions are counted as if they were all there already |
| one device back | S r GB that leave AWS, requests, and retrieval |
| changed files | U S (1 + c (R + N)) GB, 30 U F c uploads |
| full copy daily | U S (R + N) GB, or U S (1 + N) under one key; 30 U F uploads |
| the reference stack | 30 U S GB pass through its rules in a month. Each pays for 7 days of STANDARD, 90 days of GLACIER_IR (left after 7), 90 days or more of GLACIER (left after R + 7 - 14), two transitions, and 40 KiB of overhead. Files below 128 KiB (here: by the mean) are never moved |

What is smaller than 128 KiB S3 does not move: such packs are counted in STANDARD in every class.

**What it leaves out**: free tiers (the first 100 GB a month that leave AWS, 10 metrics and 10 alarms, 20,000 KMS requests, 400,000 GB-seconds), taxes, discounts, access logs, Object Lock, AWS Private CA, the catalogs (some thousandths of the documents), and a restore's thawed copies.

**What decides it.** Reading packs back is the largest item that is up to you: what a laptop verifies leaves AWS and is paid by the GB. \`--verify-packs 0\` shows the bill without it. Then come the change rate and what compression leaves: measure them with \`--from-repo\` after two weeks.

## From a repository

\`--from-repo\` measures one device (\`--device\`, or this one) in the repository that \`--repo\` or the configuration names, in a folder or on S3, from listings, snapshots and the index; no document is read. (On S3 with the device's own role or the restore operator's: what an interrupted run left is known only from the ends of its packs.) Without \`--users\` the estimate is for that one device, with it for so many like it. An option given goes before what is measured. The table says which figure is measured and which is assumed.

| figure | measured as |
|---|---|
| documents, files | those of the newest snapshot |
| left by deduplication, compression | bytes of data packs / (documents of the newest snapshot, or different bytes of all snapshots, whichever is more) |
| change in a day | what the runs of the last 30 days have added and is still stored / days / stored documents. It needs runs a day apart; the runs of a first backup that was interrupted count as change |
| pack | mean size of a data pack |

Retention, soft delete, tiering, dead space and verification are not measured, for they are settings: give them.

## Prices

List prices of us-west-2, before free tiers. Each was looked up in a copy of a public page or tool, for AWS's own page fills in its numbers only in a browser. None is from memory, but some are confirmed less well than others: "us-east-1" is the price of that region (every price that was seen for both is the same in both); infracost's are of us-east-1 too. Compare them with your first bill, or with \`aws pricing get-products\`.

${markdown(PRICE_TABLE)}

A file for \`--prices\` holds the rows that differ, under the same names, each with its date and source. The unit must be the one above, so that an amount for a thousand is not taken for one:

\`\`\`json
${EXAMPLE}
\`\`\`
`;
}

if (import.meta.main) writeFileSync(COSTS_FILE, costsDocument());
