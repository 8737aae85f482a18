/** Memory for the files of one job, used again by the next: what they are read into need not be allocated or swept. */
import { readFully } from './file-reader.ts';

/** The largest batch: files of 1 MiB together, and one more that is read whole. What is not touched costs nothing. */
const READ_BUFFER_BYTES = 5 * 1024 * 1024 + 4096;

export class ReadBuffer {
  #bytes = Buffer.alloc(0);
  #used = 0;

  take(length: number): Uint8Array {
    if (this.#used + length > this.#bytes.length) {
      // What was taken before stays with whoever holds it.
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, READ_BUFFER_BYTES));
      this.#used = 0;
    }
    const taken = this.#bytes.subarray(this.#used, this.#used + length);
    this.#used += length;
    return taken;
  }

  reset(): void {
    this.#used = 0;
  }
}

/** A whole small file; `grew` if it is longer than it was when it was opened. */
export function readWhole(
  descriptor: number,
  expected: number,
  into: ReadBuffer,
): { readonly bytes: Uint8Array; readonly grew: boolean } {
  // One byte more than expected tells in the same read whether the file has grown.
  const buffer = into.take(expected + 1);
  const length = readFully(descriptor, buffer, 0);
  return { bytes: buffer.subarray(0, Math.min(length, expected)), grew: length > expected };
}
