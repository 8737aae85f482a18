/**
 * The work of a saver thread: read, cut, hash, claim, compress. A chunk is stored by the thread whose claim the main
 * thread grants; while a claim is under way the thread goes on with its next job.
 */
import { hash } from 'node:crypto';
import { CHUNK_BYTES_MAX, chunkLength, findChunk } from '@backup-agent/core';
import type { SharedChunkIds } from '@backup-agent/core';
import { SavedBatchBuilder } from './file-batch.ts';
import type { FileBatch } from './file-batch.ts';
import { readFully, sameFile, statOf, withOpenFile } from './file-reader.ts';
import { SLICE_BYTES } from './protocol.ts';
import type { CutResult, FileToSave, RangeResult, SaverOptions, SaverReply, SaverRequest } from './protocol.ts';
import { ReadBuffer } from './read-buffer.ts';
import { readWholeFiles } from './read-whole-files.ts';
import { SegmentBuilder } from './segment-builder.ts';

const ID_BYTES = 32;

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
  readonly #batch = new SavedBatchBuilder();
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
        return this.#tracked(this.#saveFiles(request.job, request.batch));
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

  async #saveFiles(job: number, batch: FileBatch): Promise<void> {
    const chunks: Uint8Array[] = [];
    const buffer = this.#idle.pop() ?? new ReadBuffer();
    readWholeFiles(batch, { buffer, saved: this.#batch, chunks });
    const saved = this.#batch.take();
    await this.#store(saved.ids, chunks);
    this.#release(buffer);
    this.#reply({ type: 'files-saved', job, saved });
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
    const chunks: Uint8Array[] = [];
    const buffer = this.#idle.pop() ?? new ReadBuffer();
    const result = withOpenFile(file, (descriptor, before): RangeResult => {
      const bytes = buffer.take(lengths.reduce((sum, length) => sum + length, 0));
      const length = readFully(descriptor, bytes, offset);
      const ids = hashChunks(bytes.subarray(0, length), cutShort(lengths, length), chunks);
      const after = statOf(descriptor) ?? before;
      return { outcome: 'saved', stat: after, ids, bytes: length, changed: !sameFile(before, after) };
    });
    if (result.outcome === 'saved') await this.#store(result.ids, chunks);
    this.#release(buffer);
    this.#reply({ type: 'range-saved', job, result });
  }

  #release(buffer: ReadBuffer): void {
    buffer.reset();
    this.#idle.push(buffer);
  }

  /** Claims the chunks that are not known to be stored, and adds those that are granted to the segments under way. */
  async #store(ids: Uint8Array, chunks: readonly Uint8Array[]): Promise<void> {
    const unknown = [...chunks.keys()].filter((i) => this.#isUnknown(ids, i * ID_BYTES));
    if (unknown.length === 0) return;
    const claimed = new Uint8Array(unknown.length * ID_BYTES);
    for (const [i, chunk] of unknown.entries()) claimed.set(idAt(ids, chunk), i * ID_BYTES);
    const claim = this.#nextClaim++;
    const mine = await new Promise<Uint8Array>((resolve) => {
      this.#claims.set(claim, resolve);
      this.#reply({ type: 'claim', claim, ids: claimed });
    });
    for (const [i, chunk] of unknown.entries())
      if (mine[i] === 1) this.#segments.add(idAt(ids, chunk), chunks[chunk] as Uint8Array);
  }

  #isUnknown(ids: Uint8Array, at: number): boolean {
    return this.#known === undefined || findChunk(this.#known, ids, at) < 0;
  }
}

const idAt = (ids: Uint8Array, chunk: number): Uint8Array => ids.subarray(chunk * ID_BYTES, (chunk + 1) * ID_BYTES);

/** The ids of chunks that lie back to back; their bytes go into `chunks`. */
function hashChunks(bytes: Uint8Array, lengths: readonly number[], chunks: Uint8Array[]): Uint8Array {
  const ids = Buffer.alloc(lengths.length * ID_BYTES);
  let start = 0;
  for (const [i, length] of lengths.entries()) {
    const chunk = bytes.subarray(start, start + length);
    ids.write(hash('sha256', chunk), i * ID_BYTES, 'hex');
    chunks.push(chunk);
    start += length;
  }
  return ids;
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
