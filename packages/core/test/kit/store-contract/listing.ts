import { describe, expect, test } from 'vitest';
import {
  compactedIndexKey,
  devicePrefix,
  devicesPrefix,
  indexKey,
  indexPrefix,
  marksKey,
  packKey,
  packsPrefix,
  policyKey,
  probeKey,
  repositoryKey,
  runRecordKey,
  snapshotKey,
} from '../../../src/keys.ts';
import { snapshotName } from '../../../src/ids.ts';
import type { DeviceId, ObjectKey } from '../../../src/ids.ts';
import type { ObjectStore } from '../../../src/store/ports.ts';
import type { StoreCapabilities } from '../store-contract.ts';
import { deviceFor, runNumber } from './subjects.ts';

/** Servers round to whole seconds, some up and some down. */
const CLOCK_GRAIN_MS = 1000;

export function describeListing(store: () => ObjectStore, capabilities: StoreCapabilities): void {
  describeObjects(store);
  describeFolders(store, capabilities);
}

function describeObjects(store: () => ObjectStore): void {
  const create = async (...keys: ObjectKey[]): Promise<void> => {
    for (const key of keys) await store().create(key, [Buffer.from(key)]);
  };
  const keysUnder = async (prefix: string): Promise<string[]> =>
    (await store().list(prefix)).objects.map((object) => object.key);

  describe('listing', () => {
    test('of nothing is empty and has its dates', async () => {
      const listing = await store().list(devicePrefix(deviceFor('nothing')));
      expect(listing.objects).toEqual([]);
      expect(listing.ended.getTime()).toBeGreaterThanOrEqual(listing.began.getTime());
    });

    test('shows each object with its length and store time', async () => {
      const key = marksKey(deviceFor('info'), 1);
      const before = await store().list(devicePrefix(deviceFor('info')));
      await store().create(key, [Buffer.from('abc'), Buffer.from('de')]);
      const after = await store().list(devicePrefix(deviceFor('info')));
      expect(after.objects).toMatchObject([{ key, bytes: 5 }]);
      const modified = after.objects[0]?.modified.getTime();
      expect(modified).toBeGreaterThanOrEqual(before.began.getTime() - CLOCK_GRAIN_MS);
      expect(modified).toBeLessThanOrEqual(after.ended.getTime() + CLOCK_GRAIN_MS);
    });

    test('begins after everything that landed before it', async () => {
      const { date } = await store().create(marksKey(deviceFor('dates'), 1), [Buffer.from('x')]);
      const listing = await store().list(devicePrefix(deviceFor('dates')));
      expect(listing.began.getTime()).toBeGreaterThanOrEqual(date.getTime() - CLOCK_GRAIN_MS);
      expect(listing.ended.getTime()).toBeGreaterThanOrEqual(listing.began.getTime());
    });

    test('is sorted by the bytes of the whole key, not folder by folder', async () => {
      const device = deviceFor('order');
      const keys = keysOfEveryKind(device);
      await create(...keys.toReversed());
      const listed = await keysUnder(devicePrefix(device));
      expect(listed).toEqual([...listed].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      expect(new Set(listed)).toEqual(new Set(keys));
    });

    test('of a folder leaves out its neighbours whose names begin alike', async () => {
      const [one, other] = [deviceFor('neighbour'), deviceFor('neighbour-2')];
      await create(packKey(one, { kind: 'data', run: runNumber(1), number: 0 }), marksKey(other, 1), marksKey(one, 1));
      expect(await keysUnder(devicePrefix(one))).toEqual([
        packKey(one, { kind: 'data', run: runNumber(1), number: 0 }),
        marksKey(one, 1),
      ]);
      expect(await keysUnder(packsPrefix(one, 'meta'))).toEqual([]);
    });

    test('of a whole key shows it and the keys that begin with it', async () => {
      const device = deviceFor('whole-key');
      const [first, second] = [indexKey(device, runNumber(1)), indexKey(device, runNumber(2))];
      const checkpoint = indexKey(device, runNumber(1), 2);
      await create(second, checkpoint, first);
      expect(await keysUnder(first)).toEqual([first, checkpoint]);
      expect(await keysUnder(second)).toEqual([second]);
      expect(await keysUnder(indexPrefix(device))).toEqual([first, checkpoint, second]);
    });

    test('of a run shows what lies under it', async () => {
      const device = deviceFor('under-run');
      const packs = [0, 1].map((number) => packKey(device, { kind: 'meta', run: runNumber(7), number }));
      await create(...packs);
      expect(await keysUnder(`${packsPrefix(device, 'meta')}${runNumber(7)}`)).toEqual(packs);
    });

    test('goes on after 1000 objects, and after 1000 folders', async () => {
      const device = deviceFor('many');
      const runs = Array.from({ length: 1005 }, (_, n) => runNumber(n));
      const keys = runs.map((run) => packKey(device, { kind: 'data', run, number: 0 }));
      for (let at = 0; at < keys.length; at += 32) {
        await Promise.all(keys.slice(at, at + 32).map((key) => store().create(key, [Buffer.from('p')])));
      }
      expect(await keysUnder(packsPrefix(device, 'data'))).toEqual(keys);
      expect(await store().listFolders(packsPrefix(device, 'data'))).toEqual(runs);
    }, 120_000);

    test('of the whole repository shows the objects outside the devices too', async () => {
      await create(repositoryKey(), policyKey(runNumber(1)), probeKey(runNumber(1)));
      const listed = await keysUnder('v1/');
      expect(listed).toEqual(
        expect.arrayContaining([repositoryKey(), policyKey(runNumber(1)), probeKey(runNumber(1))]),
      );
      expect(listed.filter((key) => !key.startsWith('v1/'))).toEqual([]);
    });
  });
}

function describeFolders(store: () => ObjectStore, { versions }: StoreCapabilities): void {
  const create = async (...keys: ObjectKey[]): Promise<void> => {
    for (const key of keys) await store().create(key, [Buffer.from(key)]);
  };

  describe('listing folders', () => {
    test('of nothing is empty', async () => {
      expect(await store().listFolders(devicePrefix(deviceFor('no-folders')))).toEqual([]);
    });

    test('shows each once, sorted by name, without the objects beside them and what lies below', async () => {
      const device = deviceFor('folders');
      await create(...keysOfEveryKind(device), packKey(device, { kind: 'data', run: runNumber(4), number: 0 }));
      const kinds = ['data', 'index', 'marks', 'meta', 'runs', 'snapshots'];
      expect(await store().listFolders(devicePrefix(device))).toEqual(kinds);
      expect(await store().listFolders(packsPrefix(device, 'data'))).toEqual([runNumber(3), runNumber(4)]);
      expect(await store().listFolders(indexPrefix(device))).toEqual([]);
    });

    test('tells neighbours whose names begin alike apart', async () => {
      const devices = ['folder', 'folder-2', 'folder-2b', 'folder2'].map(deviceFor);
      for (const device of devices.toReversed()) await create(marksKey(device, 1), marksKey(device, 2));
      const listed = await store().listFolders(devicesPrefix());
      expect(listed.filter((name) => /^contract-folder(-?2b?)?$/.test(name))).toEqual(devices);
      expect(await store().listFolders('v1/')).toContain('devices');
    });

    // Moto takes delete markers for objects here. On S3 itself they are none.
    const still = versions ? ' (versions: some servers still show it)' : '';
    test(`does not show one whose objects have been removed${still}`, async () => {
      const device = deviceFor('emptied');
      const packs = [1, 2].map((n) => packKey(device, { kind: 'data', run: runNumber(n), number: 0 }));
      await create(...packs);
      await store().remove(packs[0] as ObjectKey);
      const listed = await store().listFolders(packsPrefix(device, 'data'));
      expect(listed.filter((name) => !versions || name !== runNumber(1))).toEqual([runNumber(2)]);
    });
  });
}

/** One key of each kind that the layout knows, so that every character it uses occurs. */
function keysOfEveryKind(device: DeviceId): ObjectKey[] {
  const run = runNumber(3);
  return [
    packKey(device, { kind: 'data', run, number: 99_999 }),
    packKey(device, { kind: 'meta', run, number: 0 }),
    indexKey(device, run),
    indexKey(device, run, 12),
    compactedIndexKey(device, run),
    snapshotKey(device, snapshotName(run, 0)),
    snapshotKey(device, snapshotName(run, 1)),
    runRecordKey(device, run),
    marksKey(device, 99_999_999),
  ];
}
