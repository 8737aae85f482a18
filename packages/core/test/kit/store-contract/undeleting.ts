import { describe, expect, test } from 'vitest';
import { devicePrefix, indexKey, marksKey } from '../../../src/keys.ts';
import type { ObjectUndeleter } from '../../../src/store/ports.ts';
import type { StoreCapabilities, UndeletingStore } from '../store-contract.ts';
import { deviceFor, noise, runNumber } from './subjects.ts';

export function describeUndeleting(store: () => UndeletingStore, { undeletes }: StoreCapabilities): void {
  if (undeletes) describeUndeleter(store);
  else describeFinality(store);
}

function describeUndeleter(store: () => UndeletingStore): void {
  describe('undeleting', () => {
    const device = deviceFor('undeleting');
    const prefix = devicePrefix(device);
    const [first, second, third] = [marksKey(device, 1), marksKey(device, 2), marksKey(device, 3)];

    test('brings a removed object back, with its bytes and its time', async () => {
      await store().create(first, [noise(10, 1)]);
      const before = (await store().list(prefix)).objects;
      await store().remove(first);
      expect(await undeleter(store).undelete(first)).toBe('restored');
      expect((await store().list(prefix)).objects).toEqual(before);
      expect(noise(10, 1).equals(await store().read(first, 10))).toBe(true);
      expect(await undeleter(store).undelete(first)).toBe('restored');
    });

    test('what was never there is gone, also beside a removed object whose key begins so', async () => {
      const [run, never] = [runNumber(1), indexKey(device, runNumber(1))];
      const longer = indexKey(device, run, 1);
      await store().create(longer, [noise(10, 2)]);
      await store().remove(longer);
      expect(await undeleter(store).undelete(never)).toBe('gone');
      expect(await store().find(longer, 10)).toBeUndefined();
    });

    test('lists what was removed and is not there, sorted, with the time of the removal', async () => {
      for (const key of [third, second]) await store().create(key, [noise(10, 3)]);
      const { ended: before } = await store().list(prefix);
      for (const key of [third, second]) await store().remove(key);
      const { began: after } = await store().list(prefix);
      const removed = (await undeleter(store).listRemoved(prefix)).filter(({ key }) => key.includes('/marks/'));
      expect(removed.map(({ key }) => key)).toEqual([second, third]);
      for (const { removed: time } of removed) {
        expect(time.getTime()).toBeGreaterThanOrEqual(wholeSecond(before));
        expect(time.getTime()).toBeLessThanOrEqual(wholeSecond(after) + 999);
      }
      await undeleter(store).undelete(second);
      const left = await undeleter(store).listRemoved(prefix);
      expect(left.filter(({ key }) => key.includes('/marks/')).map(({ key }) => key)).toEqual([third]);
    });

    test('an object that was removed twice comes back whole, and was removed the first time', async () => {
      const key = marksKey(device, 4);
      await store().create(key, [noise(10, 4)]);
      await store().remove(key);
      const removed = await undeleter(store).listRemoved(key);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await store().remove(key);
      expect(await undeleter(store).listRemoved(key)).toEqual(removed);
      expect(await undeleter(store).undelete(key)).toBe('restored');
      expect(noise(10, 4).equals(await store().read(key, 10))).toBe(true);
    });

    test('a key that was created anew keeps its newest bytes', async () => {
      const key = marksKey(device, 5);
      await store().create(key, [noise(10, 5)]);
      await store().remove(key);
      await store().create(key, [noise(10, 6)]);
      expect(await undeleter(store).listRemoved(key)).toEqual([]);
      expect(await undeleter(store).undelete(key)).toBe('restored');
      expect(noise(10, 6).equals(await store().read(key, 10))).toBe(true);
      await store().remove(key);
      expect(await undeleter(store).undelete(key)).toBe('restored');
      expect(noise(10, 6).equals(await store().read(key, 10))).toBe(true);
    });
  });
}

function describeFinality(store: () => UndeletingStore): void {
  test('a removal is final (no undeleting)', async () => {
    const key = marksKey(deviceFor('final'), 1);
    await store().create(key, [noise(10, 7)]);
    await store().remove(key);
    // A store on S3 cannot know before it asks; a local one has nothing to ask.
    expect((await store().undelete?.(key)) ?? 'gone').toBe('gone');
    expect((await store().listRemoved?.(key)) ?? []).toEqual([]);
    expect(await store().find(key, 10)).toBeUndefined();
  });
}

function undeleter(store: () => UndeletingStore): ObjectUndeleter {
  const { listRemoved, undelete } = store();
  if (listRemoved === undefined || undelete === undefined) throw new Error('the store cannot undelete');
  return { listRemoved, undelete };
}

/** Listings tell whole seconds. */
const wholeSecond = (time: Date): number => Math.floor(time.getTime() / 1000) * 1000;
