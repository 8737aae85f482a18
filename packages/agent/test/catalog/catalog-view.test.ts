import { beforeAll, expect, test } from 'vitest';
import { findSnapshot, readPageReferences } from '@backup-agent/core';
import type { CatalogEntry, PageCache, Snapshot } from '@backup-agent/core';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { CatalogView } from '../../src/catalog/catalog-view.ts';
import type { LostRange } from '../../src/catalog/catalog-view.ts';

/** Folders of different depth and size, some larger than a page, with names that begin as others do. */
const PATHS = ['', 'a', 'a.txt', 'b', 'b/c', 'b/c/d', 'z'].flatMap((folder) => [
  folder,
  ...(folder.endsWith('.txt')
    ? []
    : Array.from({ length: folder === 'b/c' ? 2000 : 200 }, (_, n) => `${folder === '' ? '' : `${folder}/`}n${n}`)),
]);

let builder: RepositoryBuilder;
let snapshot: Snapshot;

beforeAll(async () => {
  builder = new RepositoryBuilder();
  const isFolder = (path: string): boolean => path === '' || PATHS.some((other) => other.startsWith(`${path}/`));
  const xattrs = { 'user.padding': Buffer.alloc(150).toString('base64') };
  await builder.snapshot(PATHS.map((path) => (isFolder(path) ? { path } : { path, content: 'x', xattrs })));
  ({ snapshot } = await findSnapshot(builder.repository, { by: 'latest' }));
});

const open = (pageCache?: PageCache) =>
  CatalogView.open(builder.repository, snapshot, {
    pageCache,
    onLost: ({ error }) => {
      throw error;
    },
  });

async function pathsOf(entries: AsyncIterable<CatalogEntry>): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of entries) paths.push(path);
  return paths;
}

test('there are many pages', async () => expect((await open()).references.length).toBeGreaterThan(6));

test('every entry is found, and nothing else', async () => {
  const view = await open();
  for (const path of PATHS.filter((_, i) => i % 11 === 0))
    expect(await view.find({ root: 0, path })).toMatchObject({ path });
  for (const path of ['a/', 'n', 'zz', 'b/c/d/n9/x', '\0']) expect(await view.find({ root: 0, path })).toBeUndefined();
  expect(await view.find({ root: 1, path: 'a' })).toBeUndefined();
});

test.each(['', 'a', 'a.txt', 'b', 'b/c', 'b/c/d', 'z', 'b/n7', 'nowhere'])(
  'of "%s" all below and all in it are told',
  async (path) => {
    const view = await open();
    const all = await pathsOf(view.entries());
    expect([...all].sort()).toEqual([...PATHS].sort());
    const prefix = path === '' ? '' : `${path}/`;
    const below = all.filter((other) => other === path || (other.startsWith(prefix) && other !== path));
    expect(await pathsOf(view.entriesBelow({ root: 0, path }))).toEqual(below);
    const inside = below.filter((other) => other !== path && !other.slice(prefix.length).includes('/'));
    expect(await pathsOf(view.entriesIn({ root: 0, path }))).toEqual(inside);
  },
);

test('a damaged copy in the cache costs nothing but another request', async () => {
  const [page] = await readPageReferences(builder.repository, snapshot);
  const kept: string[] = [];
  const view = await open({
    find: (asked) => Promise.resolve(asked.offset === page?.offset ? Buffer.alloc(asked.storedBytes, 1) : undefined),
    keep: (asked) => Promise.resolve(void kept.push(asked.id)),
  });
  expect(await pathsOf(view.entries())).toHaveLength(PATHS.length);
  expect(kept).toContain(page?.id);
});

test('a lost page in the middle of a folder is told, also to whoever reads no further than the folder', async () => {
  const references = await readPageReferences(builder.repository, snapshot);
  const lost = references.findIndex(({ path }) => path.startsWith('b/c/')) + 1;
  const pages = references.map((page, i) => (i === lost ? { ...page, id: references[0]?.id ?? page.id } : page));
  const told: LostRange[] = [];
  const view = await CatalogView.open(
    builder.repository,
    { ...snapshot, pages, pageLists: undefined },
    { pageCache: undefined, onLost: (range) => told.push(range) },
  );
  const below = await pathsOf(view.entriesBelow({ root: 0, path: 'b' }));
  expect(below).toContain('b/n99');
  expect(told.map(({ first }) => first.path)).toEqual([references[lost]?.path]);
});
