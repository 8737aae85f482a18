/**
 * Bytes for golden fixtures: xorshift32 (Marsaglia, "Xorshift RNGs", 2003), four bytes a step, little-endian, so that
 * docs/repository-format.md can describe the generator in one line. `seed` is from 1 to 2^32 - 1.
 */
export function pseudoRandomBytes(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  let state = seed >>> 0;
  for (let at = 0; at < bytes.length; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeUInt32LE((state >>>= 0), at);
  }
  return bytes.subarray(0, length);
}
