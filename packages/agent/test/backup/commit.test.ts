/** The agent's side of the protocol that makes deletion safe without locks. */
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  BackupError,
  encodeMarks,
  listSnapshots,
  marksKey,
  memoryStore,
  readSnapshots,
  packNamesOf,
} from '@backup-agent/core';
import type { ObjectKey, ObjectStore } from '@backup-agent/core';
import { openBench } from '../kit/backup-bench.ts';
import type { Bench } from '../kit/backup-bench.ts';
import { readSnapshotContent, textsOf } from '../kit/read-snapshot.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

const MINUTE = 60_000;

/** Marks all packs that are there now, as a night does. */
async function markAll(bench: Bench, sequence: number): Promise<void> {
  const marks = [];
  for (const kind of ['data', 'meta'] as const) {
    for (const { key } of (await bench.store.list(`v1/devices/laptop-1/${kind}/`)).objects)
      marks.push({ pack: key.replace('v1/devices/laptop-1/', ''), state: 'dead' as const, since: null });
  }
  await bench.store.create(marksKey(bench.repository.device, sequence), [encodeMarks({ version: 1, sequence, marks })]);
}

/** Calls `act` once, right after the first object whose key has this in it was written. */
const afterWriting = (part: string, act: () => Promise<void>) => {
  let done = false;
  return (store: ObjectStore): ObjectStore => ({
    ...store,
    create: async (key, body, options) => {
      const created = await store.create(key, body, options);
      if (!done && key.includes(part)) {
        done = true;
        await act();
      }
      return created;
    },
  });
};

test('a run rests on no pack that was marked before it began', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: randomBytes(3000) });
  const bench = openBench();
  const first = await bench.run([folder]);
  await markAll(bench, 1);
  const second = await bench.run([folder]);
  const old = new Set(packNamesOf(first.snapshot as never));
  expect(packNamesOf(second.snapshot as never).filter((name) => old.has(name))).toEqual([]);
  expect((await readSnapshotContent(bench.repository)).size).toBe(2);
});

test('packs marked while a run is under way are replaced before it commits', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'old', b: randomBytes(3000) });
  const bench = openBench();
  const first = await bench.run([folder]);
  writeFileSync(join(folder, 'new'), randomBytes(3000));
  const old = new Set(packNamesOf(first.snapshot as never));
  const marksOld = async (): Promise<void> => {
    const marks = [...old].map((pack) => ({ pack, state: 'retiring' as const, since: null }));
    await bench.store.create(marksKey(bench.repository.device, 1), [encodeMarks({ version: 1, sequence: 1, marks })]);
  };
  const second = await bench.run([folder], { through: afterWriting('/index/', marksOld) });
  expect(packNamesOf(second.snapshot as never).filter((name) => old.has(name))).toEqual([]);
  expect(textsOf(await readSnapshotContent(bench.repository))).toMatchObject({ '0:a': 'old' });
});

test('only the newest state of marks holds', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const bench = openBench();
  await bench.run([folder]);
  await markAll(bench, 1);
  await bench.store.create(marksKey(bench.repository.device, 2), [encodeMarks({ version: 1, sequence: 2, marks: [] })]);
  const second = await bench.run([folder]);
  expect(second.record.counts).toMatchObject({ packs: 0, filesUnchanged: 1 });
});

test('a file that cannot be read stays restorable although its pack is marked, as long as an anchor names it', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { disk: { a: 'precious' } });
  const bench = openBench();
  await bench.run([join(folder, 'disk')]);
  await markAll(bench, 1);
  renameSync(join(folder, 'disk'), join(folder, 'unplugged'));
  const second = await bench.run([join(folder, 'disk')]);
  expect(second.exitCode).toBe(3);
  expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:a': 'precious' });
  const data = packNamesOf(second.snapshot as never).filter((name) => name.startsWith('data/'));
  expect(data).toHaveLength(1);
});

test('a snapshot that lands late is void for every reader, and the run commits again on a new listing', async () => {
  let time = Date.parse('2026-03-01T00:00:00Z');
  const store = memoryStore({ now: () => new Date(time) });
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const bench = openBench({ store });
  let late = 0;
  const through = (under: ObjectStore): ObjectStore => ({
    ...under,
    create: (key, body, options) => {
      if (key.includes('/snapshots/') && late++ === 0) time += 16 * MINUTE;
      return under.create(key, body, options);
    },
  });
  const result = await bench.run([folder], { through });
  expect(result.name).toMatch(/-1$/);
  expect(await listSnapshots(bench.repository)).toHaveLength(2);
  const { valid } = await readSnapshots(bench.repository);
  expect(valid.map(({ name }) => name)).toEqual([result.name]);
});

test('a snapshot that is confirmed by its record stays valid when the repository is copied', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const bench = openBench();
  await bench.run([folder]);
  const copied = memoryStore({ now: () => new Date('2031-01-01T00:00:00Z') });
  for (const { key } of (await bench.store.list('v1/')).objects)
    await copied.create(key as ObjectKey, [await bench.store.read(key as ObjectKey, 1e9)]);
  const { valid } = await readSnapshots({ ...bench.repository, store: copied });
  expect(valid).toHaveLength(1);
});

test('a commit whose answer is lost is found by looking, and not made twice', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const bench = openBench();
  const through = (store: ObjectStore): ObjectStore => ({
    ...store,
    create: async (key, body, options) => {
      const created = await store.create(key, body, options);
      if (key.includes('/snapshots/')) throw new BackupError('STORE_UNREACHABLE', 'the connection was cut');
      return created;
    },
  });
  const result = await bench.run([folder], { through });
  expect(await listSnapshots(bench.repository)).toHaveLength(1);
  expect(result.record.committed?.key).toContain(result.name);
});

test('a commit that never arrives is given up after ten listings', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const bench = openBench();
  let puts = 0;
  const through = (store: ObjectStore): ObjectStore => ({
    ...store,
    create: async (key, body, options) => {
      if (!key.includes('/snapshots/')) return store.create(key, body, options);
      puts++;
      throw new BackupError('STORE_UNREACHABLE', 'the connection was cut');
    },
  });
  await expect(bench.run([folder], { through })).rejects.toMatchObject({ code: 'COMMIT_GIVEN_UP', exitCode: 1 });
  expect(puts).toBe(10);
});

test('what is carried forward from marked packs without an anchor is left out and named, and the run commits', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { one: { a: 'precious' }, two: { b: 'b' } });
  const bench = openBench();
  await bench.run([join(folder, 'one')]);
  await markAll(bench, 1);
  renameSync(join(folder, 'one'), join(folder, 'unplugged'));
  // No snapshot has both roots, so none is an anchor for both.
  const result = await bench.run([join(folder, 'one'), join(folder, 'two')]);
  expect(result.exitCode).toBe(3);
  expect(result.record.problems).toContainEqual({
    path: join(folder, 'one/a'),
    reason: 'cannot be read, and what was stored of it is gone',
  });
  expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '1:b': 'b' });
});

test('a snapshot that has landed stays a success if its record cannot be written', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const bench = openBench();
  const through = (store: ObjectStore): ObjectStore => ({
    ...store,
    create: async (key, body, options) => {
      if (key.includes('/runs/')) throw new BackupError('STORE_UNREACHABLE', 'the connection was cut');
      return store.create(key, body, options);
    },
  });
  expect((await bench.run([folder], { through })).exitCode).toBe(0);
  expect(bench.events).toContainEqual({
    type: 'warning',
    message: 'the record of this run could not be written: the connection was cut',
  });
  expect(await listSnapshots(bench.repository)).toHaveLength(1);
});
