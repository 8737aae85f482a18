import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeMarks, listPacks, marksKey, readSnapshots } from '@backup-agent/core';
import type { ObjectKey, ObjectStore, SnapshotName } from '@backup-agent/core';
import { damagedStore } from '@backup-agent/core/test-kit';
import type { DamagedStore } from '@backup-agent/core/test-kit';
import { repairSnapshots } from '../../src/repair/repair-snapshots.ts';
import type { SnapshotRepairRequest, SnapshotRepairResult } from '../../src/repair/repair-snapshots.ts';
import { afterVerify, NO_DAMAGE, writeDamageNote } from '../../src/state/damage-note.ts';
import { openBench } from '../kit/backup-bench.ts';
import type { Bench } from '../kit/backup-bench.ts';
import { readTree } from '../kit/read-tree.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { removeTree, temporaryFolder, writeTree } from '../kit/tree.ts';
import { changedStore, damagedKeys, listedRepository, verifyHere } from '../kit/verify-bench.ts';

interface Backups {
  readonly bench: Bench;
  readonly store: DamagedStore;
  readonly names: readonly SnapshotName[];
  repair(request?: Partial<SnapshotRepairRequest>): Promise<SnapshotRepairResult>;
  /** The n-th data pack, from 0: the n-th backup made it. */
  dataPack(n: number): Promise<string>;
}

const source = realpathSync(mkdtempSync(join(tmpdir(), 'backup-agent-test-')));
afterAll(() => removeTree(source));
let made: Promise<{ readonly store: ObjectStore; readonly names: readonly SnapshotName[] }> | undefined;

/** Two backups of one folder: `first` came with the one, `second` with the other. Made once, copied for each test. */
async function twoBackups(): Promise<Backups> {
  made ??= backUpTwice();
  const { store: original, names } = await made;
  const store = damagedStore(await changedStore(original, {}));
  const bench = openBench({ store });
  return {
    bench,
    store,
    names,
    repair: (request) => repairSnapshots({ snapshot: undefined, dryRun: false, ...request }, bench.deps),
    dataPack: async (n) => {
      const packs = (await listPacks(bench.repository)).filter(({ kind }) => kind === 'data');
      const ordered = packs.sort((a, b) => +a.object.modified - +b.object.modified);
      return ordered[n]?.object.key ?? '';
    },
  };
}

async function backUpTwice(): Promise<{ store: ObjectStore; names: SnapshotName[] }> {
  const bench = openBench();
  const names: SnapshotName[] = [];
  for (const name of ['first', 'second']) {
    writeTree(source, { [name]: { content: randomBytes(50_000), small: `small ${name}` } });
    names.push((await bench.run([source])).name as SnapshotName);
  }
  return { store: bench.store, names };
}

const damagedBeside = async ({ repository }: Bench): Promise<string[]> =>
  damagedKeys(await verifyHere(repository, { snapshot: { by: 'latest' }, dataShare: 1 })).filter(
    (key) => key !== 'v1/repository.json',
  );

test('a repository that is whole needs nothing', async () => {
  const { bench, repair, names, store } = await twoBackups();
  const before = (await store.list('v1/')).objects;
  const result = await repair();
  expect(result).toEqual({
    snapshots: [{ snapshot: names[1], outcome: 'whole', made: undefined, lost: [], missingPacks: [] }],
    others: [],
    damaged: [],
  });
  expect((await bench.store.list('v1/')).objects).toEqual(before);
});

