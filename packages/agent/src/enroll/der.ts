/**
 * The few forms of DER that a certificate request consists of, written only: what others encoded is left to
 * `node:crypto`. Each function returns a whole value, with tag and length.
 */

const TAG = { integer: 0x02, bitString: 0x03, null: 0x05, oid: 0x06, utf8String: 0x0c, sequence: 0x30, set: 0x31 };

export const derSequence = (...parts: readonly Uint8Array[]): Buffer => encode(TAG.sequence, Buffer.concat(parts));

/** A set of one: more would have to be sorted. */
export const derSetOf = (only: Uint8Array): Buffer => encode(TAG.set, only);

/** A whole number that fits into 7 bits. */
export const derSmallInteger = (value: number): Buffer => encode(TAG.integer, Buffer.from([value & 0x7f]));

export const derNull = (): Buffer => encode(TAG.null, Buffer.alloc(0));

export const derUtf8String = (text: string): Buffer => encode(TAG.utf8String, Buffer.from(text, 'utf8'));

/** Whole bytes: the first content byte counts unused bits. */
export const derBitString = (bytes: Uint8Array): Buffer => encode(TAG.bitString, Buffer.from([0, ...bytes]));

/** `[number] IMPLICIT` of something constructed. */
export const derTagged = (number: number, content: Uint8Array): Buffer => encode(0xa0 | number, content);

/** From its dotted form. */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return encode(TAG.oid, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

/** Seven bits a byte, the highest first; all but the last have the top bit set. */
function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80);
  return digits;
}

function encode(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

/** Up to 127 in one byte; else how many bytes follow, and these. */
function lengthOf(bytes: number): number[] {
  if (bytes < 0x80) return [bytes];
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
}
