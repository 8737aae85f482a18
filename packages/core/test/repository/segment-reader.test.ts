import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  coalesce,
  isBackupError,
  memoryStore,
  packKey,
  parseDeviceId,
  parseRunId,
  readSegments,
} from '../../src/index.ts';
import type { ObjectReader, PackPlace, SegmentRequest } from '../../src/index.ts';

const device = parseDeviceId('laptop');
const run = parseRunId('20260101T000000Z-00000000');
const pack = (number: number): PackPlace => ({ kind: 'data', run, number });
const KiB = 1024;
const at = (segmentOffset: number, storedBytes: number, number = 0): SegmentRequest => ({
  pack: pack(number),
  segmentOffset,
  storedBytes,
});
const shape = (requests: SegmentRequest[]) => [...coalesce(requests)].map((range) => range.length);

test.each([
  ['neighbours are read together', [at(0, 10), at(10, 10), at(20, 10)], [3]],
  ['a small gap is read over', [at(0, 10), at(200 * KiB, 10)], [2]],
  ['a large gap is not', [at(0, 10), at(300 * KiB, 10)], [1, 1]],
  ['packs are read apart', [at(0, 10, 0), at(10, 10, 1)], [1, 1]],
  ['a range has an end', [at(0, 8192 * KiB), at(8192 * KiB, 10)], [1, 1]],
  ['going back begins a new range', [at(100, 10), at(0, 10)], [1, 1]],
  ['nothing asked for reads nothing', [], []],
])('%s', (_, requests, expected) => expect(shape(requests)).toEqual(expected));

test('every segment asked for arrives once, in order, with its bytes', async () => {
  const store = memoryStore();
  const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256));
  for (const number of [0, 1]) await store.create(packKey(device, pack(number)), [bytes, Buffer.from([number])]);
  const requests = fc.array(
    fc.record({ n: fc.nat(1), o: fc.nat(4000), l: fc.nat(96) }).map(({ n, o, l }) => at(o, l, n)),
  );
  await fc.assert(
    fc.asyncProperty(requests, async (asked) => {
      const arrived = [];
      for await (const { request, stored } of readSegments({ store, device, voidRule: false }, asked)) {
        expect(stored).toEqual(bytes.subarray(request.segmentOffset, request.segmentOffset + request.storedBytes));
        arrived.push(request);
      }
      expect(arrived).toEqual(asked);
    }),
    { numRuns: 60 },
  );
});

test('of a pack that is cut off only the segments behind the cut fail, of a missing one all', async () => {
  const store = memoryStore();
  await store.create(packKey(device, pack(0)), [Buffer.alloc(100)]);
  const asked = [at(0, 50), at(50, 50), at(100, 50), at(0, 10, 1), at(10, 10, 1)];
  const outcomes = [];
  for await (const { stored } of readSegments({ store, device, voidRule: false }, asked))
    outcomes.push(isBackupError(stored) ? stored.code : stored.length);
  expect(outcomes).toEqual([50, 50, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'OBJECT_MISSING']);
});

test('what the store cannot do at all is thrown', async () => {
  const store = { ...memoryStore(), readRange: () => Promise.reject(new Error('cable out')) } as ObjectReader;
  const read = async () => {
    for await (const _ of readSegments({ store, device, voidRule: false }, [at(0, 1)]));
  };
  await expect(read()).rejects.toThrow('cable out');
});
