/** Objects that are undamaged each, and contradict each other; and what is only noted. */
import { expect, test } from 'vitest';
import {
  BackupError,
  decodeSnapshot,
  encodeIndexSegment,
  encodeSnapshot,
  indexKey,
  memoryStore,
  packKey,
  parseChunkId,
  readPackDirectory,
  listPacks,
} from '@backup-agent/core';
import type { ObjectKey, ObjectReader, ObjectStore, Repository, Snapshot } from '@backup-agent/core';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import type { EntrySpec } from '@backup-agent/core/test-kit';
import {
  STRUCTURE_ONLY,
  WITH_DATA,
  changedStore,
  damagedKeys,
  objectsOf,
  smallRepository,
  verifyHere,
} from '../kit/verify-bench.ts';

const FOLDER = { path: '', kind: 'folder' } as const;
const ONE_FILE: readonly EntrySpec[] = [FOLDER, { path: 'a', content: 'first' }];

async function keyOf(store: ObjectStore, part: string): Promise<ObjectKey> {
  return (await objectsOf(store)).find(({ key }) => key.includes(part))?.key as ObjectKey;
}

/** The only snapshot of this repository, changed and written under its key with a right checksum. */
async function withSnapshot(repository: Repository<ObjectStore>, change: (snapshot: Snapshot) => Snapshot) {
  const key = await keyOf(repository.store, '/snapshots/');
  const snapshot = decodeSnapshot(await repository.store.read(key, 1e6), key);
  const store = await changedStore(repository.store, { [key]: encodeSnapshot(change(snapshot)) });
  return { key, repository: { ...repository, store } };
}

test('an index record that contradicts its pack is damage of the index', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot(ONE_FILE);
  const { repository, store } = builder;
  const packs = await Promise.all(
    (await listPacks(repository)).map(async (pack) => ({
      pack: { ...pack, bytes: pack.object.bytes, etag: pack.object.etag, checksum: undefined },
      segments: await readPackDirectory(repository, pack),
    })),
  );
  const [data, ...others] = packs;
  const segments = data?.segments.map((segment) => ({ ...segment, offset: segment.offset + 1 })) ?? [];
  const key = await keyOf(store, '/index/');
  const lying = encodeIndexSegment({ made: 'run', roots: [], replaces: [] }, [
    { pack: data?.pack as never, segments },
    ...others,
  ]);
  const changed = { ...repository, store: await changedStore(store, { [key]: lying }) };
  const { findings } = await verifyHere(changed, WITH_DATA);
  expect(findings.filter(({ severity }) => severity === 'damage')).toEqual([
    { key, severity: 'damage', what: expect.stringContaining('contradicts the directory of') as string },
  ]);
});

test('a chunk may be in a pack of an archive that no index tells of: the pack is noted, its snapshot is not damaged', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot(ONE_FILE);
  const { repository, store } = builder;
  const data = await keyOf(store, '/data/');
  await store.remove(await keyOf(store, '/index/'));
  const archived: ObjectReader = {
    ...store,
    list: async (prefix) => {
      const listing = await store.list(prefix);
      const objects = listing.objects.map((object) =>
        object.key === data ? { ...object, storageClass: 'GLACIER' } : object,
      );
      return { ...listing, objects };
    },
    readRange: (key, offset, length) => {
      if (key === data) throw new BackupError('OBJECT_ARCHIVED', `${key} lies in an archive`, { key });
      return store.readRange(key, offset, length);
    },
  };
  const { findings } = await verifyHere({ ...repository, store: archived }, STRUCTURE_ONLY);
  expect(findings).toContainEqual({
    key: data,
    severity: 'note',
    what: `${data} lies in an archive; it was not checked`,
  });
  expect(findings.filter(({ key }) => key.includes('/snapshots/'))).toEqual([]);
});

test('a chunk that is in no pack is damage of the snapshot that names it', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([...ONE_FILE, { path: 'b', content: 'second', chunks: [parseChunkId('5'.repeat(64))] }]);
  const key = await keyOf(builder.store, '/snapshots/');
  const { findings } = await verifyHere(builder.repository, STRUCTURE_ONLY);
  expect(findings[0]).toEqual({ key, severity: 'damage', what: 'its entries name 1 chunk that is in no pack' });
});

test('a file whose chunks do not add up is damage of the pack with its catalog page', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([FOLDER, { path: 'a', content: 'first', size: 4 }]);
  const key = await keyOf(builder.store, '/meta/');
  const { findings } = await verifyHere(builder.repository, STRUCTURE_ONLY);
  expect(findings[0]).toMatchObject({ key, severity: 'damage', what: expect.stringContaining('add up') as string });
});

