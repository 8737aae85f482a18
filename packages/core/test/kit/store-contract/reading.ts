import { describe, expect, test } from 'vitest';
import { marksKey } from '../../../src/keys.ts';
import type { ObjectKey } from '../../../src/ids.ts';
import type { ObjectStore } from '../../../src/store/ports.ts';
import { deviceFor, inPieces, MiB, noise } from './subjects.ts';

export function describeReading(store: () => ObjectStore): void {
  const device = deviceFor('reading');
  const bytes = noise(10_000, 1);
  const stored = async (number: number): Promise<ObjectKey> => {
    await store().create(marksKey(device, number), [bytes]);
    return marksKey(device, number);
  };

  describe('reading', () => {
    test('gives all bytes of an object that is as long as the limit', async () => {
      const key = await stored(1);
      expect(bytes.equals(await store().read(key, bytes.length))).toBe(true);
      expect((await store().find(key, bytes.length))?.equals(bytes)).toBe(true);
    });

    test('calls an object damaged that is longer than the limit', async () => {
      const key = await stored(2);
      await expect(store().read(key, bytes.length - 1)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key });
      await expect(store().find(key, 0)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key });
    });

    test('of a missing object fails, and finding it gives nothing', async () => {
      const key = marksKey(device, 3);
      await expect(store().read(key, 10)).rejects.toMatchObject({ code: 'OBJECT_MISSING', key });
      await expect(store().readRange(key, 0, 1)).rejects.toMatchObject({ code: 'OBJECT_MISSING', key });
      expect(await store().find(key, 10)).toBeUndefined();
    });

    test('does not take a folder of objects for an object', async () => {
      await stored(4);
      expect(await store().find(`v1/devices/${device}/marks` as ObjectKey, 10)).toBeUndefined();
      expect(await store().find(`${marksKey(device, 4)}/0` as ObjectKey, 10)).toBeUndefined();
    });

    test.each([
      ['the first byte', 0, 1],
      ['the beginning', 0, 4096],
      ['the middle', 1234, 5678],
      ['the last byte', 9999, 1],
      ['everything', 0, 10_000],
      ['nothing', 17, 0],
    ])('of a range gives exactly %s', async (_, offset, length) => {
      const key = await stored(5);
      const range = await store().readRange(key, offset, length);
      expect(range.equals(bytes.subarray(offset, offset + length))).toBe(true);
    });

    test.each([
      ['reaches one byte beyond the end', 9999, 2],
      ['begins at the end', 10_000, 1],
      ['lies beyond the end', 20_000, 100],
      ['covers more than there is', 0, 10_001],
    ])('calls an object damaged if the range %s', async (_, offset, length) => {
      const key = await stored(6);
      await expect(store().readRange(key, offset, length)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key });
    });

    test('calls an empty object damaged if a range of it is asked for', async () => {
      const key = marksKey(device, 7);
      await store().create(key, []);
      await expect(store().readRange(key, 0, 1)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key });
    });

    test('of a range reaches across the parts of a large object', async () => {
      const key = marksKey(device, 8);
      const large = noise(20 * MiB, 2);
      await store().create(key, inPieces(large));
      const range = await store().readRange(key, 8 * MiB - 100, 8 * MiB + 200);
      expect(range.equals(large.subarray(8 * MiB - 100, 16 * MiB + 100))).toBe(true);
    }, 120_000);

    test('hands out bytes that the caller may overwrite', async () => {
      const key = await stored(9);
      (await store().read(key, bytes.length)).fill(0);
      (await store().readRange(key, 0, 100)).fill(0);
      expect(bytes.equals(await store().read(key, bytes.length))).toBe(true);
    });
  });
}
