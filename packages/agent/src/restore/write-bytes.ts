/** Writing to an open file, whole or with holes. */
import * as fs from 'node:fs';

/** Files consist of blocks of this size on nearly every file system: smaller holes would save nothing. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Writes all of it at `position`. Throws Node's errors. */
export function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) done += fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}

/**
 * Writes what is not zero. Aligned blocks of zeros are left out: where the file has nothing yet they become holes once
 * the file has its length.
 */
export function writeSparsely(descriptor: number, bytes: Uint8Array, position: number): void {
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    while (at < bytes.length && !isZeroBlock(bytes, at, position)) at = nextBlock(at, position, bytes.length);
    if (at > start) writeAll(descriptor, bytes.subarray(start, at), position + start);
    while (at < bytes.length && isZeroBlock(bytes, at, position)) at += BLOCK_BYTES;
  }
}

/** Where the next block begins after `at`, if the first byte lies at `position` of the file. */
const nextBlock = (at: number, position: number, end: number): number =>
  Math.min(end, at + BLOCK_BYTES - ((position + at) % BLOCK_BYTES));

const isZeroBlock = (bytes: Uint8Array, at: number, position: number): boolean =>
  (position + at) % BLOCK_BYTES === 0 &&
  at + BLOCK_BYTES <= bytes.length &&
  ZEROS.compare(bytes, at, at + BLOCK_BYTES) === 0;
