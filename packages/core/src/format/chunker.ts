/**
 * Content-defined chunking: FastCDC (Xia et al., "FastCDC: a Fast and Efficient Content-Defined Chunking Approach for
 * Data Deduplication", USENIX ATC 2016) with a 32-bit gear hash and normalisation 2. The hash restarts at each cut and
 * skips the minimum, so a chunk depends on nothing before it.
 */
import { createHash } from 'node:crypto';
import { KiB, MiB } from '../limits.ts';

export const CHUNK_BYTES_MIN = 256 * KiB;
export const CHUNK_BYTES_AVERAGE = 1 * MiB;
export const CHUNK_BYTES_MAX = 4 * MiB;

/** Before the average size 22 bits of the hash must be zero, after it 18: cuts gather around the average. */
const MASK_BEFORE_AVERAGE = 0xfffffc00 | 0;
const MASK_AFTER_AVERAGE = 0xffffc000 | 0;

/** table[i] = the first 4 bytes, little-endian, of SHA-256("gear" || byte i). */
const GEAR = new Int32Array(256).map((_, i) =>
  createHash('sha256').update('gear').update(Uint8Array.of(i)).digest().readInt32LE(0),
);

/** SHA-256 of the 1,024 little-endian bytes of the gear table, as repository.json states it. */
export function gearTableHash(): string {
  const bytes = Buffer.alloc(1024);
  GEAR.forEach((value, i) => bytes.writeInt32LE(value, i * 4));
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The length of the chunk that begins at `start`, given bytes up to `end`. If `end` is not the end of the file it must
 * lie at least CHUNK_BYTES_MAX after `start`.
 */
export function chunkLength(bytes: Uint8Array, start: number, end: number): number {
  const available = end - start;
  if (available <= CHUNK_BYTES_MIN) return available;
  const normal = start + Math.min(CHUNK_BYTES_AVERAGE, available);
  const last = start + Math.min(CHUNK_BYTES_MAX, available);
  let at = start + CHUNK_BYTES_MIN;
  let gear = 0;
  while (at < normal) {
    gear = ((gear << 1) + (GEAR[bytes[at++] as number] as number)) | 0;
    if ((gear & MASK_BEFORE_AVERAGE) === 0) return at - start;
  }
  while (at < last) {
    gear = ((gear << 1) + (GEAR[bytes[at++] as number] as number)) | 0;
    if ((gear & MASK_AFTER_AVERAGE) === 0) return at - start;
  }
  return at - start;
}

/** The lengths of all chunks of a whole file's bytes. An empty file has none. */
export function chunkLengths(bytes: Uint8Array): number[] {
  const lengths: number[] = [];
  for (let start = 0; start < bytes.length;) {
    const length = chunkLength(bytes, start, bytes.length);
    lengths.push(length);
    start += length;
  }
  return lengths;
}
