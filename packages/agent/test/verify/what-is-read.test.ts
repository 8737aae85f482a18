/** How much a verification reads, and of what. */
import { expect, test } from 'vitest';
import type { AgentEvent } from '../../src/events.ts';
import { openSegmentThreads } from '../../src/verify/segment-threads.ts';
import { RepositoryBuilder, damagedStore } from '@backup-agent/core/test-kit';
import { damagedKeys, objectsOf, smallRepository, verifyHere } from '../kit/verify-bench.ts';

/** 20 files in 20 packs, and one meta pack. */
async function manyPacks(): Promise<RepositoryBuilder> {
  const builder = new RepositoryBuilder({ segmentBytes: 1, packSegments: 1 });
  const files = Array.from({ length: 20 }, (_, i) => ({ path: `file ${i}`, content: `content ${i}` }));
  await builder.snapshot([{ path: '', kind: 'folder' }, ...files]);
  return builder;
}

test.each([
  [0, 0],
  [0.01, 1],
  [0.1, 3],
  [0.5, 11],
  [1, 21],
])('of the share %d whole packs are read', async (dataShare, packsRead) => {
  const { repository } = await manyPacks();
  const { counts } = await verifyHere(repository, { snapshot: undefined, dataShare });
  expect(counts).toMatchObject({ packs: 21, packsRead });
});

test('the same random number chooses the same packs, another one others', async () => {
  const { repository } = await manyPacks();
  const chosen = async (seed: number): Promise<string> => {
    const keys = new Set<string>();
    const store = {
      ...repository.store,
      readRange: (...args: Parameters<typeof repository.store.readRange>) => {
        if (args[0].includes('/data/')) keys.add(args[0]);
        return repository.store.readRange(...args);
      },
    };
    const random = (bytes: number): Uint8Array => Buffer.alloc(bytes, seed);
    await verifyHere({ ...repository, store }, { snapshot: undefined, dataShare: 0.3 }, { random });
    return [...keys].sort().join();
  };
  expect(await chosen(1)).toBe(await chosen(1));
  expect(await chosen(1)).not.toBe(await chosen(2));
});

test('of one snapshot only what it needs is checked', async () => {
  const builder = new RepositoryBuilder();
  const first = await builder.snapshot([
    { path: '', kind: 'folder' },
    { path: 'a', content: 'first' },
  ]);
  await builder.snapshot([
    { path: '', kind: 'folder' },
    { path: 'b', content: 'second' },
  ]);
  const newest = (await objectsOf(builder.store)).filter(({ key }) => key.includes('/data/')).at(-1)?.key as string;
  const store = damagedStore(builder.store);
  await store.flip(newest, 0);
  const repository = { ...builder.repository, store };
  const old = await verifyHere(repository, { snapshot: { by: 'name', prefix: first }, dataShare: 1 });
  expect(old).toMatchObject({ outcome: 'whole', snapshots: [first], counts: { packsRead: 2 } });
  const latest = await verifyHere(repository, { snapshot: { by: 'latest' }, dataShare: 1 });
  expect(damagedKeys(latest)).toEqual([newest]);
});

test('a damaged snapshot that is asked for is a finding; one that is not there is an error', async () => {
  const repository = await smallRepository();
  const key = (await objectsOf(repository.store)).filter((object) => object.key.includes('/snapshots/')).at(-1)?.key;
  const store = damagedStore(repository.store);
  await store.flip(key as string, 20);
  const request = { snapshot: { by: 'latest' }, dataShare: 0 } as const;
  expect(damagedKeys(await verifyHere({ ...repository, store }, request))).toEqual([key]);
  const other = { snapshot: { by: 'name', prefix: '2019' }, dataShare: 0 } as const;
  await expect(verifyHere(repository, other)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('worker threads find what this thread finds, and progress is told', async () => {
  const { repository } = await manyPacks();
  const store = damagedStore(repository.store);
  const keys = (await objectsOf(store)).filter(({ key }) => key.includes('/data/')).map(({ key }) => key);
  for (const key of keys.slice(0, 5)) await store.flip(key, 0);
  const events: AgentEvent[] = [];
  let elapsed = 0;
  const result = await verifyHere({ ...repository, store }, undefined, {
    openChecker: () => openSegmentThreads(2),
    report: (event) => events.push(event),
    clock: { elapsed: () => (elapsed += 1000) },
  });
  expect(damagedKeys(result)).toEqual(keys.slice(0, 5));
  expect(events.at(-1)).toMatchObject({ type: 'progress', phase: 'verify', bytes: result.counts.bytesRead });
  expect(events.at(-1)).toMatchObject({ bytesTotal: result.counts.bytesRead });
});

test('an aborted verification ends', async () => {
  const repository = await smallRepository();
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(verifyHere(repository, undefined, { signal })).rejects.toThrow('stopped');
});
