/**
 * Sets of packs as ranges per run, `{"<runId>": "0-639,641"}`: a snapshot names its packs so.
 */
import { z } from 'zod';
import { damage } from '../errors.ts';
import { isRunId } from '../ids.ts';
import type { RunId } from '../ids.ts';
import { PACK_NUMBER_MAX } from '../keys.ts';

export type PackRanges = Readonly<Record<RunId, string>>;

export const packRangesSchema: z.ZodType<PackRanges> = z.custom<PackRanges>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([run, text]) => isRunId(run) && typeof text === 'string' && isRanges(text)),
  'not a set of pack ranges',
);

/** Ranges of the numbers per run, runs and numbers ascending. */
export function encodePackRanges(packs: ReadonlyMap<RunId, Iterable<number>>): PackRanges {
  const ranges: Record<string, string> = {};
  for (const run of [...packs.keys()].sort()) {
    const text = encodeRanges([...new Set(packs.get(run))].sort((a, b) => a - b));
    if (text !== '') ranges[run] = text;
  }
  return ranges;
}

/** The numbers per run. Throws OBJECT_DAMAGED for text that encodePackRanges does not make. */
export function decodePackRanges(ranges: PackRanges): Map<RunId, number[]> {
  return new Map(Object.entries(ranges).map(([run, text]) => [run as RunId, decodeRanges(text)]));
}

function encodeRanges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length;) {
    const first = numbers[i] as number;
    let last = first;
    while (numbers[++i] === last + 1) last++;
    parts.push(first === last ? `${first}` : `${first}-${last}`);
  }
  return parts.join(',');
}

function decodeRanges(text: string): number[] {
  if (!isRanges(text)) throw damage(`"${text.slice(0, 80)}" is not a set of pack ranges`);
  const numbers: number[] = [];
  for (const [first, last] of bounds(text)) for (let n = first; n <= last; n++) numbers.push(n);
  return numbers;
}

/** Ascending, not adjacent, within the limit: one set has one text. */
function isRanges(text: string): boolean {
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(text)) return false;
  let previous = -2;
  for (const [first, last] of bounds(text)) {
    if (first <= previous + 1 || last < first || last > PACK_NUMBER_MAX) return false;
    previous = last;
  }
  return true;
}

const bounds = (text: string): [number, number][] =>
  text.split(',').map((part) => {
    const [first, last] = part.split('-').map(Number);
    return [first as number, last ?? (first as number)];
  });
