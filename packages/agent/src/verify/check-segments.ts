/** The part of a verification that a worker does: segments of a pack, from their stored bytes to their chunks' hashes. */
import { hash } from 'node:crypto';
import { isBackupError, openSegment } from '@backup-agent/core';
import { release } from '../backup/saver/segment-builder.ts';

const ID_BYTES = 32;

/** A segment, as the pack's directory tells of it, or an index segment if the directory is damaged. */
export interface CheckedSegment {
  readonly offset: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  /** Undefined: not known. */
  readonly crc32: number | undefined;
  /** The chunks' ids back to back, and where each lies in the raw bytes. */
  readonly ids: Uint8Array;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
}

export interface CheckRequest {
  /** A range of the pack, and where in the pack it begins. */
  readonly stored: Uint8Array;
  readonly start: number;
  /** In the range. */
  readonly segments: readonly CheckedSegment[];
}

export interface SegmentProblem {
  /** Position in the request's `segments`. */
  readonly segment: number;
  /** Why it cannot be opened, or that some chunk in it is not what its id says. */
  readonly what: string;
  /** Numbers of the chunks whose bytes are not there. */
  readonly badChunks: readonly number[];
}

/** Empty: all is whole. */
export type CheckReply = readonly SegmentProblem[];

export const checkSegments = ({ stored, start, segments }: CheckRequest): CheckReply =>
  segments.flatMap((segment, i) => {
    const at = segment.offset - start;
    const problem = problemOf(stored.subarray(at, at + segment.storedBytes), segment);
    return problem === undefined ? [] : [{ segment: i, ...problem }];
  });

function problemOf(stored: Uint8Array, segment: CheckedSegment): Omit<SegmentProblem, 'segment'> | undefined {
  const at = `the segment at byte ${segment.offset}`;
  const what = checksumProblem(stored, segment);
  let raw: Uint8Array;
  try {
    raw = openSegment(stored, { rawBytes: segment.rawBytes }, at);
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
    return { what: what ?? without(error.message), badChunks: [...segment.lengths.keys()] };
  }
  const badChunks = [...segment.lengths.keys()].filter((n) => !isWhole(raw, segment, n));
  if (raw.buffer !== stored.buffer) release(raw);
  // A checksum that is wrong over chunks that are right costs nothing, and is damage all the same.
  if (what !== undefined) return { what, badChunks };
  if (badChunks.length === 0) return undefined;
  return { what: `${at} holds chunks with other bytes than their names say`, badChunks };
}

function checksumProblem(stored: Uint8Array, segment: CheckedSegment): string | undefined {
  if (segment.crc32 === undefined) return undefined;
  try {
    openSegment(stored, { rawBytes: stored.length, crc32: segment.crc32 }, `the segment at byte ${segment.offset}`);
    return undefined;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED')) throw error;
    return without(error.message);
  }
}

const without = (message: string): string => message.replace(' is damaged: ', ': ');

function isWhole(raw: Uint8Array, { ids, offsets, lengths }: CheckedSegment, n: number): boolean {
  const offset = offsets[n] as number;
  const chunk = raw.subarray(offset, offset + (lengths[n] as number));
  const id = Buffer.from(ids.buffer, ids.byteOffset + n * ID_BYTES, ID_BYTES);
  return chunk.length === lengths[n] && hash('sha256', chunk, 'buffer').equals(id);
}
