/** Files of so many chunks that their entries name lists of them. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ChunkId, ObjectKey } from '@backup-agent/core';
import { RepositoryBuilder, damagedStore } from '@backup-agent/core/test-kit';
import { listTree } from '../kit/read-tree.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder } from '../kit/tree.ts';

const large = randomBytes(6_000_000);

async function repositoryWithLists(): Promise<RepositoryBuilder> {
  const builder = new RepositoryBuilder({ entryChunksMax: 1, segmentBytes: 1 << 20 });
  await builder.snapshot([
    { path: '' },
    { path: 'large', content: large },
    { path: 'same again', content: large },
    { path: 'small', content: 'small' },
  ]);
  return builder;
}

test.each([{}, { verify: true }, { sparse: false }])('come back as they were, with %j', async (options) => {
  const { repository } = await repositoryWithLists();
  const target = temporaryFolder();
  const { result } = await restoreInto(repository, target, options);
  expect(result).toMatchObject({ outcome: 'complete', counts: { files: 3, bytes: 12_000_005 } });
  expect(readFileSync(`${target}/large`).equals(large)).toBe(true);
  expect(readFileSync(`${target}/same again`).equals(large)).toBe(true);
});

test('a damaged list costs the files that name it, and no others', async () => {
  const { repository } = await repositoryWithLists();
  const store = damagedStore(repository.store);
  const { objects } = await store.list('v1/');
  const meta = objects.find(({ key }) => key.includes('/meta/'))?.key as string;
  expect((await store.read(meta as ObjectKey, 1 << 20)).length).toBeGreaterThan(20);
  await store.flip(meta, 5); // The lists lie before the pages.
  const target = temporaryFolder();
  const done = await restoreInto({ ...repository, store }, target);
  expect(Object.keys(problemsOf(done))).toEqual(['large', 'same again']);
  expect(listTree(target)).toEqual(['', 'small']);
});

test.each([
  ['no chunks at all', [] as ChunkId[]],
  ['a chunk that is nowhere', ['ab'.repeat(32) as ChunkId]],
])('a file that names %s although it has bytes is named, never made empty', async (_, chunks) => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([
    { path: '' },
    { path: 'bad', content: 'bytes', chunks, size: 5 },
    { path: 'good', content: 'x' },
  ]);
  const target = temporaryFolder();
  const done = await restoreInto(builder.repository, target);
  expect(done.result.problemCount).toBe(1);
  expect(listTree(target)).toEqual(['', 'good']);
});
