/**
 * Groups new chunks into segments. Compressible and incompressible chunks go to different ones, so that a photo does
 * not spoil the text around it; many small files share one.
 */
import { hash } from 'node:crypto';
import { zstdCompressSync, constants } from 'node:zlib';
import { MiB, SEGMENT_RAW_BYTES_MAX, openSegment, sealSegment } from '@backup-agent/core';
import type { Segment } from '@backup-agent/core';
import type { SaverOptions } from './protocol.ts';

const ID_BYTES = 32;
/** A segment is sealed when it has this much; a chunk that would make it much longer begins the next one. */
const SEGMENT_BYTES = 1 * MiB;
const SEGMENT_BYTES_SOFT_MAX = 1.25 * MiB;
/** What of a chunk decides whether it compresses. */
const SAMPLE_BYTES = 64 * 1024;
/** What is looked at first of each of two places: in text so much suffices, and most chunks are small files of text. */
const GLANCE_BYTES = 128;
/** The histogram counts four such pieces at most. */
const PIECE_BYTES = 4 * 1024;
/** Below this a trial costs more than it can save. */
const TRIAL_BYTES_MIN = 16 * 1024;

export type Emit = (segment: Segment, stored: Uint8Array) => void;

export class SegmentBuilder {
  readonly #compressible: PendingSegment;
  readonly #incompressible: PendingSegment;

  constructor(options: SaverOptions, emit: Emit) {
    this.#compressible = new PendingSegment(options.compressionLevel, options.extraVerify, emit);
    this.#incompressible = new PendingSegment(undefined, options.extraVerify, emit);
  }

  /** Adds a chunk; its bytes are copied. */
  add(id: Uint8Array, bytes: Uint8Array): void {
    (isCompressible(bytes) ? this.#compressible : this.#incompressible).add(id, bytes);
  }

  flush(): void {
    this.#compressible.seal();
    this.#incompressible.seal();
  }
}

class PendingSegment {
  readonly #level: number | undefined;
  readonly #extraVerify: boolean;
  readonly #emit: Emit;
  #raw = Buffer.allocUnsafeSlow(SEGMENT_BYTES_SOFT_MAX);
  #bytes = 0;
  #ids: Uint8Array[] = [];
  #lengths: number[] = [];

  constructor(level: number | undefined, extraVerify: boolean, emit: Emit) {
    this.#level = level;
    this.#extraVerify = extraVerify;
    this.#emit = emit;
  }

  add(id: Uint8Array, bytes: Uint8Array): void {
    if (this.#bytes > 0 && this.#bytes + bytes.length > SEGMENT_BYTES_SOFT_MAX) this.seal();
    if (this.#bytes + bytes.length > this.#raw.length) this.#enlarge(this.#bytes + bytes.length);
    this.#raw.set(bytes, this.#bytes);
    this.#bytes += bytes.length;
    this.#ids.push(id);
    this.#lengths.push(bytes.length);
    if (this.#bytes >= SEGMENT_BYTES) this.seal();
  }

  seal(): void {
    if (this.#lengths.length === 0) return;
    const raw = this.#raw.subarray(0, this.#bytes);
    const ids = new Uint8Array(this.#ids.length * ID_BYTES);
    this.#ids.forEach((id, i) => ids.set(id, i * ID_BYTES));
    const sealed = sealSegment(raw, { ids, lengths: Uint32Array.from(this.#lengths) }, this.#level);
    if (this.#extraVerify) verifySealed(sealed.segment, sealed.stored);
    // Whoever receives it becomes the owner of its memory, so it must not be a view of ours.
    const stored = Uint8Array.prototype.slice.call(sealed.stored);
    if (sealed.stored !== raw) release(sealed.stored);
    this.#bytes = 0;
    this.#ids = [];
    this.#lengths = [];
    this.#emit(sealed.segment, stored);
  }

  #enlarge(bytes: number): void {
    if (bytes > SEGMENT_RAW_BYTES_MAX) throw new Error('a chunk is never longer than a segment may be');
    const larger = Buffer.allocUnsafeSlow(bytes);
    larger.set(this.#raw.subarray(0, this.#bytes));
    this.#raw = larger;
  }
}

/** Reads the segment back as a restore would: a wrong bit in memory or in the compressor must not reach the store. */
function verifySealed(segment: Segment, stored: Uint8Array): void {
  const raw = openSegment(stored, segment, 'a new segment');
  const ids = Buffer.from(segment.ids.buffer, segment.ids.byteOffset, segment.ids.length);
  let at = 0;
  for (const [i, length] of segment.lengths.entries()) {
    // As text: a digest in a buffer of its own takes longer to make than a small chunk to hash.
    const id = hash('sha256', raw.subarray(at, at + length));
    if (id !== ids.toString('hex', i * ID_BYTES, (i + 1) * ID_BYTES))
      throw new Error('a compressed chunk did not come back as it was: the memory of this computer may be faulty');
    at += length;
  }
  release(raw === stored ? undefined : raw);
}

/**
 * Gives the memory of a large buffer back at once: the collector does not know how much hangs on a small object. What
 * is as small as Node's buffer pool may lie in it, beside others' bytes, and is left alone.
 */
export function release(bytes: Uint8Array | undefined): void {
  const memory = bytes?.buffer;
  if (memory instanceof ArrayBuffer && !memory.detached && memory.byteLength > 2 * Buffer.poolSize) memory.transfer(0);
}

const histogram = new Uint32Array(256);

/**
 * Whether compression is worth while. A byte histogram that is far from uniform (chi-squared) says yes at little cost;
 * of the rest a trial on the beginning decides, for repetition does not show in a histogram.
 */
export function isCompressible(bytes: Uint8Array): boolean {
  const sample = bytes.length > SAMPLE_BYTES ? bytes.subarray(0, SAMPLE_BYTES) : bytes;
  if (sample.length < 64) return true;
  if (looksLikeText(sample) || areFarFromUniform(sample, piecesOf(sample.length))) return true;
  if (sample.length < TRIAL_BYTES_MIN) return false;
  const frame = zstdCompressSync(sample, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    pledgedSrcSize: sample.length,
    chunkSize: sample.length + 1024, // All output in one buffer.
  });
  return frame.length < sample.length * 0.97;
}

/** By two small pieces, both of them, away from the beginning: there many photos have a header. */
function looksLikeText(sample: Uint8Array): boolean {
  const third = Math.floor(sample.length / 3);
  if (third < GLANCE_BYTES) return false;
  return [third, 2 * third].every((start) => areFarFromUniform(sample, [[start, start + GLANCE_BYTES]]));
}

/** All of a small sample; of a larger one the middles of its quarters, which tell as much. */
function piecesOf(sampleBytes: number): readonly (readonly [start: number, end: number])[] {
  const quarter = Math.floor(sampleBytes / 4);
  if (quarter <= PIECE_BYTES) return [[0, sampleBytes]];
  return [0, 1, 2, 3].map((i) => {
    const start = i * quarter + Math.floor((quarter - PIECE_BYTES) / 2);
    return [start, start + PIECE_BYTES];
  });
}

function areFarFromUniform(bytes: Uint8Array, pieces: readonly (readonly [start: number, end: number])[]): boolean {
  histogram.fill(0);
  let squares = 0;
  let length = 0;
  for (const [start, end] of pieces) {
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      const count = histogram[byte] as number;
      squares += 2 * count + 1; // (count + 1)^2 - count^2
      histogram[byte] = count + 1;
    }
    length += end - start;
  }
  const chiSquared = (256 * squares) / length - length;
  return chiSquared > 400 + length / 8;
}
