/**
 * The work of a saver thread: read, cut, hash, claim, compress. A chunk is stored by the thread whose claim the main
 * thread grants; while a claim is under way the thread goes on with its next job.
 */
import { hash } from 'node:crypto';
import { CHUNK_BYTES_MAX, chunkLength, chunkLengths, findChunk } from '@backup-agent/core';
import type { SharedChunkIds } from '@backup-agent/core';
import { REREADS_MAX, readFully, sameFile, statOf, withOpenFile } from './file-reader.ts';
import { SLICE_BYTES, WHOLE_FILE_BYTES_MAX } from './protocol.ts';
import type {
  CutResult,
  FileToSave,
  RangeResult,
  WholeFile,
  SaverOptions,
  SaverReply,
  SaverRequest,
} from './protocol.ts';
import { SegmentBuilder } from './segment-builder.ts';

const ID_BYTES = 32;

/** A chunk that the table of known chunks lacks. */
interface UnknownChunk {
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

export class Saver {
  readonly #reply: (reply: SaverReply) => void;
  readonly #segments: SegmentBuilder;
  readonly #claims = new Map<number, (mine: Uint8Array) => void>();
  #known: SharedChunkIds | undefined;
  #nextClaim = 0;
  /** Jobs that wait for a claim; a flush comes after them. */
  readonly #waiting = new Set<Promise<void>>();
  /** Read buffers that no job uses. */
  readonly #idle: ReadBuffer[] = [];
  /** For slices to cut; most runs see no file that large. */
  #slice: Buffer | undefined;

  constructor(options: SaverOptions, reply: (reply: SaverReply) => void) {
    this.#reply = reply;
    this.#segments = new SegmentBuilder(options, (segment, stored) => reply({ type: 'segment', segment, stored }));
  }

  async handle(request: SaverRequest): Promise<void> {
    switch (request.type) {
      case 'known':
        this.#known = request.table;
        return;
      case 'granted':
        this.#claims.get(request.claim)?.(request.mine);
        this.#claims.delete(request.claim);
        return;
      case 'files':
        return this.#tracked(this.#saveFiles(request.job, request.files));
      case 'cut':
        this.#reply({ type: 'cut-done', job: request.job, result: this.#cut(request.file, request.offset) });
        return;
      case 'range':
        return this.#tracked(this.#saveRange(request.job, request.file, request.offset, request.lengths));
      case 'flush':
        await Promise.all(this.#waiting);
        this.#segments.flush();
        this.#reply({ type: 'flushed', job: request.job });
    }
  }

  async #tracked(work: Promise<void>): Promise<void> {
    this.#waiting.add(work);
    try {
      await work;
    } finally {
      this.#waiting.delete(work);
    }
  }

  async #saveFiles(job: number, files: readonly FileToSave[]): Promise<void> {
    const unknown: UnknownChunk[] = [];
    const buffer = this.#idle.pop() ?? new ReadBuffer();
    const saved = files.map((file) => this.#saveFile(file, buffer, unknown));
    await this.#store(unknown);
    this.#release(buffer);
    this.#reply({ type: 'files-saved', job, files: saved });
  }

  #saveFile(file: FileToSave, buffer: ReadBuffer, unknown: UnknownChunk[]): WholeFile {
    for (let attempt = 0; ; attempt++) {
      const chunks: UnknownChunk[] = [];
      const saved = withOpenFile(file, (descriptor, before): WholeFile => {
        if (before.bytes > WHOLE_FILE_BYTES_MAX) return { ticket: file.ticket, outcome: 'large' };
        const { bytes, grew } = readWhole(descriptor, before.bytes, buffer);
        const after = statOf(descriptor) ?? before;
        const ids = this.#hashChunks(bytes, chunkLengths(bytes), chunks);
        const changed = grew || bytes.length !== before.bytes || !sameFile(before, after);
        return { ticket: file.ticket, outcome: 'saved', stat: { ...after, bytes: bytes.length }, ids, changed };
      });
      if (saved.outcome === 'saved' && saved.changed && attempt < REREADS_MAX) continue;
      unknown.push(...chunks);
      return saved;
    }
  }

