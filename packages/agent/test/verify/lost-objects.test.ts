/** Objects that are gone or cut short: what of that is damage, and what cannot be known. */
import { expect, test } from 'vitest';
import { parseKey } from '@backup-agent/core';
import type { ObjectStore, Repository } from '@backup-agent/core';
import { damagedStore } from '@backup-agent/core/test-kit';
import {
  STRUCTURE_ONLY,
  changedStore,
  damagedKeys,
  listedRepository,
  objectsOf,
  smallRepository,
  verifyHere,
} from '../kit/verify-bench.ts';

const typeOf = (key: string): string => parseKey(key)?.type ?? 'unknown';
const REPOSITORIES = [
  ['two backups', smallRepository],
  ['page lists and lists of chunks', listedRepository],
] as const;

test.each(REPOSITORIES)('what was written is whole (%s)', async (_, make) => {
  const result = await verifyHere(await make());
  expect(damagedKeys(result)).toEqual([]);
  expect(result).toMatchObject({ outcome: 'whole', counts: { packsRead: result.counts.packs } });
});

test.each(REPOSITORIES)('an object cut short is damage, without reading data too (%s)', async (_, make) => {
  const repository = await make();
  for (const { key, bytes } of await objectsOf(repository.store)) {
    for (const length of [0, 1, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const store = await changedStore(repository.store, { [key]: bytes.subarray(0, length) });
      const where = `${key} cut to ${length}`;
      expect([where, damagedKeys(await verifyHere({ ...repository, store }))]).toEqual([where, [key]]);
      const structure = await verifyHere({ ...repository, store }, STRUCTURE_ONLY);
      expect([where, damagedKeys(structure)]).toEqual([where, [key]]);
    }
  }
});

test.each(REPOSITORIES)('an object that is listed and cannot be read is damage (%s)', async (_, make) => {
  const repository = await make();
  const store = damagedStore(repository.store);
  for (const { key } of await objectsOf(repository.store)) {
    store.setDamage(key, 'missing');
    expect([key, damagedKeys(await verifyHere({ ...repository, store }))]).toEqual([key, [key]]);
    store.heal();
  }
});

/** Keys of objects whose loss verify does not report. */
async function unnoticedLosses(repository: Repository<ObjectStore>): Promise<string[]> {
  const unnoticed: string[] = [];
  for (const { key } of await objectsOf(repository.store)) {
    const store = await changedStore(repository.store, { [key]: 'gone' });
    const keys = damagedKeys(await verifyHere({ ...repository, store }, STRUCTURE_ONLY));
    if (keys.length === 0) unnoticed.push(key);
    else expect(keys).toEqual([key]);
  }
  return unnoticed;
}

test('an object that is gone is damage, but for those that nothing else tells of', async () => {
  const unnoticed = await unnoticedLosses(await smallRepository());
  expect(unnoticed.map(typeOf)).toEqual(['marks', 'run-record', 'run-record', 'device-word', 'hold', 'pin', 'policy']);
});

test('a snapshot without a run record that tells of it is gone unnoticed', async () => {
  const unnoticed = await unnoticedLosses(await listedRepository());
  expect(unnoticed.map(typeOf)).toEqual(['snapshot']);
});

test('a run record that is gone is a note, for its snapshot landed in time', async () => {
  const repository = await smallRepository();
  const key = (await objectsOf(repository.store)).find((object) => typeOf(object.key) === 'run-record')?.key as string;
  const store = await changedStore(repository.store, { [key]: 'gone' });
  const { findings, snapshots } = await verifyHere({ ...repository, store });
  expect(findings).toEqual([{ key, severity: 'note', what: expect.stringContaining('missing') as string }]);
  expect(snapshots).toHaveLength(2);
});

test('a snapshot may have expired once there is a newer one, with a run record or without', async () => {
  const repository = await smallRepository();
  const { objects } = await repository.store.list('v1/');
  const landed = objects.toSorted((a, b) => +a.modified - +b.modified).map(({ key }) => key);
  const [older, newer] = landed.filter((key) => typeOf(key) === 'snapshot') as [string, string];
  const record = landed.findLast((key) => typeOf(key) === 'run-record') as string;
  // Of a policy that cannot be read nothing is concluded.
  const policy = landed.find((key) => typeOf(key) === 'policy') as string;
  const gone = { [older]: 'gone', [policy]: Buffer.from('?') } as const;
  const losses: [Readonly<Record<string, Buffer | 'gone'>>, readonly string[]][] = [
    [gone, [policy]],
    [{ ...gone, [record]: 'gone' }, [policy]],
    [{ ...gone, [record]: 'gone', [newer]: 'gone' }, [older, policy]],
  ];
  for (const [changed, damaged] of losses) {
    const store = await changedStore(repository.store, changed);
    const result = await verifyHere({ ...repository, store }, STRUCTURE_ONLY);
    expect(damagedKeys(result).toSorted()).toEqual([...damaged].toSorted());
  }
});

test('nothing at all is no repository', async () => {
  const repository = await smallRepository();
  const all = Object.fromEntries((await objectsOf(repository.store)).map(({ key }) => [key, 'gone' as const]));
  const store = await changedStore(repository.store, all);
  await expect(verifyHere({ ...repository, store })).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
});
