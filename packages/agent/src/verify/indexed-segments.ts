/** A pack's segments from an index segment, where its own directory is damaged: most of its chunks may be whole. */
import {
  INDEX_BYTES_MAX,
  INDEX_RECORD_BYTES,
  chunkPlace,
  decodeIndexSegment,
  packText,
  recordId,
} from '@backup-agent/core';
import type { ChunkPlace, IndexSegment } from '@backup-agent/core';
import type { CheckedSegment } from './check-segments.ts';
import type { KnownPack } from './pack-book.ts';
import type { VerifyRun } from './verify-run.ts';

/** Undefined if no index segment tells of the pack. In the order of the segments in the pack. */
export async function indexedSegments(run: VerifyRun, pack: KnownPack): Promise<CheckedSegment[] | undefined> {
  const [teller] = pack.tellers;
  if (teller === undefined) return undefined;
  const bytes = await run.readObject(teller, INDEX_BYTES_MAX);
  const index = bytes === undefined ? undefined : run.decode(teller.key, () => decodeIndexSegment(bytes, teller.key));
  if (index === undefined) return undefined;
  const segments = Map.groupBy(recordsOf(index, pack), ({ place }) => place.segmentOffset);
  const ordered = [...segments].sort(([a], [b]) => a - b);
  return ordered.map(([offset, records]) => asSegment(offset, records));
}

interface PackRecord {
  readonly id: Uint8Array;
  readonly place: ChunkPlace;
}

function recordsOf({ packs, records }: IndexSegment, pack: KnownPack): PackRecord[] {
  const row = packs.findIndex((other) => packText(other) === packText(pack));
  const found: PackRecord[] = [];
  for (let i = 0; i < records.length / INDEX_RECORD_BYTES; i++) {
    const place = chunkPlace(records, i);
    if (place.pack === row) found.push({ id: recordId(records, i), place });
  }
  return found;
}

function asSegment(offset: number, records: readonly PackRecord[]): CheckedSegment {
  const { storedBytes, rawBytes } = (records[0] as PackRecord).place;
  return {
    offset,
    storedBytes,
    rawBytes,
    crc32: undefined,
    ids: Buffer.concat(records.map(({ id }) => id)),
    offsets: Uint32Array.from(records, ({ place }) => place.chunkOffset),
    lengths: Uint32Array.from(records, ({ place }) => place.chunkBytes),
  };
}
