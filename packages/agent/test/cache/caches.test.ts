import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  indexPrefix,
  listSnapshots,
  packsPrefix,
  readEntries,
  readPageReferences,
  readSnapshot,
} from '@backup-agent/core';
import type { ObjectKey, ObjectReader } from '@backup-agent/core';
import { CacheFolder } from '../../src/cache/cache-folder.ts';
import { cacheObjects } from '../../src/cache/object-cache.ts';
import { openPageCache } from '../../src/cache/page-cache.ts';
import { openBench } from '../kit/backup-bench.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

function openFolder(folder: string, now = new Date()) {
  const troubles: string[] = [];
  const cache = new CacheFolder(folder, {
    now: () => now,
    random: randomBytes,
    onTrouble: (text) => troubles.push(text),
  });
  return { cache, troubles };
}

const filesIn = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** A repository with one snapshot, and a count of what is read from it. */
async function backedUp() {
  const bench = openBench();
  const folder = temporaryFolder();
  writeTree(folder, Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`file-${i}`, `content ${i}`])));
  await bench.run([folder]);
  const reads: string[] = [];
  const { store } = bench;
  const counted: ObjectReader = {
    ...store,
    find: (key, bytesMax) => (reads.push(key), store.find(key, bytesMax)),
    readRange: (key, offset, length) => (reads.push(key), store.readRange(key, offset, length)),
  };
  return { repository: { ...bench.repository, store: counted }, reads };
}

test('what is kept is found, under its own name only', () => {
  const { cache } = openFolder(temporaryFolder());
  cache.keep('aabb', Buffer.from('hello'));
  expect(cache.find('aabb')?.toString()).toBe('hello');
  expect(cache.find('aacc')).toBeUndefined();
});

test('a file that was changed, cut off or put under another name is not found and goes', () => {
  for (const spoil of [
    (file: string) => fs.writeFileSync(file, Buffer.from(fs.readFileSync(file).toReversed())),
    (file: string) => fs.truncateSync(file, 10),
    (file: string) => fs.truncateSync(file, 0),
    (file: string) => fs.renameSync(file, path.join(path.dirname(file), 'aacc')),
  ]) {
    const folder = temporaryFolder();
    const { cache } = openFolder(folder);
    cache.keep('aabb', Buffer.from('hello'));
    spoil(filesIn(folder)[0] as string);
    expect(cache.find('aabb')).toBeUndefined();
    expect(cache.find('aacc')).toBeUndefined();
    expect(filesIn(folder)).toEqual([]);
  }
});

test('a folder that cannot be used is told once and fails nothing', () => {
  const folder = path.join(temporaryFolder(), 'cache');
  fs.writeFileSync(folder, 'a file stands in the way');
  const { cache, troubles } = openFolder(folder);
  cache.keep('aabb', Buffer.from('hello'));
  expect(cache.find('aabb')).toBeUndefined();
  cache.prune(0);
  expect(troubles).toHaveLength(1);
});

test('what was not used for longest goes first', () => {
  const folder = temporaryFolder();
  const now = new Date('2026-11-20T12:00:00Z');
  const { cache } = openFolder(folder, now);
  for (const name of ['aa1', 'bb2', 'cc3']) cache.keep(name, Buffer.alloc(1000));
  const ages = { aa1: 10, bb2: 20, cc3: 30 };
  for (const [name, days] of Object.entries(ages)) {
    const used = new Date(+now - days * 86_400_000);
    fs.utimesSync(path.join(folder, name.slice(0, 2), name), used, used);
  }
  cache.find('cc3');
  cache.prune(2200);
  expect(
    filesIn(folder)
      .map((file) => path.basename(file))
      .sort(),
  ).toEqual(['aa1', 'cc3']);
});

test('snapshots and index segments are read from the store once, packs and listings always', async () => {
  const { repository, reads } = await backedUp();
  const { cache } = openFolder(temporaryFolder());
  const store = cacheObjects(repository.store, cache);
  const [listed] = await listSnapshots({ ...repository, store });
  const indexKey = (await store.list(indexPrefix(repository.device))).objects[0]?.key as ObjectKey;
  const pack = (await store.list(packsPrefix(repository.device, 'meta'))).objects[0]?.key as ObjectKey;
  for (let i = 0; i < 3; i++) {
    expect(await readSnapshot({ ...repository, store }, listed!)).toBeDefined();
    expect(await store.find(indexKey, 1e9)).toEqual(await repository.store.find(indexKey, 1e9));
    await store.find(pack, 1e9);
  }
  expect(reads.filter((key) => key === listed?.key)).toHaveLength(1);
  expect(reads.filter((key) => key === indexKey)).toHaveLength(1 + 3);
  expect(reads.filter((key) => key === pack)).toHaveLength(3);
});

test('pages come from the cache, and from the store again when the cache is spoiled', async () => {
  const { repository, reads } = await backedUp();
  const folder = temporaryFolder();
  const pageCache = openPageCache(openFolder(folder).cache);
  const [listed] = await listSnapshots(repository);
  const landed = await readSnapshot(repository, listed!);
  const entries = async (): Promise<number> => {
    const pages = await readPageReferences(repository, landed!.snapshot, pageCache);
    let count = 0;
    for await (const _ of readEntries(repository, pages, pageCache)) count++;
    return count;
  };
  const all = await entries();
  reads.length = 0;
  expect(await entries()).toBe(all);
  expect(reads).toEqual([]);
  for (const file of filesIn(folder)) fs.writeFileSync(file, 'spoiled');
  expect(await entries()).toBe(all);
  expect(reads.length).toBeGreaterThan(0);
  fs.rmSync(folder, { recursive: true });
  expect(await entries()).toBe(all);
});

test('what a damaged pack gave is not kept', async () => {
  const { repository } = await backedUp();
  const folder = temporaryFolder();
  const pageCache = openPageCache(openFolder(folder).cache);
  const [listed] = await listSnapshots(repository);
  const landed = await readSnapshot(repository, listed!);
  const [page] = await readPageReferences(repository, landed!.snapshot);
  await pageCache.keep(page!, Buffer.alloc(page!.storedBytes));
  await pageCache.keep(page!, Buffer.alloc(1));
  expect(await pageCache.find(page!)).toBeUndefined();
});
