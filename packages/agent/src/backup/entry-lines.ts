/**
 * Catalog lines as a journal holds them: the CRC-32 of the line in 8 hex digits, a space, the line, LF. A thread that
 * makes a line makes it in this form, as bytes, and all that is left to do with it is to copy it.
 */
import { crc32 } from 'node:zlib';

const LF = 0x0a;
const CRC_DIGITS = 8;
const CRC_BYTES = CRC_DIGITS + 1;
/** The most that one UTF-16 unit comes to in UTF-8. */
const UNIT_BYTES_MAX = 3;
const CAPACITY_MIN = 64 * 1024;

/** Collects lines, back to back. */
export class EntryLines {
  #bytes = Buffer.allocUnsafeSlow(CAPACITY_MIN);
  #used = 0;

  /** Bytes so far: where the next line begins. */
  get length(): number {
    return this.#used;
  }

  add(line: string): void {
    this.#reserve(CRC_BYTES + line.length * UNIT_BYTES_MAX + 1);
    const start = this.#used + CRC_BYTES;
    const end = start + this.#bytes.write(line, start, 'utf8');
    this.#bytes.write(`${checksumOf(this.#bytes.subarray(start, end))} `, this.#used, 'latin1');
    this.#bytes[end] = LF;
    this.#used = end + 1;
  }

  /** Adds what `add` has made elsewhere. */
  append(lines: Uint8Array): void {
    this.#reserve(lines.length);
    this.#bytes.set(lines, this.#used);
    this.#used += lines.length;
  }

  /** What was collected, until something is added again; the next line begins anew. */
  take(): Uint8Array {
    const lines = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return lines;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#used + bytes));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}

/** The catalog's own bytes in a line of this form, without the LF. */
export const catalogBytesOf = (line: Uint8Array): Uint8Array => line.subarray(CRC_BYTES, -1);

/** A line of this form as text, without the LF; undefined if it is damaged. */
export function checkedLine(text: string): string | undefined {
  const line = text.slice(CRC_BYTES);
  return text.slice(0, CRC_DIGITS) === checksumOf(line) ? line : undefined;
}

const checksumOf = (line: string | Uint8Array): string => crc32(line).toString(16).padStart(CRC_DIGITS, '0');
