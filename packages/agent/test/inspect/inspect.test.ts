import { hash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { listPacks, readSnapshots } from '@backup-agent/core';
import { RepositoryBuilder, damagedStore } from '@backup-agent/core/test-kit';
import type { EntrySpec } from '@backup-agent/core/test-kit';
import type { CatalogEntry, SnapshotName, SnapshotSelector } from '@backup-agent/core';
import { allSnapshots } from '../../src/inspect/all-snapshots.ts';
import { diffSnapshots } from '../../src/inspect/diff-snapshots.ts';
import { findEntries } from '../../src/inspect/find-entries.ts';
import { listEntries } from '../../src/inspect/list-entries.ts';
import { absolutePath, openSnapshot } from '../../src/inspect/open-snapshot.ts';
import type { InspectDeps } from '../../src/inspect/open-snapshot.ts';
import { readFile } from '../../src/inspect/read-file.ts';
import { repositoryStats } from '../../src/inspect/repository-stats.ts';

const ROOTS = [
  { path: '/home/ann', label: 'ann', state: 'walked' },
  { path: '/srv', label: 'srv', state: 'walked' },
] as const;

const large = randomBytes(3_000_000);

const entries = (version: number): EntrySpec[] => [
  { path: '' },
  { path: 'docs' },
  { path: 'docs/Invoice 7.pdf', content: `invoice of ${version > 1 ? 2 : 1}` },
  { path: 'docs/deep' },
  { path: 'docs/deep/a.txt', content: 'a', mode: version > 2 ? 0o600 : 0o644 },
  { path: 'docs.txt', content: 'beside the folder' },
  { path: 'link', kind: 'symlink', target: 'docs' },
  ...(version === 1 ? [{ path: 'only first', content: 'x' }] : []),
  ...(version === 3 ? [{ path: 'only third', content: 'y' }] : []),
  { root: 1, path: '' },
  { root: 1, path: 'docs' },
  { root: 1, path: 'docs/large', content: large },
];

let builder: RepositoryBuilder;
let names: SnapshotName[];
let deps: InspectDeps;
const latest: SnapshotSelector = { by: 'latest' };

beforeAll(async () => {
  builder = new RepositoryBuilder({ entryChunksMax: 1 });
  names = [];
  for (const version of [1, 2, 3])
    names.push(await builder.snapshot(entries(version), { roots: [...ROOTS], tags: version === 2 ? ['two'] : [] }));
  deps = { repository: builder.repository, pageCache: undefined, onDamage: (message) => expect.fail(message) };
});

async function pathsOf(list: AsyncIterable<CatalogEntry>): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of list) paths.push(absolutePath([...ROOTS], entry));
  return paths;
}

const ls = async (path: string | undefined, recursive = false) =>
  pathsOf(listEntries(await openSnapshot(latest, deps), path, { recursive }));

