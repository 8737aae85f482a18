/** Snapshots as rows of text, and what is decided about them as a map from row to reasons. */
import { decideRetention, makeRunId, snapshotName } from '../../src/index.ts';
import type { RetainedSnapshot, RetentionInput, RetentionPolicy } from '../../src/index.ts';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

/** `2026-11-20 08:00`, of UTC. */
export const utc = (text: string): Date => new Date(`${text.replace(' ', 'T')}:00.000Z`);

/** A name only; the time in it is nobody's. */
export const nameOf = (number: number) =>
  snapshotName(makeRunId(utc('2026-01-01 00:00'), Buffer.from(number.toString(16).padStart(8, '0'), 'hex')), 0);

/** `2026-11-20 08:00 unfinished /a /b #tag`: all but the time may be absent. Without roots it is of `/home`. */
function snapshotOf(row: string, number: number): RetainedSnapshot {
  const [day = '', time = '', ...words] = row.split(' ');
  const roots = words.filter((word) => word.includes('/'));
  return {
    name: nameOf(number),
    landed: utc(`${day} ${time}`),
    finished: !words.includes('unfinished'),
    roots: roots.length === 0 ? ['/home'] : roots,
    tags: words.filter((word) => word.startsWith('#')).map((word) => word.slice(1)),
  };
}

export interface Circumstances {
  readonly listed: string;
  /** Rows that are pinned. */
  readonly pinned?: readonly string[];
  readonly supersededMs?: number;
}

/** By row: its reasons, with `- ` before those of one that goes; names in them are rows. */
export function explain(
  rows: readonly string[],
  policy: RetentionPolicy | undefined,
  { listed, pinned = [], supersededMs = HOUR_MS }: Circumstances,
): Record<string, string> {
  const snapshots = rows.map(snapshotOf);
  const pinnedNames = new Set(pinned.map((row) => nameOf(rows.indexOf(row))));
  const decisions = decideRetention({ snapshots, policy, pinned: pinnedNames, listed: utc(listed), supersededMs });
  const rowOf = new Map(snapshots.map(({ name }, number) => [name as string, rows[number] as string]));
  return Object.fromEntries(
    decisions.map(({ name, keep, reasons }) => [
      rowOf.get(name),
      (keep ? '' : '- ') + reasons.join('; ').replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{8}/g, (other) => `${rowOf.get(other)}`),
    ]),
  );
}

/** The names that stay. */
export const keptBy = (input: RetentionInput): Set<string> =>
  new Set(decideRetention(input).flatMap(({ name, keep }) => (keep ? [name] : [])));
