/** Which segments are to be read for which uses of chunks, in the order in which they lie in their packs. */
import { findChunk } from '@backup-agent/core';
import type { ChunkId, ChunkPlace, ChunkTable, PackPlace, SegmentRequest } from '@backup-agent/core';
import { chunkIdOfBytes } from '@backup-agent/core';
import type { FilePlan } from './file-plan.ts';

/** A segment, and the uses of its chunks: [first, end) of the ordered uses. */
export interface WantedSegment extends SegmentRequest {
  readonly rawBytes: number;
  readonly first: number;
  readonly end: number;
}

export interface ReadPlan {
  /** Uses of chunks in the order of their places; uses of one chunk follow each other. */
  readonly uses: Uint32Array;
  /** By position in `uses`: the chunk's entry in the table. */
  readonly entries: Uint32Array;
  /** By number of the use: where in its file the chunk begins. */
  readonly positions: Float64Array;
  /** Files of which the table lacks a chunk, and that chunk. */
  readonly incomplete: ReadonlyMap<number, ChunkId>;
  /** Files whose chunks do not add up to their size. */
  readonly wrongSize: readonly number[];
}

/** `wants`: whether this use of a chunk is to be fetched at all. */
export function planReads(
  plan: FilePlan,
  files: Iterable<number>,
  table: ChunkTable,
  wants: (use: number) => boolean,
): ReadPlan {
  const uses = new Uint32Array(plan.useFile.length);
  const entryOfUse = new Uint32Array(plan.useFile.length);
  const positions = new Float64Array(plan.useFile.length);
  const incomplete = new Map<number, ChunkId>();
  const wrongSize: number[] = [];
  const ids = plan.ids;
  let count = 0;
  for (const file of files) {
    const [first, end] = plan.usesOf(file);
    const before = count;
    let position = 0;
    for (let use = first; use < end; use++) {
      const entry = findChunk(table, ids, use * 32);
      if (entry < 0) {
        incomplete.set(file, chunkIdOfBytes(plan.idOf(use)));
        break;
      }
      entryOfUse[use] = entry;
      positions[use] = position;
      position += table.chunkBytes(entry);
      if (wants(use)) uses[count++] = use;
    }
    if (incomplete.has(file)) count = before;
    else if (position !== plan.sizeOf(file)) {
      wrongSize.push(file);
      count = before;
    }
  }
  const ordered = uses.subarray(0, count).sort((a, b) => {
    const order = table.comparePlaces(entryOfUse[a] as number, entryOfUse[b] as number);
    return order === 0 ? a - b : order;
  });
  return { uses: ordered, entries: ordered.map((use) => entryOfUse[use] as number), positions, incomplete, wrongSize };
}

/** The segments to be read, each once. */
export function* segmentsOf({ entries }: ReadPlan, table: ChunkTable): Generator<WantedSegment> {
  let first = 0;
  let place: ChunkPlace | undefined;
  for (let i = 0; i <= entries.length; i++) {
    const next = i < entries.length ? table.place(entries[i] as number) : undefined;
    if (place !== undefined && (next === undefined || !isSameSegment(place, next))) {
      const { segmentOffset, storedBytes, rawBytes } = place;
      yield { pack: table.packs[place.pack] as PackPlace, segmentOffset, storedBytes, rawBytes, first, end: i };
      first = i;
    }
    place = next;
  }
}

/** The packs that the segments lie in. */
export function packsRead({ entries }: ReadPlan, table: ChunkTable): PackPlace[] {
  const numbers = new Set<number>();
  for (const entry of entries) numbers.add(table.place(entry).pack);
  return [...numbers].map((number) => table.packs[number] as PackPlace);
}

const isSameSegment = (a: ChunkPlace, b: ChunkPlace): boolean =>
  a.pack === b.pack &&
  a.segmentOffset === b.segmentOffset &&
  a.storedBytes === b.storedBytes &&
  a.rawBytes === b.rawBytes;