describe('after a pack is lost', () => {
  test('a new snapshot has all that is not, and each lost file is named', async () => {
    const { bench, repair, names, store, dataPack } = await twoBackups();
    const pack = await dataPack(0);
    await store.remove(pack as ObjectKey);
    const { snapshots, others } = await repair();
    expect(snapshots).toMatchObject([
      {
        snapshot: names[1],
        outcome: 'repaired-with-losses',
        lost: [join(source, 'first/content'), join(source, 'first/small')],
        missingPacks: [pack.replace('v1/devices/laptop-1/', '')],
      },
    ]);
    expect(others).toEqual([names[0]]);
    const target = temporaryFolder();
    expect(problemsOf(await restoreInto(bench.repository, target))).toEqual({});
    expect(Object.keys(readTree(target)).sort()).toEqual(['first', 'second', 'second/content', 'second/small']);
    expect(readTree(target)['second/content']).toEqual(readTree(source)['second/content']);
    expect(await damagedBeside(bench)).toEqual([]);
  });

  test('it is a run with a record, supersedes nothing, and leaves the old ones alone', async () => {
    const { bench, repair, names, store, dataPack } = await twoBackups();
    await store.remove((await dataPack(0)) as ObjectKey);
    const { snapshots } = await repair();
    const { valid } = await readSnapshots(bench.repository);
    expect(valid.map(({ name }) => name)).toEqual([snapshots[0]?.made, names[1], names[0]]);
    const [made] = valid;
    expect(made?.snapshot).toMatchObject({ finished: false, tags: ['repaired'], totals: { files: 2, unreadable: 0 } });
    const records = (await store.list('v1/devices/laptop-1/runs/')).objects.map(({ key }) => key);
    expect(records).toContain(`v1/devices/laptop-1/runs/${made?.snapshot.run}.json`);
    expect(existsSync(join(bench.journalFolder, 'repair'))).toBe(false);
  });

  test('a second repair has nothing to do, and the next run builds on it', async () => {
    const { bench, repair, store, dataPack } = await twoBackups();
    await store.remove((await dataPack(0)) as ObjectKey);
    const { snapshots } = await repair();
    expect((await repair()).snapshots).toMatchObject([{ snapshot: snapshots[0]?.made, outcome: 'whole' }]);
    const { record } = await bench.run([source]);
    expect(record.counts).toMatchObject({ filesUnchanged: 2, filesNew: 2 });
    const target = temporaryFolder();
    await restoreInto(bench.repository, target);
    expect(readTree(target)).toEqual(readTree(source));
  });

  test('a snapshot that is named is repaired, and no other', async () => {
    const { repair, names, store, dataPack } = await twoBackups();
    await store.remove((await dataPack(0)) as ObjectKey);
    const { snapshots, others } = await repair({ snapshot: { by: 'name', prefix: names[0] as string } });
    expect(snapshots).toMatchObject([{ snapshot: names[0], outcome: 'repaired-with-losses' }]);
    expect(others).toEqual([names[1]]);
  });

  test('a dry run names the same, and stores nothing', async () => {
    const { repair, store, dataPack } = await twoBackups();
    await store.remove((await dataPack(0)) as ObjectKey);
    const before = (await store.list('v1/')).objects;
    const { snapshots } = await repair({ dryRun: true });
    expect(snapshots).toMatchObject([{ outcome: 'repaired-with-losses', made: undefined }]);
    expect(snapshots[0]?.lost).toHaveLength(2);
    expect((await store.list('v1/')).objects).toEqual(before);
  });

  test('nothing is lost that another pack holds too', async () => {
    const { bench, repair, store, dataPack } = await twoBackups();
    const pack = await dataPack(0);
    const bytes = await store.read(pack as ObjectKey, 1e9);
    // A run cut off on another day had sent the same.
    await store.create(`${pack.slice(0, -5)}00077` as ObjectKey, [bytes]);
    await store.remove(pack as ObjectKey);
    const { snapshots } = await repair();
    expect(snapshots).toMatchObject([{ outcome: 'repaired', lost: [] }]);
    const target = temporaryFolder();
    await restoreInto(bench.repository, target);
    expect(readTree(target)).toEqual(readTree(source));
  });
});

test('of each set of folders the newest is repaired', async () => {
  const { bench, repair, store, names, dataPack } = await twoBackups();
  const other = temporaryFolder();
  writeTree(other, { alone: 'alone' });
  const { name } = await bench.run([other]);
  await store.remove((await dataPack(2)) as ObjectKey);
  const { snapshots } = await repair();
  expect(snapshots.map(({ snapshot, outcome }) => [snapshot, outcome])).toEqual([
    [name, 'repaired-with-losses'],
    [names[1], 'whole'],
  ]);
});

