/** What a run record says of change, in the figures that tell documents being edited from documents being encrypted. */
import type { RunId } from '../ids.ts';
import type { RunRecord } from '../format/run-record.ts';
import type { LandedRunRecord } from '../repository/run-records.ts';

export interface ChangeFigures {
  readonly run: RunId;
  readonly landed: Date;
  /** Equal for runs of the same folders. */
  readonly roots: string;
  /** Files that the snapshot before had. */
  readonly known: number;
  /** Of these, those with other content under the same name. */
  readonly changed: number;
  readonly deleted: number;
  /**
   * Of the deleted ones, at most so many came back under another name with new content. Files of a folder that was
   * moved are stored already, so no new chunk is made for them.
   */
  readonly replaced: number;
  readonly created: number;
  readonly chunksNew: number;
  readonly chunksIncompressible: number;
  readonly endings: NonNullable<RunRecord['newEndings']>;
}

/** Undefined for a run without snapshot: what it counted is counted again by the next one. */
export function changeFigures({ landed, record }: LandedRunRecord): ChangeFigures | undefined {
  if (record.outcome !== 'finished' && record.outcome !== 'incomplete') return undefined;
  const { filesNew, filesChanged, filesUnchanged, filesDeleted, filesUnreadable, chunksNew } = record.counts;
  return {
    run: record.run,
    landed,
    roots: rootsKey(record.roots),
    known: filesChanged + filesUnchanged + filesDeleted + filesUnreadable,
    changed: filesChanged,
    deleted: filesDeleted,
    replaced: Math.min(filesDeleted, filesNew, Math.max(0, chunksNew - filesChanged)),
    created: filesNew,
    chunksNew,
    chunksIncompressible: record.counts.chunksIncompressible,
    endings: record.newEndings ?? [],
  };
}

export const rootsKey = (paths: readonly string[]): string => JSON.stringify([...paths].sort());

/** Files whose content was replaced, whatever their names are now. */
export const rewrittenOf = ({ changed, replaced }: ChangeFigures): number => changed + replaced;

/** 0 of nothing is 0. What a device claims may be more than all: then it is all. */
export const shareOf = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.min(1, part / whole));

export const rewrittenShare = (run: ChangeFigures): number => shareOf(rewrittenOf(run), run.known);

export const incompressibleShare = (run: ChangeFigures): number => shareOf(run.chunksIncompressible, run.chunksNew);

/** As if what does not compress had been spread evenly over what was rewritten. */
export const incompressibleRewrittenShare = (run: ChangeFigures): number =>
  rewrittenShare(run) * incompressibleShare(run);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}

export const count = (n: number): string => n.toLocaleString('en-US');
export const files = (n: number): string => `${count(n)} ${n === 1 ? 'file' : 'files'}`;
export const percent = (share: number): string => `${Math.round(share * 100)} %`;
