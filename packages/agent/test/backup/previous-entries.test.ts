import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareEntries, encodeEntry } from '@backup-agent/core';
import type { CatalogEntry, CatalogLine } from '@backup-agent/core';
import { PreviousEntries } from '../../src/backup/previous-entries.ts';
import type { EntrySource } from '../../src/backup/previous-entries.ts';

const PATHS = ['', 'a', 'a/b', 'a/b/c', 'a.b', 'b', 'c', 'c/d'];

const lineOf = (path: string, inode: string): CatalogLine => {
  const entry: CatalogEntry = {
    root: 0,
    path,
    kind: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: '1',
    ctime: '1',
    inode,
  };
  return { entry, line: encodeEntry(entry) };
};

const sorted = (paths: readonly string[]): string[] =>
  [...paths].sort((a, b) => compareEntries({ root: 0, path: a }, { root: 0, path: b }));

/** Paths in blocks, some of them empty, as pages without an entry of the root are. */
const source = fc.record({
  paths: fc.subarray(PATHS),
  blocks: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
});

/** The lines in blocks of these sizes; what remains is the last. */
async function* inBlocks(lines: readonly CatalogLine[], sizes: readonly number[]): AsyncGenerator<CatalogLine[]> {
  let at = 0;
  for (const size of [...sizes, lines.length]) {
    await Promise.resolve();
    yield lines.slice(at, at + size);
    at += size;
  }
}

test('however the sources come in blocks, each path meets what they say of it, and what the last alone has is dropped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(source, { minLength: 1, maxLength: 3 }), fc.subarray(PATHS), async (given, disk) => {
      const lines = given.map(({ paths }, i) => sorted(paths).map((path) => lineOf(path, `${i}`)));
      const sources: EntrySource[] = lines.map((own, i) => inBlocks(own, given[i]?.blocks ?? []));
      const dropped: string[] = [];
      const previous = new PreviousEntries(sources, ({ entry }) => dropped.push(entry.path));
      for (const path of sorted(disk)) {
        const said = lines.map((own) => own.find(({ entry }) => entry.path === path));
        expect(await previous.take(path)).toEqual(said.filter((line) => line !== undefined));
        expect(previous.ofLast).toBe(said.at(-1));
      }
      await previous.finish();
      expect(dropped).toEqual(sorted((given.at(-1)?.paths ?? []).filter((path) => !disk.includes(path))));
    }),
  );
});

test('takes at once what lies in the block that is loaded', async () => {
  const lines = ['a', 'b', 'c'].map((path) => lineOf(path, '1'));
  const previous = new PreviousEntries([[lines].values()], () => {});
  const first = previous.take('a');
  expect(first).toBeInstanceOf(Promise);
  expect(await first).toEqual([lines[0]]);
  expect(previous.take('b')).toEqual([lines[1]]); // Not a promise of them.
  expect(previous.ofLast).toBe(lines[1]);
});