describe('ls', () => {
  test.each<[string, string | undefined, readonly string[]]>([
    ['the roots', undefined, ['/home/ann', '/srv']],
    ['a root', '/home/ann', ['docs', 'docs.txt', 'link', 'only third'].map((name) => `/home/ann/${name}`)],
    ['a folder', '/home/ann/docs/', ['/home/ann/docs/Invoice 7.pdf', '/home/ann/docs/deep']],
    ['a file', '/home/ann/docs.txt', ['/home/ann/docs.txt']],
    ['a path relative to the one root that has it', 'docs/deep', ['/home/ann/docs/deep/a.txt']],
  ])('shows %s', async (_, path, expected) => expect(await ls(path)).toEqual(expected));

  test('shows a root that is a file', async () => {
    const own = new RepositoryBuilder();
    await own.snapshot([{ path: '', content: 'dear' }], { roots: [{ ...ROOTS[0], path: '/home/ann/letter.txt' }] });
    const opened = await openSnapshot(latest, { ...deps, repository: own.repository });
    for (const recursive of [false, true]) {
      const paths: string[] = [];
      for await (const { path, kind } of listEntries(opened, undefined, { recursive })) paths.push(`${kind} "${path}"`);
      expect(paths).toEqual(['file ""']);
    }
  });

  test('shows all below with --recursive', async () => {
    expect(await ls('/home/ann/docs', true)).toEqual(
      ['', '/Invoice 7.pdf', '/deep', '/deep/a.txt'].map((name) => `/home/ann/docs${name}`),
    );
    expect(await ls(undefined, true)).toHaveLength(entries(3).length);
  });

  test.each([
    ['nowhere', /"nowhere" is not in snapshot/],
    ['docs', /"docs" is in 2 roots/],
  ])('says what is wrong with %s', async (path, message) => {
    await expect(ls(path)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('find', () => {
  const find = async (pattern: string, ignoreCase = false) =>
    (await findEntries(pattern, { ignoreCase }, deps)).map(({ path, versions }) => [
      path,
      ...versions.map(({ first, last, snapshots }) => [names.indexOf(first), names.indexOf(last), snapshots]),
    ]);

  test.each<[string, string, unknown[]]>([
    ['a file that changed once', 'Invoice*', [['/home/ann/docs/Invoice 7.pdf', [0, 0, 1], [1, 2, 2]]]],
    ['a change of metadata', 'a.txt', [['/home/ann/docs/deep/a.txt', [0, 1, 2], [2, 2, 1]]]],
    [
      'what is gone',
      'only*',
      [
        ['/home/ann/only first', [0, 0, 1]],
        ['/home/ann/only third', [2, 2, 1]],
      ],
    ],
    [
      'folders in all roots',
      'docs',
      [
        ['/home/ann/docs', [0, 2, 3]],
        ['/srv/docs', [0, 2, 3]],
      ],
    ],
    ['paths', 'deep/*.txt', [['/home/ann/docs/deep/a.txt', [0, 1, 2], [2, 2, 1]]]],
    ['nothing', '*.none', []],
  ])('tells %s, and in which snapshots', async (_, pattern, expected) => expect(await find(pattern)).toEqual(expected));

  test('ignores case if asked to', async () => {
    expect(await find('invoice*')).toEqual([]);
    expect(await find('invoice*', true)).toHaveLength(1);
  });

  test('in one snapshot tells only what it has', async () => {
    const [newest] = await allSnapshots(builder.repository, () => {});
    const found = await findEntries(
      'only*',
      { ignoreCase: false, snapshots: newest === undefined ? [] : [newest] },
      deps,
    );
    expect(found.map(({ path }) => path)).toEqual(['/home/ann/only third']);
  });
});

describe('diff', () => {
  const diff = async (a: number, b: number) => {
    const open = (n: number) => openSnapshot({ by: 'name', prefix: names[n] as string }, deps);
    const differences: string[] = [];
    for await (const { change, path } of diffSnapshots(await open(a), await open(b)))
      differences.push(`${change} ${path}`);
    return differences;
  };

  test('tells what was added, removed and changed', async () => {
    expect(await diff(0, 2)).toEqual([
      'content /home/ann/docs/Invoice 7.pdf',
      'metadata /home/ann/docs/deep/a.txt',
      'removed /home/ann/only first',
      'added /home/ann/only third',
    ]);
  });

  test('of a snapshot and itself is nothing', async () => expect(await diff(1, 1)).toEqual([]));

  test('back is the opposite', async () => {
    expect(await diff(2, 1)).toEqual(['metadata /home/ann/docs/deep/a.txt', 'removed /home/ann/only third']);
  });

  test('compares roots by their paths, whatever their numbers', async () => {
    const other = new RepositoryBuilder();
    const file = (root: number, name: string) => [
      { root, path: '' },
      { root, path: name, content: name },
    ];
    await other.snapshot([...file(0, 'a'), ...file(1, 's')], { roots: [...ROOTS] });
    await other.snapshot([...file(0, 's'), { root: 0, path: 't', content: 't' }], { roots: [ROOTS[1]] });
    const [after, before] = (await allSnapshots(other.repository, () => {})).map(({ name }) => name);
    const open = (name: string | undefined) =>
      openSnapshot({ by: 'name', prefix: name ?? '' }, { ...deps, repository: other.repository });
    const found: string[] = [];
    for await (const { change, path } of diffSnapshots(await open(before), await open(after)))
      found.push(`${change} ${path}`);
    expect(found).toEqual(['removed /home/ann', 'removed /home/ann/a', 'added /srv/t']);
  });
});

describe('cat', () => {
  const cat = async (path: string, from: InspectDeps = deps) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of readFile(await openSnapshot(latest, from), path, from)) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  };

  test('gives a small file, and one of many chunks in lists', async () => {
    expect((await cat('docs/Invoice 7.pdf')).toString()).toBe('invoice of 2');
    expect(hash('sha256', await cat('/srv/docs/large'))).toBe(hash('sha256', large));
  });

  test('gives nothing but files', async () => {
    await expect(cat('/home/ann/docs')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(cat('link')).rejects.toMatchObject({ message: '"link" is a symlink, not a file' });
  });

  test('stops before a damaged piece', async () => {
    const store = damagedStore(builder.store);
    const packs = (await listPacks(builder.repository)).filter(({ kind }) => kind === 'data');
    await store.flip(packs[0]?.object.key as string, 2_000_000);
    const damaged = { ...deps, repository: { ...builder.repository, store } };
    await expect(cat('/srv/docs/large', damaged)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
  });
});

test('a damaged catalog page is told, and the rest is shown', async () => {
  const store = damagedStore(builder.store);
  const { valid } = await readSnapshots(builder.repository);
  const [page] = valid[0]?.snapshot.pages ?? [];
  const meta = (await listPacks(builder.repository)).filter(({ kind }) => kind === 'meta').at(-1);
  await store.flip(meta?.object.key as string, page?.offset as number);
  const told: string[] = [];
  const damaged: InspectDeps = {
    repository: { ...builder.repository, store },
    pageCache: undefined,
    onDamage: (message) => void told.push(message),
  };
  const found = await findEntries('*', { ignoreCase: false }, damaged);
  expect(found.map(({ path }) => path)).toContain('/home/ann/only first');
  expect(told).toEqual([
    expect.stringContaining(`${names[2]}: entries from /home/ann to the end of the catalog are lost`),
  ]);
});

test('stats add up', async () => {
  const stats = await repositoryStats(deps);
  const { objects } = await builder.store.list('v1/devices/');
  const sum = objects.reduce((total, { bytes }) => total + bytes, 0);
  expect(stats).toMatchObject({ snapshots: 3, bytesStored: sum, objects: objects.length });
  expect(Object.values(stats.byKind).reduce((total, { bytes }) => total + bytes, 0)).toBe(sum);
  expect(stats.newest).toMatchObject({ name: names[2], files: 5 });
  expect(stats.bytesUnique).toBe(3_000_000 + 'invoice of 1invoice of 2abeside the folderxy'.length);
  expect(stats.deduplication).toBeCloseTo(3, 1);
  expect(stats.growth.map(({ run }) => run)).toEqual(names);
});
