/**
 * Paths and names of files as JavaScript strings that lose nothing: each byte that is not part of valid UTF-8 stands
 * as a lone surrogate U+DC80..U+DCFF (PEP 383, "surrogateescape"). Separators are `/` on every system.
 */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Code units from here on do not sort in the order of their UTF-8 bytes. */
const SURROGATES = /[\uD800-\uFFFF]/;

export function pathFromBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return decodeEscaping(bytes); // TextDecoder says only that some byte is wrong, not which.
  }
}

/** The bytes of a path. A surrogate that stands for no byte (Windows allows such names) becomes its WTF-8 bytes. */
export function pathToBytes(path: string): Buffer {
  if (!/[\uD800-\uDFFF]/.test(path)) return Buffer.from(path, 'utf8');
  const parts: Buffer[] = [];
  for (const character of path) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(Buffer.from([code - 0xdc00]));
    else if (code >= 0xd800 && code <= 0xdfff)
      parts.push(Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]));
    else parts.push(Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** Whether the path's bytes are not valid UTF-8. */
export const isEscapedPath = (path: string): boolean => !path.isWellFormed();

/** Order of two names (no `/` in them) by their bytes, unsigned. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  if (!SURROGATES.test(a) && !SURROGATES.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(pathToBytes(a), pathToBytes(b));
}

/** The catalog's order: component by component as unsigned bytes, a prefix first. */
export function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  if (SURROGATES.test(a) || SURROGATES.test(b)) return compareByComponents(a, b);
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === length) return a.length - b.length;
  const left = a.charCodeAt(i);
  const right = b.charCodeAt(i);
  // A component that ends here is a prefix of the other one, so the separator sorts before every character.
  if (left === SLASH) return -1;
  if (right === SLASH) return 1;
  return left - right;
}

const SLASH = 47;

function compareByComponents(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (const [i, name] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const order = compareNames(name, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function decodeEscaping(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : decoder.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** The length of the valid UTF-8 sequence at `at` (The Unicode Standard, table 3-7), or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    const low = i > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (byte < low || byte > high) return 0;
  }
  return length;
}
