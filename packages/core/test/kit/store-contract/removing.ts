import { describe, expect, test } from 'vitest';
import { devicePrefix, marksKey } from '../../../src/keys.ts';
import type { ObjectStore } from '../../../src/store/ports.ts';
import type { StoreCapabilities } from '../store-contract.ts';
import { deviceFor, noise } from './subjects.ts';

export function describeRemoving(
  store: () => ObjectStore,
  capabilities: StoreCapabilities,
  reopen: () => Promise<void>,
): void {
  const device = deviceFor('removing');

  describe('removing', () => {
    test('takes the object away, and only that', async () => {
      const [gone, kept] = [marksKey(device, 1), marksKey(device, 10)];
      await store().create(gone, [noise(10, 1)]);
      await store().create(kept, [noise(10, 2)]);
      await store().remove(gone);
      expect(await store().find(gone, 10)).toBeUndefined();
      await expect(store().read(gone, 10)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
      expect((await store().list(devicePrefix(device))).objects.map(({ key }) => key)).toEqual([kept]);
    });

    test('what is not there is not an error', async () => {
      const key = marksKey(deviceFor('never-there'), 1);
      await store().remove(key);
      const there = marksKey(device, 2);
      await store().create(there, [noise(10, 3)]);
      await store().remove(there);
      await store().remove(there);
      expect(await store().find(there, 10)).toBeUndefined();
    });

    const over = capabilities.versions ? ' (over a delete marker)' : '';
    test(`lets the key be created anew with other bytes${over}`, async () => {
      const key = marksKey(device, 3);
      await store().create(key, [noise(10, 4)]);
      await store().remove(key);
      expect((await store().create(key, [noise(20, 5)])).outcome).toBe('created');
      expect(noise(20, 5).equals(await store().read(key, 20))).toBe(true);
    });
  });

  const forgets = capabilities.persistent ? '' : ' (no persistence: a store opened again is empty)';
  test(`what was created is there when the store is opened again${forgets}`, async () => {
    const key = marksKey(deviceFor('again'), 1);
    await store().create(key, [noise(10, 6)]);
    await reopen();
    const found = await store().find(key, 10);
    if (capabilities.persistent) expect(found?.equals(noise(10, 6))).toBe(true);
    else expect(found).toBeUndefined();
  });
}
