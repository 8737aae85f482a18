import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIST_IDS_MAX, LIST_IDS_MIN, decodeChunkList, encodeChunkLists } from '../../src/index.ts';
import type { ChunkId } from '../../src/index.ts';
import { outcomeOf } from '../kit/hostile-bytes.ts';

const idsOf = (count: number, seed = 0): ChunkId[] =>
  Array.from({ length: count }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest('hex') as ChunkId);

test('lists hold all ids in order, and none is too long or too short', () => {
  fc.assert(
    fc.property(fc.nat({ max: 6000 }), fc.nat(), (count, seed) => {
      const ids = idsOf(count, seed);
      const lists = encodeChunkLists(ids).map((bytes) => decodeChunkList(bytes, 'a list'));
      expect(lists.flat()).toEqual(ids);
      expect(lists.every((list) => list.length <= LIST_IDS_MAX)).toBe(true);
      expect(lists.slice(0, -1).every((list) => list.length >= LIST_IDS_MIN)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('a list ends after an id whose low nine bits are zero, once it has the minimum', () => {
  const ids = idsOf(3000);
  const ending = (i: number, id: string): ChunkId =>
    (i === 60 || i === 200 ? `0002${id.slice(4)}` : `0101${id.slice(4)}`) as ChunkId;
  const lists = encodeChunkLists(ids.map((id, i) => ending(i, id)));
  expect(lists.map((list) => list.length / 32)).toEqual([201, LIST_IDS_MAX, 3000 - 201 - LIST_IDS_MAX]);
});

test('an id inserted into a large file changes one list, or two where it makes a cut', () => {
  const before = idsOf(20_000);
  const after = [...before.slice(0, 10_000), ...idsOf(1, 7), ...before.slice(10_000)];
  const known = new Set(encodeChunkLists(before).map((list) => list.toString('hex')));
  expect(encodeChunkLists(after).filter((list) => !known.has(list.toString('hex'))).length).toBeLessThanOrEqual(2);
});

test.each([0, 1, 31, 33, 32 * LIST_IDS_MAX + 32])('%i bytes are no list', (length) => {
  expect(outcomeOf(() => decodeChunkList(Buffer.alloc(length), 'a list'))).toBe('OBJECT_DAMAGED');
});
