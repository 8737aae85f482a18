import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EndingCounter } from '../../src/backup/ending-counter.ts';
import { openBench } from '../kit/backup-bench.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

const topOf = (paths: Iterable<string>) => {
  const counter = new EndingCounter();
  for (const path of paths) counter.add(path);
  return counter.top();
};

test.each([
  ['photos/a.JPG', '.jpg'],
  ['a.tar.gz', '.gz'],
  ['v1.2/notes', ''],
  ['.profile', ''],
  ['home/.profile', ''],
  ['home/.profile.locked', '.locked'],
  ['ends with a dot.', ''],
  ['not UTF-8.\udce9', ''],
  [`long.${'x'.repeat(40)}`, `.${'x'.repeat(19)}`],
  [`a pair is not cut.${'x'.repeat(18)}\u{1f480}`, ''],
  ['İ.İ', '.i̇'],
])('of %s the ending is %j', (path, ending) => {
  expect(topOf([path])).toEqual([{ ending, files: 1 }]);
});

test('the five most frequent are told, most frequent first', () => {
  const paths = [1, 2, 3, 4, 5, 6, 7].flatMap((n) => Array.from({ length: n }, () => `a.${n}`));
  expect(topOf(paths)).toEqual([7, 6, 5, 4, 3].map((n) => ({ ending: `.${n}`, files: n })));
});

test('an ending that dominates is found among any number of others, counted short by a thousandth at most', () => {
  const ordinary = fc.integer({ min: 0, max: 20_000 }).map((n) => `a.${n}`);
  const locked = fc.constant('a.locked');
  fc.assert(
    fc.property(fc.array(fc.oneof(ordinary, locked), { minLength: 3000, maxLength: 6000 }), (paths) => {
      const files = paths.filter((path) => path === 'a.locked').length;
      const [first] = topOf(paths);
      expect(first?.ending).toBe('.locked');
      expect(first?.files).toBeLessThanOrEqual(files);
      expect(first?.files).toBeGreaterThanOrEqual(files - paths.length / 1001);
    }),
    { numRuns: 30 },
  );
});

test('a run tells the endings of files that are new, not of those that changed', async () => {
  const bench = openBench();
  const folder = temporaryFolder();
  writeTree(folder, { 'a.txt': 'one', 'b.txt': 'two', 'c.doc': 'three', d: { 'e.txt': 'four' } });
  const first = await bench.run([folder]);
  expect(first.record.newEndings).toEqual([
    { ending: '.txt', files: 3 },
    { ending: '.doc', files: 1 },
  ]);
  for (const name of ['a.txt', 'd/e.txt']) renameSync(join(folder, name), join(folder, `${name}.locked`));
  writeFileSync(join(folder, 'b.txt'), 'another text');
  const second = await bench.run([folder]);
  expect(second.record.newEndings).toEqual([{ ending: '.locked', files: 2 }]);
  expect((await bench.run([folder])).record.newEndings).toEqual([]);
});
