/**
 * Sets of packs as ranges per run, `{"<runId>": "0-639,641"}`: a snapshot names its packs so.
 */
import * as z from 'zod';
import { damage } from '../errors.ts';
import { isRunId } from '../ids.ts';
import type { RunId } from '../ids.ts';
import { PACK_NUMBER_MAX } from '../keys.ts';
import { SNAPSHOT_PACKS_MAX } from '../limits.ts';

export type PackRanges = Readonly<Record<RunId, string>>;

export const packRangesSchema: z.ZodType<PackRanges> = z.custom<PackRanges>(isPackRanges, 'not a set of pack ranges');

function isPackRanges(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let count = 0;
  for (const [run, text] of Object.entries(value)) {
    const ofRun = isRunId(run) && typeof text === 'string' ? countOf(text) : undefined;
    if (ofRun === undefined) return false;
    count += ofRun;
  }
  return count <= SNAPSHOT_PACKS_MAX;
}

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
  if (countOf(text) === undefined) throw damage(`"${text.slice(0, 80)}" is not a set of pack ranges`);
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [first, last] = boundsOf(part);
    for (let n = first; n <= last; n++) numbers.push(n);
  }
  return numbers;
}

/** How many numbers the text names, or undefined for a text that encodeRanges does not make: one set has one text. */
function countOf(text: string): number | undefined {
  let count = 0;
  let previous = -2;
  for (const part of text.split(',')) {
    if (!RANGE.test(part)) return undefined;
    const [first, last] = boundsOf(part);
    const ascends = first > previous + 1 && last <= PACK_NUMBER_MAX && (first < last || !part.includes('-'));
    if (!ascends) return undefined;
    count += last - first + 1;
    previous = last;
  }
  return count;
}

const RANGE = /^(?:0|[1-9]\d{0,4})(?:-[1-9]\d{0,4})?$/;

function boundsOf(part: string): [first: number, last: number] {
  const [first, last] = part.split('-').map(Number);
  return [first as number, last ?? (first as number)];
}
