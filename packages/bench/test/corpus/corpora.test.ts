import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CORPUS_NAMES, ensureCorpus, type CorpusName } from '../../src/corpus/corpus.ts';
import { filesOf, walkTree } from '../../src/corpus/walk-tree.ts';
import { describeTree } from '../kit/trees.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

/** Of names, times and contents; modes depend on the umask. */
function fingerprint(root: string): string {
  const lines = describeTree(root).map((line) => line.replaceAll('\\', '/').replace(/ \d+ /, ' '));
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

// When this fails because a generator was changed on purpose, raise GENERATOR_VERSION in corpus.ts with it.
test('the corpora are the same bytes, names and times on every machine', async () => {
  const folder = temporaryFolder();
  const made: Partial<Record<CorpusName, string>> = {};
  for (const name of CORPUS_NAMES) made[name] = fingerprint((await ensureCorpus(name, 1 / 1000, folder)).root);
  expect(made).toMatchInlineSnapshot(`
    {
      "A": "b7d7e099a20dafe1",
      "B": "d03a2b796dbde892",
      "C": "b04f1bf705db0a16",
    }
  `);
});

interface Shape {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  /** zstd at level 3, each file by itself. */
  readonly compressedShare: number;
  readonly exactCopies: number;
  readonly smallestBytes: number;
  readonly largestBytes: number;
}

function shapeOf(root: string): Shape {
  const contents = filesOf(root).map((name) => readFileSync(path.join(root, name)));
  const sizes = contents.map((content) => content.length);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const compressed = contents.reduce(
    (sum, content) => sum + Math.min(content.length, zstdCompressSync(content).length),
    0,
  );
  return {
    files: contents.length,
    folders: [...walkTree(root)].filter((entry) => entry.kind === 'folder').length,
    bytes,
    compressedShare: compressed / bytes,
    exactCopies:
      contents.length - new Set(contents.map((content) => createHash('sha256').update(content).digest('hex'))).size,
    smallestBytes: Math.min(...sizes),
    largestBytes: Math.max(...sizes),
  };
}

type Range = readonly [number, number];
/** The promises of full size, at a small part of it. */
const SHAPES: readonly [CorpusName, number, Record<keyof Shape, Range>][] = [
  [
    'A',
    1 / 100,
    {
      files: [200, 200],
      folders: [12, 30],
      bytes: [13e6, 30e6],
      compressedShare: [0.5, 0.85],
      exactCopies: [3, 20],
      smallestBytes: [1024, 1200],
      largestBytes: [1e6, 50 * 2 ** 20],
    },
  ],
  [
    'B',
    1 / 100,
    {
      files: [1000, 1000],
      folders: [50, 60],
      bytes: [2.2e6, 2.8e6],
      compressedShare: [0.3, 0.6],
      exactCopies: [0, 0],
      smallestBytes: [205, 260],
      largestBytes: [7500, 8192],
    },
  ],
  [
    'C',
    1 / 400,
    {
      files: [1, 1],
      folders: [0, 0],
      bytes: [10 * 2 ** 19, 10 * 2 ** 19],
      compressedShare: [0.65, 0.8],
      exactCopies: [0, 0],
      smallestBytes: [10 * 2 ** 19, 10 * 2 ** 19],
      largestBytes: [10 * 2 ** 19, 10 * 2 ** 19],
    },
  ],
];

test.each(SHAPES)('corpus %s has the promised shape', async (name, scale, promised) => {
  const shape = shapeOf((await ensureCorpus(name, scale, temporaryFolder())).root);
  const broken = Object.entries(promised).filter(([what, [min, max]]) => {
    const value = shape[what as keyof Shape];
    return value < min || value > max;
  });
  expect(broken, JSON.stringify(shape)).toEqual([]);
});

test('half of the documents are small, and most bytes are in few of them', async () => {
  const { root } = await ensureCorpus('A', 1 / 100, temporaryFolder());
  const sizes = filesOf(root)
    .map((name) => statSync(path.join(root, name)).size)
    .toSorted((a, b) => b - a);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  expect(sizes[100]).toBeLessThan(32 * 1024);
  expect(sum(sizes.slice(0, 20)) / sum(sizes)).toBeGreaterThan(0.6);
});

test('a corpus that is there is used again', async () => {
  const folder = temporaryFolder();
  const first = await ensureCorpus('B', 1 / 1000, folder);
  const inode = statSync(first.root).ino;
  expect(await ensureCorpus('B', 1 / 1000, folder)).toEqual(first);
  expect(statSync(first.root).ino).toBe(inode);
});

test.each([
  ['lost a file', (root: string) => rmSync(path.join(root, filesOf(root)[0]!))],
  ['got longer', (root: string) => writeFileSync(path.join(root, filesOf(root)[0]!), Buffer.alloc(9999))],
  ['was never finished', (root: string) => rmSync(`${root}.json`)],
  ['has a torn list of totals', (root: string) => writeFileSync(`${root}.json`, '{"fi')],
])('a corpus that %s is made anew', async (_, damage) => {
  const folder = temporaryFolder();
  const { root } = await ensureCorpus('B', 1 / 1000, folder);
  const intact = describeTree(root);
  damage(root);
  await ensureCorpus('B', 1 / 1000, folder);
  expect(describeTree(root)).toEqual(intact);
});
