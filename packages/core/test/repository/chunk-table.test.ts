import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ChunkTable, chunkIdOfBytes, encodeIndexSegment, decodeIndexSegment, findChunk } from '../../src/index.ts';
import type { PackPlace, PlacedSegment, RunId } from '../../src/index.ts';

const packNumber = (number: number): PackPlace => ({ kind: 'data', run: '20261101T000000Z-00000001' as RunId, number });
const idOf = (text: string): Buffer => Buffer.from(hash('sha256', text), 'hex');
const [a, b] = [idOf('a'), idOf('b')];
const day = (n: number): Date => new Date(Date.UTC(2026, 10, n));

/** A segment of `a` and `b`, stored raw. */
const segment: PlacedSegment = {
  ids: Buffer.concat([a, b]),
  lengths: Uint32Array.of(10, 30),
  offset: 0,
  storedBytes: 40,
  rawBytes: 40,
  crc32: 0,
};
const numberOf = (table: ChunkTable, id: Buffer): number | undefined => {
  const entry = findChunk(table, id);
  return entry < 0 ? undefined : table.packs[table.place(entry).pack]?.number;
};

test.each([
  ['older first', [1, 2]],
  ['newer first', [2, 1]],
])('of two places the one in the pack that landed last counts: %s', (_, days) => {
  const table = new ChunkTable();
  for (const n of days) table.addSegment(table.packNumber(packNumber(n), day(n)), 0, segment);
  expect([numberOf(table, a), numberOf(table, b), table.count]).toEqual([2, 2, 2]);
});

test('of packs whose times are not known, or the same, the first counts', () => {
  for (const landed of [undefined, day(1)]) {
    const table = new ChunkTable();
    for (const n of [7, 8]) table.addSegment(table.packNumber(packNumber(n), landed), 0, segment);
    expect(numberOf(table, a)).toBe(7);
  }
});

test('a pack whose time is not known takes no chunk from one that was listed', () => {
  const table = new ChunkTable();
  table.addSegment(table.packNumber(packNumber(1), day(1)), 0, segment);
  table.addSegment(table.packNumber(packNumber(2)), 0, segment);
  expect(numberOf(table, a)).toBe(1);
});

test('damaged chunks are left out, from directories and from records, and count as stored bytes all the same', () => {
  const damaged = new Set([chunkIdOfBytes(a)]);
  const fromDirectory = new ChunkTable();
  fromDirectory.addSegment(fromDirectory.packNumber(packNumber(1), day(1)), 0, segment, damaged);
  const fromRecords = new ChunkTable();
  const pack = { ...packNumber(1), bytes: 100, etag: undefined, checksum: undefined };
  const info = { made: 'run' as const, roots: [], replaces: [] };
  const { records } = decodeIndexSegment(encodeIndexSegment(info, [{ pack, segments: [segment] }]), 'index');
  const number = fromRecords.packNumber(pack, day(1));
  fromRecords.addRecords(records, Int32Array.of(number), new Map([[number, damaged]]));
  for (const table of [fromDirectory, fromRecords]) {
    expect([numberOf(table, a), numberOf(table, b)]).toEqual([undefined, 1]);
    expect(table.packStoredBytes).toEqual([40]);
  }
});
