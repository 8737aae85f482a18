/** A run that is cut off at any of its writes: earlier snapshots stay whole, and the next run sends nothing twice. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INDEX_BYTES_MAX, decodeIndexSegment, listIndexSegments, packNamesOf, packText } from '@backup-agent/core';
import type { ObjectKey, ObjectStore, Repository, Snapshot } from '@backup-agent/core';
import { openBench } from '../kit/backup-bench.ts';
import { bulk, cutOffAtWrites, failingAfter } from '../kit/power-cuts.ts';
import { readSnapshotContent } from '../kit/read-snapshot.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

test.each([
  ['before it lands', false],
  ['after it landed, before the answer', true],
])('a run cut off at every third of its writes, %s', (_, lands) => cutOffAtWrites({ lands, stride: 3 }));

test('a run cut off is continued without reading again what it had saved', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: bulk(), b: bulk(), c: bulk() });
  const bench = openBench();
  // Data pack and catalog land; the index does not.
  await expect(bench.run([folder], { through: (store) => failingAfter(2, false, store) })).rejects.toThrow('power cut');
  const next = await bench.run([folder]);
  expect(next.record.counts).toMatchObject({ filesUnchanged: 0, filesNew: 3, chunksNew: 0 });
  expect(next.record.bytes.read).toBe(0);
});

test('what a run cut off had saved counts in the next one as what it is to the snapshot before', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { 'same.txt': 'same', 'changed.txt': 'one', 'gone.txt': 'gone', 'touched.txt': 'touched' });
  const bench = openBench();
  await bench.run([folder]);
  writeTree(folder, { 'changed.txt': 'two', 'new.locked': 'new' });
  writeFileSync(join(folder, 'touched.txt'), 'touched');
  rmSync(join(folder, 'gone.txt'));
  await expect(bench.run([folder], { through: (store) => failingAfter(2, false, store) })).rejects.toThrow('power cut');
  const { counts, bytes, newEndings } = (await bench.run([folder])).record;
  expect(bytes.read).toBe(0);
  expect(counts).toMatchObject({ filesNew: 1, filesChanged: 1, filesUnchanged: 2, filesDeleted: 1 });
  expect(newEndings).toEqual([{ ending: '.locked', files: 1 }]);
});

test('a file that a run cut off had saved and that changed again is new still', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: bulk() });
  const bench = openBench();
  await expect(bench.run([folder], { through: (store) => failingAfter(2, false, store) })).rejects.toThrow('power cut');
  writeTree(folder, { a: bulk() });
  expect((await bench.run([folder])).record.counts).toMatchObject({ filesNew: 1, filesChanged: 0, filesDeleted: 0 });
});

test('without its journal a run cut off is continued without sending again what it had sent', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: bulk(), b: bulk() });
  const bench = openBench();
  await expect(bench.run([folder], { through: (store) => failingAfter(2, false, store) })).rejects.toThrow('power cut');
  const other = openBench({ store: bench.store });
  const next = await other.run([folder]);
  expect(next.record.counts).toMatchObject({ filesNew: 2, chunksNew: 0 });
  expect((await readSnapshotContent(bench.repository)).size).toBe(3);
});

test('of packs that a run cut off had not indexed the index of the next run tells', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: bulk(), b: bulk() });
  const bench = openBench();
  await expect(bench.run([folder], { through: (store) => failingAfter(2, false, store) })).rejects.toThrow('power cut');
  const { snapshot } = await bench.run([folder]);
  const told = await packsOfIndex(bench.repository);
  expect(packNamesOf(snapshot as Snapshot).filter((name) => !told.includes(name))).toEqual([]);
  await bench.run([folder], { job: { force: true } });
  const again = await packsOfIndex(bench.repository);
  expect(again).toHaveLength(new Set(again).size);
});

async function packsOfIndex(repository: Repository): Promise<string[]> {
  const told: string[] = [];
  for (const { key } of await listIndexSegments(repository)) {
    const bytes = await repository.store.read(key as ObjectKey, INDEX_BYTES_MAX);
    told.push(...decodeIndexSegment(bytes, key).packs.map(packText));
  }
  return told;
}

test('a pack that vanished between upload and commit is saved anew', async () => {
  const folder = temporaryFolder();
  const bytes = randomBytes(400_000);
  writeTree(folder, { a: bytes });
  const bench = openBench();
  let removed: string | undefined;
  const through = (store: ObjectStore): ObjectStore => ({
    ...store,
    create: async (key, body, options) => {
      const created = await store.create(key, body, options);
      if (removed === undefined && key.includes('/index/')) {
        removed = (await store.list('v1/devices/laptop-1/data/')).objects[0]?.key;
        await store.remove(removed as ObjectKey);
      }
      return created;
    },
  });
  const result = await bench.run([folder], { through });
  expect(removed).toBeDefined();
  expect(result.record.counts).toMatchObject({ filesNew: 1, filesUnchanged: 0 });
  expect(result.exitCode).toBe(0);
  expect((await readSnapshotContent(bench.repository)).get('0:a')?.content?.equals(bytes)).toBe(true);
});

test('chunks that can be found no more are saved anew by the next run that has something to save', async () => {
  const folder = temporaryFolder();
  const bytes = randomBytes(50_000);
  writeTree(folder, { a: bytes, b: 'text' });
  const bench = openBench();
  await bench.run([folder]);
  const [pack] = (await bench.store.list('v1/devices/laptop-1/data/')).objects;
  const [index] = (await bench.store.list('v1/devices/laptop-1/index/')).objects;
  const key = pack?.key as ObjectKey;
  const stored = await bench.store.read(key, 1e9);
  stored[stored.length - 60] = (stored[stored.length - 60] ?? 0) ^ 1; // In its directory: the pack cannot be understood.
  await bench.store.remove(key);
  await bench.store.create(key, [stored]);
  await bench.store.remove(index?.key as ObjectKey);

  writeFileSync(join(folder, 'b'), 'another text');
  const next = await bench.run([folder]);
  expect(next.exitCode).toBe(0);
  const table = await readSnapshotContent(bench.repository, { by: 'latest' }, () => {});
  expect(table.get('0:a')?.content?.equals(bytes)).toBe(true);
});