test.each<[string, (snapshot: Snapshot) => Snapshot, RegExp]>([
  [
    'that needs a pack which it does not name',
    (snapshot) => ({ ...snapshot, packs: { ...snapshot.packs, data: {} } }),
    /needs v1\/.*\/data\/.* and does not name it/,
  ],
  [
    'with other totals than its catalog',
    (snapshot) => ({ ...snapshot, totals: { ...snapshot.totals, files: 7 } }),
    /other totals/,
  ],
  [
    'that names a page twice',
    (snapshot) => ({ ...snapshot, pages: [...(snapshot.pages ?? []), ...(snapshot.pages ?? [])] }),
    /not in order/,
  ],
])('a snapshot %s is damaged', async (_, change, words) => {
  const builder = new RepositoryBuilder();
  await builder.snapshot(ONE_FILE);
  const { key, repository } = await withSnapshot(builder.repository, change);
  const { findings } = await verifyHere(repository, STRUCTURE_ONLY);
  expect(findings[0]).toMatchObject({ key, severity: 'damage', what: expect.stringMatching(words) as string });
});

test('entries out of order are damage of the pack with their page', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([FOLDER, { path: 'a', content: 'x' }, { path: 'a', content: 'y' }]);
  const key = await keyOf(builder.store, '/meta/');
  expect(damagedKeys(await verifyHere(builder.repository, STRUCTURE_ONLY))).toEqual([key]);
});

test('a repository that was copied later stays whole, for run records confirm its snapshots', async () => {
  const { store, ...repository } = await smallRepository();
  const copy = memoryStore({ now: () => new Date('2027-01-01') });
  for (const { key, bytes } of await objectsOf(store)) await copy.create(key, [bytes]);
  expect((await verifyHere({ ...repository, store: copy })).findings).toEqual([]);

  const record = await keyOf(copy, '/runs/');
  await copy.remove(record);
  const { findings, snapshots } = await verifyHere({ ...repository, store: copy });
  expect(snapshots).toHaveLength(1);
  expect(damagedKeys({ findings })).toEqual([]);
  expect(findings.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^void: /));
});

test('a damaged run record that should confirm a snapshot does not hide the snapshot', async () => {
  const { store, ...repository } = await smallRepository();
  const copy = memoryStore({ now: () => new Date('2027-01-01') });
  const record = await keyOf(store, '/runs/');
  for (const { key, bytes } of await objectsOf(store))
    await copy.create(key, [key === record ? bytes.subarray(1) : bytes]);
  const result = await verifyHere({ ...repository, store: copy });
  expect(damagedKeys(result)).toEqual([record]);
  expect(result.snapshots).toHaveLength(2);
});

test('unknown keys, leftovers and the objects of other devices are left alone', async () => {
  const repository = await smallRepository();
  const { store, device } = repository;
  const run = '20250101T000000Z-00000009' as never;
  const [pack] = await listPacks(repository);
  const bytes = await store.read(pack?.object.key as ObjectKey, 1e6);
  const leftover = packKey(device, { kind: 'data', run, number: 0 });
  await store.create(leftover, [bytes]);
  const unknown = ['v1/system/holds/laptop-1/x', `v1/devices/${device}/new/1`, `v1/devices/${device}/new/2`];
  for (const key of [...unknown, 'v1/devices/other/snapshots/x.json'])
    await store.create(key as ObjectKey, [Buffer.from('?')]);
  const { findings, outcome } = await verifyHere(repository);
  expect(outcome).toBe('whole');
  expect(findings.map(({ key, severity }) => [severity, key])).toEqual([
    ['note', leftover],
    ['note', unknown[1]],
    ['note', unknown[0]],
  ]);
});

test('index segments may name packs that were removed, if no snapshot needs them', async () => {
  const repository = await smallRepository();
  const run = '20250101T000000Z-00000009' as never;
  const pack = { kind: 'data', run, number: 0, bytes: 9, etag: undefined, checksum: undefined } as const;
  const key = indexKey(repository.device, run);
  await repository.store.create(key, [
    encodeIndexSegment({ made: 'run', roots: [], replaces: [] }, [{ pack, segments: [] }]),
  ]);
  const { findings } = await verifyHere(repository);
  expect(findings).toEqual([{ key, severity: 'note', what: expect.stringContaining('1 pack') as string }]);
});

test('one pack with another ETag is damage until it is read; all of them with other ETags are a copy', async () => {
  const repository = await smallRepository();
  const packs = (await listPacks(repository)).map(({ object }) => object.key);
  const withEtag = (keys: readonly string[]): ObjectStore => ({
    ...repository.store,
    list: async (prefix) => {
      const listing = await repository.store.list(prefix);
      const objects = listing.objects.map((object) =>
        keys.includes(object.key) ? { ...object, etag: 'new' } : object,
      );
      return { ...listing, objects };
    },
  });
  const one = { ...repository, store: withEtag(packs.slice(0, 1)) };
  expect(damagedKeys(await verifyHere(one, STRUCTURE_ONLY))).toEqual(packs.slice(0, 1));
  expect(damagedKeys(await verifyHere(one, WITH_DATA))).toEqual([]);
  const all = await verifyHere({ ...repository, store: withEtag(packs) }, STRUCTURE_ONLY);
  expect(all).toMatchObject({ outcome: 'whole', findings: [{ severity: 'note' }] });
});
