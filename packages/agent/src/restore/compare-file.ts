/** Compares an open file with the chunks it should have. */
import type { ChunkTable } from '@backup-agent/core';
import { findChunk } from '@backup-agent/core';
import type { FilePlan } from './file-plan.ts';
import type { FileWriters, RestoreRequest } from './protocol.ts';

const ID_BYTES = 32;
/** What a worker compares in one go. */
const JOB_BYTES = 32 * 1024 * 1024;

export interface ComparedFile {
  readonly plan: FilePlan;
  readonly file: number;
  readonly descriptor: number;
  /** Tells the lengths of the chunks; from one that it lacks on, all count as different. */
  readonly table: ChunkTable;
}

/** The uses of chunks whose bytes the file does not have where they belong. */
export async function differentUses(pool: FileWriters, compared: ComparedFile): Promise<number[]> {
  const { plan, file, descriptor, table } = compared;
  const [first, end] = plan.usesOf(file);
  const running: Promise<number[]>[] = [];
  let position = 0;
  let from = first;
  while (from < end) {
    const lengths: number[] = [];
    let bytes = 0;
    while (from + lengths.length < end && bytes < JOB_BYTES) {
      const entry = findChunk(table, plan.ids, (from + lengths.length) * ID_BYTES);
      if (entry < 0) break;
      lengths.push(table.chunkBytes(entry));
      bytes += table.chunkBytes(entry);
    }
    if (lengths.length === 0) break;
    const ids = new Uint8Array(plan.ids.subarray(from * ID_BYTES, (from + lengths.length) * ID_BYTES));
    await pool.room();
    running.push(
      compare(pool, { type: 'compare', descriptor, position, ids, lengths: Uint32Array.from(lengths) }, from),
    );
    position += bytes;
    from += lengths.length;
  }
  const unknown = Array.from({ length: end - from }, (_, i) => from + i);
  return [...(await Promise.all(running)).flat(), ...unknown];
}

async function compare(pool: FileWriters, request: RestoreRequest, firstUse: number): Promise<number[]> {
  const { different } = await pool.run(request);
  return different.map((i) => firstUse + i);
}
