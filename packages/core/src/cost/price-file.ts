/** A file of somebody's own prices, for `cost --prices`: rows like those of prices.ts, only those that differ. */
import * as z from 'zod';
import { BackupError } from '../errors.ts';
import { PRICES, PRICE_NAMES } from './prices.ts';
import type { Price, PriceName, Prices } from './prices.ts';

/** More would not fit one sentence. */
const PROBLEMS_TOLD = 5;

const text = z.string().min(1).max(300);
const rowSchema = z.strictObject({
  usd: z.number().min(0).max(1_000_000),
  unit: text,
  asOf: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])(-\d{2})?$/, 'must be a month such as 2026-11, or a day'),
  source: text,
});
const fileSchema = z.strictObject({ prices: z.record(z.string(), z.unknown()) });

/** All prices, those of the file before the built-in ones. Throws CONFIG_INVALID: one sentence with what is wrong or missing. */
export function readPriceFile(content: string, file: string): Prices {
  const parsed = fileSchema.safeParse(jsonOf(content, file));
  if (!parsed.success)
    throw invalid(file, ['it must be {"prices": {...}} and nothing else'], 'see the example in docs/costs.md');
  const rows = Object.entries(parsed.data.prices).map(([name, row]) => readRow(name, row));
  const problems = rows.flatMap((row) => row.problems);
  if (problems.length > 0) throw invalid(file, problems);
  if (rows.length === 0) throw invalid(file, ['it holds no prices'], 'see the example in docs/costs.md');
  return { ...PRICES, ...Object.fromEntries(rows.map(({ name, price }) => [name, price])) };
}

function jsonOf(content: string, file: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, '')) as unknown;
  } catch (cause) {
    throw new BackupError('CONFIG_INVALID', `${file} is not JSON`, {
      hint: 'JSON needs double quotes, no comments, and no comma after the last item',
      cause,
    });
  }
}

interface ReadRow {
  readonly name: string;
  readonly price: Price | undefined;
  readonly problems: readonly string[];
}

function readRow(name: string, row: unknown): ReadRow {
  const known = PRICE_NAMES.find((known) => known === name);
  if (known === undefined) return { name, price: undefined, problems: [`there is no price "${name}"`] };
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success)
    return { name, price: undefined, problems: parsed.error.issues.map((issue) => told(name, row, issue)) };
  return { name, price: parsed.data, problems: problemOfUnit(known, parsed.data) };
}

function told(name: string, row: unknown, issue: z.core.$ZodIssue): string {
  const [part] = issue.path;
  if (issue.code === 'unrecognized_keys') return `"${name}" has no "${issue.keys[0]}"`;
  if (part === undefined) return `"${name}" must have usd, unit, asOf and source`;
  if (typeof row === 'object' && row !== null && !(part in row)) return `"${name}" lacks ${String(part)}`;
  const wanted =
    part === 'usd'
      ? 'must be an amount from 0 on'
      : part === 'asOf'
        ? 'must be a month such as 2026-11, or a day'
        : 'must be a text';
  return `${String(part)} of "${name}" ${wanted}`;
}

/** An amount for another unit would silently be wrong by a thousand. */
const problemOfUnit = (name: PriceName, { unit }: Price): string[] =>
  unit === PRICES[name].unit ? [] : [`"${name}" counts by "${PRICES[name].unit}", not by "${unit}"`];

function invalid(
  file: string,
  problems: readonly string[],
  hint = `prices are: ${PRICE_NAMES.join(', ')}`,
): BackupError {
  const more = problems.length - PROBLEMS_TOLD;
  const told = problems.slice(0, PROBLEMS_TOLD).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return new BackupError('CONFIG_INVALID', `${file}: ${told}`, { hint });
}
