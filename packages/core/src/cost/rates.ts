/** Amounts times prices. */
import type { CostItem } from './cost-item.ts';
import { PRICE_NAMES } from './prices.ts';
import type { PriceName, Prices } from './prices.ts';

/** The price of one: one request, not a thousand. */
export type Rates = Readonly<Record<PriceName, number>>;

/** Units that count by more than one begin with the number. */
export function ratesOf(prices: Prices): Rates {
  const rate = (name: PriceName): number => {
    const [count = '1'] = /^[\d,]+(?= )/.exec(prices[name].unit) ?? [];
    return prices[name].usd / Number(count.replaceAll(',', ''));
  };
  return Object.fromEntries(PRICE_NAMES.map((name) => [name, rate(name)])) as Rates;
}

const TB = 1024;

/** A month in STANDARD, where the price falls with the amount. */
export function standardUsd(gb: number, rates: Rates): number {
  const first = Math.min(gb, 50 * TB);
  const next = Math.min(gb - first, 450 * TB);
  return (
    first * rates.standardFirst50Tb + next * rates.standardNext450Tb + (gb - first - next) * rates.standardOver500Tb
  );
}

/** Parts of what lies in STANDARD, each at the mean price of all. */
export function standardItems(
  parts: readonly { readonly id: CostItem['id']; readonly name: string; readonly gb: number }[],
  rates: Rates,
): CostItem[] {
  const all = parts.reduce((sum, { gb }) => sum + gb, 0);
  const mean = all === 0 ? 0 : standardUsd(all, rates) / all;
  return parts.map(({ id, name, gb }) => ({ id, name, usd: gb * mean }));
}
