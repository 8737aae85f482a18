import { createCipheriv, createHash, type Cipheriv } from 'node:crypto';

/** Numbers and bytes that depend on the seed only: the same on every machine, system and version of Node. */
export interface Random {
  /** From 0 inclusive to 1 exclusive. */
  unit(): number;
  /** A whole number from 0 inclusive to `below` exclusive. */
  integer(below: number): number;
  /** Normally distributed. */
  normal(mean: number, deviation: number): number;
  /** Bytes that nothing can compress. */
  bytes(count: number): Buffer;
  /** `count` different items of `items`, in random order; all of them where there are fewer. */
  sample<T>(items: readonly T[], count: number): T[];
}

/**
 * Numbers come from xoshiro128** (Blackman and Vigna, https://prng.di.unimi.it/xoshiro128starstar.c), bytes from an
 * AES-CTR key stream, which is the fastest incompressible source that Node has; both are seeded by SHA-256.
 */
export function createRandom(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest();
  const next = xoshiro128(digest);
  const unit = () => next() / 2 ** 32;
  const integer = (below: number) => Math.floor(unit() * below);
  let keyStream: Cipheriv | undefined;
  return {
    unit,
    integer,
    normal(mean, deviation) {
      const radius = Math.sqrt(-2 * Math.log(1 - unit()));
      return mean + deviation * radius * Math.cos(2 * Math.PI * unit());
    },
    bytes(count) {
      keyStream ??= createCipheriv('aes-128-ctr', digest.subarray(16, 32), Buffer.alloc(16));
      return keyStream.update(Buffer.alloc(count));
    },
    sample(items, count) {
      const rest = [...items];
      const taken = Math.min(count, rest.length);
      for (let at = 0; at < taken; at++) {
        const from = at + integer(rest.length - at);
        [rest[at], rest[from]] = [rest[from]!, rest[at]!];
      }
      return rest.slice(0, taken);
    },
  };
}

function xoshiro128(seed: Buffer): () => number {
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => seed.readInt32LE(at)) as [number, number, number, number];
  return () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled >>> 0;
  };
}

const rotate = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));
