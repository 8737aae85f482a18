import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { applyChange } from '../../src/change/apply-change.ts';
import { revertChange } from '../../src/change/stash.ts';
import { ensureCorpus } from '../../src/corpus/corpus.ts';
import { filesOf, totalsOf } from '../../src/corpus/walk-tree.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { describeTree, writeTree, type Tree } from '../kit/trees.ts';

const numbered = (count: number): Tree =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.txt`, `file ${index}`]));

test.each([
  ['many files', { a: numbered(300), b: numbered(300) }, { changed: 50, added: 20, removed: 20 }],
  ['few files', { a: numbered(20), b: numbered(20) }, { changed: 4, added: 2, removed: 2 }],
  ['two files', { 'a.txt': 'a', 'b.txt': '' }, { changed: 1, added: 1, removed: 0 }],
  ['one file', { 'a.txt': 'some text' }, { changed: 1, added: 0, removed: 0 }],
  ['one empty file', { 'a.txt': '' }, { changed: 1, added: 0, removed: 0 }],
])('a change of %s is what it says, and is taken back without a trace', (_, tree, expected) => {
  const root = path.join(temporaryFolder(), 'tree');
  writeTree(root, tree);
  const before = describeTree(root);
  const names = filesOf(root);

  expect(applyChange({ root, addedFileBytes: 10 }, 1)).toEqual(expected);
  const after = filesOf(root);
  expect(after.filter((name) => !names.includes(name)).length).toBe(expected.added);
  expect(names.filter((name) => !after.includes(name)).length).toBe(expected.removed);
  expect(describeTree(root)).not.toEqual(before);

  revertChange(root);
  expect(describeTree(root)).toEqual(before);
  expect(existsSync(`${root}.stash`)).toBe(false);
});

test('100 bytes are inserted into a changed file', () => {
  const root = path.join(temporaryFolder(), 'tree');
  writeTree(root, { 'a.txt': 'x'.repeat(500), 'b.txt': 'x'.repeat(500) });
  applyChange({ root, addedFileBytes: 10 }, 1);
  expect(
    filesOf(root)
      .map((name) => statSync(path.join(root, name)).size)
      .toSorted((a, b) => a - b),
  ).toEqual([10, 500, 600]);
});

test('1 KiB is inserted in the middle of a corpus of one file, elsewhere in the next round', async () => {
  const { root, addedFileBytes } = await ensureCorpus('C', 1 / 1000, temporaryFolder());
  const file = path.join(root, 'big.bin');
  const original = readFileSync(file);
  const placesChanged = [1, 2].map((round) => {
    applyChange({ root, addedFileBytes }, round);
    const changed = readFileSync(file);
    revertChange(root);
    const at = changed.findIndex((byte, index) => byte !== original[index]);
    expect(changed.length).toBe(original.length + 1024);
    expect(changed.subarray(at + 1024).equals(original.subarray(at))).toBe(true);
    return at / original.length;
  });
  expect(placesChanged[0]).toBeCloseTo(0.5, 2);
  expect(placesChanged[1]).toBeCloseTo(0.523, 2);
});

test('a round makes the same change each time, and another round another', () => {
  const root = path.join(temporaryFolder(), 'tree');
  writeTree(root, { a: numbered(60) });
  const contentAfter = (round: number) => {
    applyChange({ root, addedFileBytes: 10 }, round);
    const content = filesOf(root).map((name) => `${name} ${readFileSync(path.join(root, name), 'hex')}`);
    revertChange(root);
    return content;
  };
  expect(contentAfter(1)).toEqual(contentAfter(1));
  expect(contentAfter(1)).not.toEqual(contentAfter(2));
});

test.each([
  ['a step that was noted but not done', '{"undo":"put-back","stashed":"/nowhere/7","name":"a/1.txt"}\n'],
  ['an addition that was noted but not made', '{"undo":"remove","name":"a/never-written"}\n'],
  ['a line that was not written to its end', '{"undo":"put-ba'],
])('a change cut off after %s is taken back by the next bench', async (_, journalEnd) => {
  const folder = temporaryFolder();
  const { root, addedFileBytes } = await ensureCorpus('B', 1 / 1000, folder);
  const before = describeTree(root);
  applyChange({ root, addedFileBytes }, 1);
  appendFileSync(`${root}.stash/journal`, journalEnd);
  await ensureCorpus('B', 1 / 1000, folder);
  expect(describeTree(root)).toEqual(before);
});

test('taking back what was never changed does nothing', () => {
  const root = path.join(temporaryFolder(), 'tree');
  writeTree(root, { 'a.txt': 'hello' });
  writeFileSync(path.join(root, 'b.txt'), 'more');
  revertChange(root);
  expect(totalsOf(root)).toEqual({ files: 2, bytes: 9 });
});
