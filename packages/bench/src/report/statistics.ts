/** The middle of the values, or the mean of the two in the middle. Undefined where there are none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below, above] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return below === undefined || above === undefined ? undefined : (below + above) / 2;
}

export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median and spread. Undefined where there are no values, or any was not measured. */
export function summarise(values: readonly (number | undefined)[]): Figure | undefined {
  const known = values.filter((value) => value !== undefined);
  const middle = median(known);
  if (middle === undefined || known.length < values.length) return undefined;
  return { median: middle, min: Math.min(...known), max: Math.max(...known) };
}

/** How much of the other's figure this one is; undefined where either is missing or the other is 0. */
export function ratio(own: Figure | undefined, other: Figure | undefined): number | undefined {
  return own === undefined || other === undefined || other.median === 0 ? undefined : own.median / other.median;
}