test('chunks that are known to be damaged are as good as gone', async () => {
  const { bench, repair, store, dataPack } = await twoBackups();
  const pack = await dataPack(1);
  await store.flip(pack, 25_000);
  expect((await repair()).snapshots).toMatchObject([{ outcome: 'whole' }]);
  const { packs } = await verifyHere(bench.repository);
  writeDamageNote(bench.damageFile, afterVerify(NO_DAMAGE, packs));
  const { snapshots } = await repair();
  expect(snapshots).toMatchObject([{ outcome: 'repaired-with-losses', lost: [join(source, 'second/content')] }]);
  expect(problemsOf(await restoreInto(bench.repository, temporaryFolder()))).toEqual({});
});

test('of a file whose chunks stand in lists, one lost chunk is enough', async () => {
  const listed = await listedRepository();
  const store = damagedStore(listed.store);
  const repository = { ...listed, store };
  const { deps } = openBench({ store });
  const [pack] = (await listPacks(repository)).filter(({ kind }) => kind === 'data');
  await store.flip(pack?.object.key ?? '', 40);
  const { packs } = await verifyHere(repository);
  writeDamageNote(deps.damageFile, afterVerify(NO_DAMAGE, packs));
  const request = { snapshot: undefined, dryRun: false };
  const { snapshots } = await repairSnapshots(request, { ...deps, repository });
  expect(snapshots).toMatchObject([{ outcome: 'repaired-with-losses' }]);
  expect(snapshots[0]?.lost.map((path) => path.split('/').at(-1))).toEqual(['large']);
  const target = temporaryFolder();
  expect(problemsOf(await restoreInto(repository, target))).toEqual({});
  expect(Object.keys(readTree(target))).toEqual(['small']);
});

test('a lost catalog page costs what was on it', async () => {
  const { bench, repair, store } = await twoBackups();
  const metas = (await listPacks(bench.repository)).filter(({ kind }) => kind === 'meta');
  const newest = metas.sort((a, b) => +b.object.modified - +a.object.modified)[0];
  await store.flip(newest?.object.key ?? '', 30);
  const { snapshots } = await repair();
  expect(snapshots[0]?.outcome).toBe('repaired-with-losses');
  expect(snapshots[0]?.lost).toEqual([expect.stringContaining(`entries from ${source}`)]);
});

test('what lies in marked packs is kept, for the snapshot that is repaired is its anchor', async () => {
  const { bench, repair, store, dataPack } = await twoBackups();
  const { device } = bench.repository;
  const kept = await dataPack(1);
  const mark = { pack: kept.replace('v1/devices/laptop-1/', ''), state: 'retiring', since: null } as const;
  await store.create(marksKey(device, 1), [encodeMarks({ version: 1, sequence: 1, marks: [mark] })]);
  await store.remove((await dataPack(0)) as ObjectKey);
  const { snapshots } = await repair();
  expect(snapshots).toMatchObject([{ outcome: 'repaired-with-losses' }]);
  expect(snapshots[0]?.lost).toHaveLength(2);
  const target = temporaryFolder();
  expect(problemsOf(await restoreInto(bench.repository, target))).toEqual({});
  expect(Object.keys(readTree(target))).toContain('second/content');
});

test('a pack that goes while the repair is under way costs its files', async () => {
  const { bench, store, dataPack } = await twoBackups();
  await store.remove((await dataPack(0)) as ObjectKey);
  const [second] = (await listPacks(bench.repository)).filter(({ kind }) => kind === 'data');
  const goes = {
    ...store,
    create: async (...args: Parameters<typeof store.create>) => {
      await store.remove(second?.object.key as ObjectKey);
      return store.create(...args);
    },
  };
  const deps = { ...bench.deps, repository: { ...bench.repository, store: goes } };
  const { snapshots } = await repairSnapshots({ snapshot: undefined, dryRun: false }, deps);
  expect(snapshots[0]?.lost).toEqual(
    ['first/content', 'first/small', 'second/content', 'second/small'].map((name) => join(source, name)),
  );
});