  /** The chunks that begin in the slice at `offset`; the last one of the file too, if the file ends in it. */
  #cut(file: FileToSave, offset: number): CutResult {
    return withOpenFile(file, (descriptor, stat): CutResult => {
      this.#slice ??= Buffer.allocUnsafeSlow(SLICE_BYTES);
      const slice = this.#slice.subarray(0, Math.max(0, stat.bytes - offset));
      const length = readFully(descriptor, slice, offset);
      const atEnd = offset + length >= stat.bytes;
      const lengths: number[] = [];
      let start = 0;
      while (start < length && (atEnd || length - start >= CHUNK_BYTES_MAX)) {
        const chunk = chunkLength(slice, start, length);
        lengths.push(chunk);
        start += chunk;
      }
      return { outcome: 'cut', stat, lengths };
    });
  }

  async #saveRange(job: number, file: FileToSave, offset: number, lengths: readonly number[]): Promise<void> {
    const unknown: UnknownChunk[] = [];
    const buffer = this.#idle.pop() ?? new ReadBuffer();
    const result = withOpenFile(file, (descriptor, before): RangeResult => {
      const bytes = buffer.take(lengths.reduce((sum, length) => sum + length, 0));
      const length = readFully(descriptor, bytes, offset);
      const ids = this.#hashChunks(bytes.subarray(0, length), cutShort(lengths, length), unknown);
      const after = statOf(descriptor) ?? before;
      return { outcome: 'saved', stat: after, ids, bytes: length, changed: !sameFile(before, after) };
    });
    await this.#store(unknown);
    this.#release(buffer);
    this.#reply({ type: 'range-saved', job, result });
  }

  #release(buffer: ReadBuffer): void {
    buffer.reset();
    this.#idle.push(buffer);
  }

  /** The ids of these chunks, and into `unknown` those that are not known to be stored. */
  #hashChunks(bytes: Uint8Array, lengths: readonly number[], unknown: UnknownChunk[]): Uint8Array {
    const ids = new Uint8Array(lengths.length * ID_BYTES);
    let start = 0;
    for (const [i, length] of lengths.entries()) {
      const chunk = bytes.subarray(start, start + length);
      const id = hash('sha256', chunk, 'buffer');
      ids.set(id, i * ID_BYTES);
      if (this.#known === undefined || findChunk(this.#known, id) < 0) unknown.push({ id, bytes: chunk });
      start += length;
    }
    return ids;
  }

  /** Claims the chunks and adds those that are granted to the segments under way. */
  async #store(unknown: readonly UnknownChunk[]): Promise<void> {
    if (unknown.length === 0) return;
    const ids = new Uint8Array(unknown.length * ID_BYTES);
    unknown.forEach(({ id }, i) => ids.set(id, i * ID_BYTES));
    const claim = this.#nextClaim++;
    const mine = await new Promise<Uint8Array>((resolve) => {
      this.#claims.set(claim, resolve);
      this.#reply({ type: 'claim', claim, ids });
    });
    for (const [i, { id, bytes }] of unknown.entries()) if (mine[i] === 1) this.#segments.add(id, bytes);
  }
}

/** A whole small file; `grew` if it is longer than it was when it was opened. */
function readWhole(descriptor: number, expected: number, into: ReadBuffer): { bytes: Uint8Array; grew: boolean } {
  // One byte more than expected tells in the same read whether the file has grown.
  const buffer = into.take(expected + 1);
  const length = readFully(descriptor, buffer, 0);
  return { bytes: buffer.subarray(0, Math.min(length, expected)), grew: length > expected };
}

/** The chunk lengths that the bytes there are still suffice for. */
function cutShort(lengths: readonly number[], available: number): number[] {
  const fitting: number[] = [];
  let left = available;
  for (const length of lengths) {
    if (left <= 0) break;
    fitting.push(Math.min(length, left));
    left -= length;
  }
  return fitting;
}

/** Memory for the files of one job, used again by the next: what they are read into need not be allocated or swept. */
class ReadBuffer {
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

/** The largest batch: files of 1 MiB together, and one more that is read whole. What is not touched costs nothing. */
const READ_BUFFER_BYTES = 5 * 1024 * 1024 + 4096;
