import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { damagedStore } from '@backup-agent/core/test-kit';
import { openBench } from '../kit/backup-bench.ts';
import { flips, keepSmallTree, missingOrCut, restoreDamaged } from '../kit/damaged-restores.ts';
import { readTree } from '../kit/read-tree.ts';
import { problemsOf, realMetadataTools, restoreInto } from '../kit/restore-bench.ts';
import { testWithTools } from '../kit/tools.ts';
import { file, temporaryFolder, writeTree } from '../kit/tree.ts';

/** One byte in so many; test/long/restore.test.ts takes every one. */
const STRIDE = 23;

test('a flipped byte costs only files that are named, or the snapshot is refused as damaged', async () => {
  const { count, outcomes, wrong } = await restoreDamaged(await keepSmallTree(), flips(STRIDE));
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(200);
  // Which bytes are taken differs from run to run; these outcomes are always among the rest.
  for (const outcome of [
    'data pack: incomplete',
    'index: complete',
    'meta pack: incomplete',
    'run-record: complete',
    'snapshot: OBJECT_DAMAGED',
  ])
    expect(outcomes).toHaveProperty([outcome]);
  // An index is only a hint: whatever is wrong with it costs no file.
  expect(Object.keys(outcomes).filter((outcome) => /^(index|run-record)/.test(outcome))).toEqual([
    'index: complete',
    'run-record: complete',
  ]);
});

test('an object that is missing or cut off costs only files that are named, or its snapshot is refused', async () => {
  const { outcomes, wrong } = await restoreDamaged(await keepSmallTree(), missingOrCut);
  expect(wrong).toEqual([]);
  expect(outcomes).toMatchObject({
    'snapshot: OBJECT_DAMAGED': 4,
    'snapshot: the snapshot before': 1,
    'index: complete': 10,
  });
});

testWithTools('a file that is lost leaves the one in its place as it was', ['getfattr', 'setfattr'], async () => {
  const [source, target] = [temporaryFolder(), temporaryFolder()];
  const metadata = realMetadataTools();
  writeTree(source, { a: file('from the snapshot', { xattrs: { 'user.k': 'from the snapshot' } }) });
  writeTree(target, { a: file('mine', { mode: 0o640, mtime: 1_600_000_000, xattrs: { 'user.k': 'mine' } }) });
  const bench = openBench();
  await bench.run([source], { deps: { metadata } });
  const store = damagedStore(bench.store);
  const { objects } = await store.list('v1/');
  await store.flip(objects.find(({ key }) => key.includes('/data/'))?.key as string, 10);
  const before = readTree(target, { xattrs: true });
  const request = { overwrite: 'always', deps: { metadata } } as const;
  const done = await restoreInto({ ...bench.repository, store }, target, request);
  expect(Object.keys(problemsOf(done))).toEqual(['a']);
  expect(done.result.problemCount).toBe(1);
  expect(readTree(target, { xattrs: true })).toEqual(before);
  expect(readFileSync(`${target}/a`, 'utf8')).toBe('mine');
});
