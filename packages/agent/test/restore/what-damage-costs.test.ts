import { hash, randomBytes } from 'node:crypto';
import { expect, test, describe } from 'vitest';
import { findChunk, listIndexSegments, listPacks, loadChunkTable, packKey, readSnapshots } from '@backup-agent/core';
import type { PackPlace } from '@backup-agent/core';
import { RepositoryBuilder, damagedStore } from '@backup-agent/core/test-kit';
import type { DamagedStore, EntrySpec } from '@backup-agent/core/test-kit';
import { readTree } from '../kit/read-tree.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder } from '../kit/tree.ts';

const text = (n: number): string => `file number ${n} says ${'something '.repeat(20 + n)}`;

/** Where a chunk lies. */
async function placeOf(builder: RepositoryBuilder, content: string) {
  const table = await loadChunkTable(builder.repository, { onDamage: () => {} });
  const place = table.place(findChunk(table, Buffer.from(hash('sha256', content), 'hex')));
  const key = packKey(builder.repository.device, table.packs[place.pack] as PackPlace);
  return { key, offset: place.segmentOffset };
}

async function restoredFrom(builder: RepositoryBuilder, store: DamagedStore, options = {}) {
  const target = temporaryFolder();
  const done = await restoreInto({ ...builder.repository, store }, target, options);
  return { ...done, target, names: Object.keys(readTree(target)) };
}

test('a damaged chunk costs the files that use it, each named with the pack; all others are restored', async () => {
  const builder = new RepositoryBuilder({ segmentBytes: 1 });
  await builder.snapshot([
    { path: 'a', content: text(1) },
    { path: 'b', content: text(2) },
    { path: 'copy of a', content: text(1) },
    { path: 'large', content: randomBytes(3_000_000) },
    { path: 'link to a', content: text(1), link: '1:1' },
    { path: 'other link to a', content: text(1), link: '1:1' },
  ]);
  const store = damagedStore(builder.store);
  const { key, offset } = await placeOf(builder, text(1));
  await store.flip(key, offset + 20);
  const done = await restoredFrom(builder, store);
  const reason = expect.stringContaining(key) as string;
  expect(problemsOf(done)).toEqual({ a: reason, 'copy of a': reason, 'link to a': reason, 'other link to a': reason });
  expect(done.result.outcome).toBe('incomplete');
  expect(done.names).toEqual(['b', 'large']);
  expect(done.events.filter(({ type }) => type === 'problem')).toHaveLength(4);
});

test('a damaged chunk in the middle of a large file leaves nothing of it', async () => {
  const builder = new RepositoryBuilder({ segmentBytes: 1 });
  await builder.snapshot([
    { path: 'large', content: randomBytes(6_000_000) },
    { path: 'small', content: 'x' },
  ]);
  const store = damagedStore(builder.store);
  const [pack] = await listPacks(builder.repository);
  await store.flip(pack?.object.key as string, 3_000_000);
  const done = await restoredFrom(builder, store);
  expect(Object.keys(problemsOf(done))).toEqual(['large']);
  expect(done.names).toEqual(['small']);
});

test.each([
  ['missing', (store: DamagedStore, key: string) => store.setDamage(key, 'missing')],
  ['cut off', (store: DamagedStore, key: string) => store.setDamage(key, Buffer.alloc(10))],
])('a pack that is %s costs its files only', async (_, spoil) => {
  const builder = new RepositoryBuilder({ segmentBytes: 1, packSegments: 2 });
  await builder.snapshot(Array.from({ length: 9 }, (_, n) => ({ path: `f${n}`, content: text(n) })));
  const store = damagedStore(builder.store);
  const { key } = await placeOf(builder, text(4));
  spoil(store, key);
  const done = await restoredFrom(builder, store);
  expect(Object.values(problemsOf(done)).every((reason) => reason.includes(key))).toBe(true);
  expect(Object.keys(problemsOf(done))).toContain('f4');
  expect(done.result.problemCount).toBe(2);
  expect(done.names).toHaveLength(7);
});

test('what another pack holds too is not lost', async () => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([{ path: 'a', content: text(1) }]);
  const { key } = await placeOf(builder, text(1));
  const forgetful = new RepositoryBuilder({ store: builder.store });
  await forgetful.snapshot([]);
  await forgetful.snapshot([{ path: 'a', content: text(1) }]);
  const store = damagedStore(builder.store);
  await store.flip(key, 5);
  const done = await restoredFrom(forgetful, store);
  expect(done.result).toMatchObject({ outcome: 'complete', counts: { files: 1 } });
});

test('without any index everything is restored', async () => {
  const builder = new RepositoryBuilder({ segmentBytes: 1, packSegments: 2 });
  await builder.snapshot(Array.from({ length: 9 }, (_, n) => ({ path: `f${n}`, content: text(n) })));
  const store = damagedStore(builder.store);
  for (const { key } of await listIndexSegments(builder.repository)) store.setDamage(key, 'missing');
  expect((await restoredFrom(builder, store)).result).toMatchObject({ outcome: 'complete', counts: { files: 9 } });
});

describe('of a catalog of several pages', () => {
  const COUNT = 2000;
  const entries = (mode: number): EntrySpec[] =>
    Array.from({ length: COUNT }, (_, n) => ({
      path: `file-${String(n).padStart(4, '0')}`,
      content: `content ${n % 10}`,
      mode,
    }));

  test.each([false, true])('a damaged page is told as a range (page lists: %s)', async (pageLists) => {
    const builder = new RepositoryBuilder();
    const older = await builder.snapshot(entries(0o644));
    await builder.snapshot(entries(0o600), { pageLists });
    const store = damagedStore(builder.store);
    const meta = (await listPacks(builder.repository)).filter(({ kind }) => kind === 'meta').at(-1);
    await store.flip(meta?.object.key as string, (meta?.object.bytes as number) >> 1);
    const done = await restoredFrom(builder, store);
    expect(done.result).toMatchObject({ outcome: 'incomplete', problemCount: 1 });
    const reason = done.result.problems[0]?.reason ?? '';
    const [, first = '', end = ''] =
      /entries from \/home\/ann\/(\S+) to (?:before \/home\/ann\/(\S+)|the end) of the catalog are lost/.exec(reason) ??
      [];
    const all = entries(0).map(({ path }) => path);
    const lost = all.filter((path) => path >= first && (end === '' || path < end));
    expect(lost.length).toBeGreaterThan(50);
    expect(done.names).toEqual(all.filter((path) => !lost.includes(path)));
    expect(reason).toContain(`snapshot ${older} has entries there`);
  });

  test('a file on an undamaged page is found without the damaged one being told', async () => {
    const builder = new RepositoryBuilder();
    await builder.snapshot(entries(0o644));
    const { valid } = await readSnapshots(builder.repository);
    const last = valid[0]?.snapshot.pages?.at(-1);
    const store = damagedStore(builder.store);
    const meta = (await listPacks(builder.repository)).find(({ kind }) => kind === 'meta');
    await store.flip(meta?.object.key as string, last?.offset as number);
    const done = await restoredFrom(builder, store, { paths: ['file-0001'] });
    expect(done.result).toMatchObject({ outcome: 'complete', counts: { files: 1 } });
  });
});
