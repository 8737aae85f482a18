/**
 * A large file uses all threads: one cuts a slice, all of them read and save the ranges between the cuts. The cuts are
 * only a proposal; what a chunk is called is decided by the bytes that the saving thread reads.
 */
import { REREADS_MAX, sameFile } from './file-reader.ts';
import { RANGE_BYTES } from './protocol.ts';
import type { FileStat, FileToSave, RangeResult, SavedFile } from './protocol.ts';
import type { SaverPool } from './saver-pool.ts';

export async function saveLargeFile(file: FileToSave, pool: SaverPool, room: () => Promise<void>): Promise<SavedFile> {
  for (let attempt = 0; ; attempt++) {
    const saved = await saveOnce(file, pool, room);
    if (saved.outcome !== 'saved' || !saved.changed || attempt === REREADS_MAX) return saved;
  }
}

async function saveOnce(file: FileToSave, pool: SaverPool, room: () => Promise<void>): Promise<SavedFile> {
  const ranges: Promise<RangeResult>[] = [];
  let first: FileStat | undefined;
  let changed = false;
  for (let offset = 0, end = 1; offset < end;) {
    await pool.room();
    const cut = await pool.cut(file, offset);
    if (cut.outcome !== 'cut') {
      await Promise.allSettled(ranges);
      return cut;
    }
    first ??= cut.stat;
    changed ||= !sameFile(first, cut.stat);
    end = first.bytes;
    if (cut.lengths.length === 0) break; // It has become shorter.
    for (const lengths of rangesOf(cut.lengths)) {
      await room();
      await pool.room();
      const range = pool.saveRange(file, offset, lengths);
      range.catch(() => {}); // A failure surfaces where all are awaited; until then Node must not take it as unhandled.
      ranges.push(range);
      offset += sum(lengths);
    }
  }
  return join(first as FileStat, await Promise.all(ranges), changed);
}

function join(first: FileStat, ranges: readonly RangeResult[], changedAlready: boolean): SavedFile {
  const ids: Uint8Array[] = [];
  let bytes = 0;
  let changed = changedAlready;
  let stat = first;
  for (const range of ranges) {
    if (range.outcome !== 'saved') return range;
    ids.push(range.ids);
    bytes += range.bytes;
    changed ||= range.changed || !sameFile(first, range.stat);
    stat = range.stat;
  }
  changed ||= bytes !== first.bytes;
  return {
    outcome: 'saved',
    stat: { ...stat, bytes },
    ids: Buffer.concat(ids),
    changed,
  };
}

function rangesOf(lengths: readonly number[]): number[][] {
  const ranges: number[][] = [[]];
  for (const length of lengths) {
    if (sum(ranges.at(-1) ?? []) + length > RANGE_BYTES) ranges.push([]);
    ranges.at(-1)?.push(length);
  }
  return ranges.filter((range) => range.length > 0);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
