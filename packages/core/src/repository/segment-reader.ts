/**
 * Reads segments of packs by coalesced ranged reads, several at once, in the order they are asked for. Memory is
 * bounded by ranges at once times the length of a range.
 */
import { isBackupError } from '../errors.ts';
import type { BackupError } from '../errors.ts';
import { packKey } from '../keys.ts';
import type { PackPlace } from '../keys.ts';
import { KiB, MiB } from '../limits.ts';
import { mapConcurrent } from './map-concurrent.ts';
import type { Repository } from './repository.ts';

/** A segment asked for. Callers add what they need to know when its bytes arrive. */
export interface SegmentRequest {
  readonly pack: PackPlace;
  readonly segmentOffset: number;
  readonly storedBytes: number;
}

export interface ReadSegment<Request extends SegmentRequest> {
  readonly request: Request;
  /**
   * The stored bytes, not verified, valid until the next segment is asked for; or why there are none (OBJECT_MISSING,
   * OBJECT_DAMAGED, OBJECT_ARCHIVED).
   */
  readonly stored: Buffer | BackupError;
}

/** To read over a gap is cheaper than another request up to about this many bytes. */
const GAP_BYTES_MAX = 256 * KiB;
const RANGE_BYTES_MAX = 4 * MiB;
const RANGES_AT_ONCE = 4;

/** Yields every segment once, in the order of the requests: neighbours in a pack should follow each other. */
export async function* readSegments<Request extends SegmentRequest>(
  repository: Repository,
  requests: Iterable<Request>,
): AsyncGenerator<ReadSegment<Request>> {
  const read = (range: readonly Request[]) => readRange(repository, range);
  for await (const { segments, bytes } of mapConcurrent(coalesce(requests), RANGES_AT_ONCE, read)) {
    yield* segments;
    giveBack(bytes);
  }
}

/** Below this size, buffers may share their memory with others. */
const SHARED_BYTES_MAX = 128 * KiB;

/**
 * Frees a large buffer at once: until the next garbage collection, buffers that nobody uses any more would be most of a
 * reader's memory. Whoever calls this owns the buffer.
 */
export function giveBack(bytes: Uint8Array | undefined): void {
  if (bytes === undefined || bytes.length < SHARED_BYTES_MAX || bytes.length !== bytes.buffer.byteLength) return;
  if (bytes.buffer instanceof ArrayBuffer && !bytes.buffer.detached) bytes.buffer.transfer(0);
}

interface ReadRange<Request extends SegmentRequest> {
  readonly segments: readonly ReadSegment<Request>[];
  readonly bytes?: Buffer;
}

/** Groups of segments to be read by one request each. */
export function* coalesce<Request extends SegmentRequest>(requests: Iterable<Request>): Generator<Request[]> {
  let range: Request[] = [];
  let start = 0;
  let end = 0;
  for (const request of requests) {
    const requestEnd = request.segmentOffset + request.storedBytes;
    const adjoins =
      range.length > 0 &&
      range[0]?.pack.kind === request.pack.kind &&
      range[0].pack.run === request.pack.run &&
      range[0].pack.number === request.pack.number &&
      request.segmentOffset >= end &&
      request.segmentOffset - end <= GAP_BYTES_MAX &&
      requestEnd - start <= RANGE_BYTES_MAX;
    if (!adjoins) {
      if (range.length > 0) yield range;
      range = [];
      start = request.segmentOffset;
    }
    range.push(request);
    end = requestEnd;
  }
  if (range.length > 0) yield range;
}

async function readRange<Request extends SegmentRequest>(
  repository: Repository,
  range: readonly Request[],
): Promise<ReadRange<Request>> {
  const first = range[0] as Request;
  const last = range.at(-1) as Request;
  const start = first.segmentOffset;
  try {
    const length = last.segmentOffset + last.storedBytes - start;
    const key = packKey(repository.device, first.pack);
    const bytes = length === 0 ? Buffer.alloc(0) : await repository.store.readRange(key, start, length);
    const segments = range.map((request) => {
      const at = request.segmentOffset - start;
      return { request, stored: bytes.subarray(at, at + request.storedBytes) };
    });
    return { segments, bytes };
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_MISSING', 'OBJECT_DAMAGED', 'OBJECT_ARCHIVED')) throw error;
    if (range.length === 1 || error.code !== 'OBJECT_DAMAGED')
      return { segments: range.map((request) => ({ request, stored: error })) };
    // The pack ends before the range does: what lies before its end can still be read.
    const segments: ReadSegment<Request>[] = [];
    for (const request of range) segments.push(...(await readRange(repository, [request])).segments);
    return { segments };
  }
}
