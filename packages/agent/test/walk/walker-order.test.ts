import * as fs from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePaths, pathFromBytes } from '@backup-agent/core';
import { BatchDecoder, BatchEncoder } from '../../src/walk/batch-format.ts';
import { walkRoots } from '../../src/walk/walker.ts';
import { listTree } from '../kit/read-tree.ts';
import { testOnLinux } from '../kit/tools.ts';
import { removeTree, temporaryFolder, writeTree } from '../kit/tree.ts';
import type { TreeLiteral } from '../kit/tree.ts';
import { walkOptions } from './walked.ts';

/** The walker without its thread. */
function pathsOf(root: string): string[] {
  const encoder = new BatchEncoder();
  const decoder = new BatchDecoder();
  const paths: string[] = [];
  const flush = (): void => {
    for (const item of decoder.decode(encoder.take(0, root)).items)
      if (item.type === 'entry') paths.push(item.entry.path);
  };
  walkRoots([root], walkOptions({ excludes: { defaults: false, ignoreFileName: undefined, cacheTags: false } }), {
    beginRoot: () => {},
    entry(depth, name, stat, target) {
      encoder.addEntry(depth, name, stat, target);
      if (encoder.isFull) flush();
    },
    item: (item) => encoder.addItem(item),
    endRoot: flush,
  });
  return paths;
}

/** Bytes that sort differently as UTF-16, as UTF-8, beside the separator, and that are no UTF-8 at all. */
const awkwardBytes = fc.constantFrom(
  0x01,
  0x0a,
  0x20,
  0x21,
  0x2d,
  0x2e,
  0x30,
  0x41,
  0x5c,
  0x61,
  0x7f,
  0x80,
  0xbf,
  0xc3,
  0xed,
  0xef,
  0xf0,
  0xff,
);
const awkwardText = fc.constantFrom(
  'a',
  'ä',
  '\uFFFD',
  '\uE000',
  '\uFF5E',
  '😀',
  '\u{10FFFF}',
  '~',
  '-',
  '.',
  ' ',
  '\n',
);
const nameOfBytes = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc.array(awkwardBytes, { minLength: 1, maxLength: 6 }).map((bytes) => Uint8Array.from(bytes)),
    fc.array(awkwardText, { minLength: 1, maxLength: 4 }).map((parts) => Buffer.from(parts.join(''))),
  )
  .map((bytes) => pathFromBytes(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x61 : byte))))
  .filter((name) => name !== '.' && name !== '..');

const { tree } = fc.letrec<{ tree: TreeLiteral; node: string | TreeLiteral }>((tie) => ({
  tree: fc.dictionary(nameOfBytes, tie('node'), { maxKeys: 6, noNullPrototype: true }),
  node: fc.oneof({ maxDepth: 4, withCrossShrink: true }, fc.constant(''), tie('tree')),
}));

testOnLinux('entries of any tree come in the order of comparePaths, and all of them do', () => {
  const top = temporaryFolder();
  fc.assert(
    fc.property(tree, (literal) => {
      const root = `${top}/tree`;
      fs.mkdirSync(root);
      try {
        writeTree(root, literal);
        const paths = pathsOf(root);
        expect(paths).toEqual(paths.toSorted(comparePaths));
        expect(new Set(paths)).toEqual(new Set(listTree(root)));
        expect(paths.length).toBe(new Set(paths).size);
      } finally {
        removeTree(root);
      }
    }),
    { numRuns: 150, examples: [[{ '\\': { a: '' }, '\\a': {} }]] },
  );
});

testOnLinux('more awkward names in one folder than a batch holds keep their order', () => {
  const top = temporaryFolder();
  fc.assert(
    fc.property(fc.uniqueArray(nameOfBytes, { minLength: 600, maxLength: 700 }), (names) => {
      const root = `${top}/tree`;
      fs.mkdirSync(root);
      try {
        writeTree(root, Object.fromEntries(names.map((name) => [name, ''])));
        expect(pathsOf(root)).toEqual(['', ...names.toSorted(comparePaths)]);
      } finally {
        removeTree(root);
      }
    }),
    { numRuns: 3 },
  );
});

test('numbers of all sizes survive the way between the threads', () => {
  const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const u32 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
  const stat = fc.record({
    mode: fc.constantFrom(0o100644n, 0o107777n, 0o010600n, 0o120777n, 0o041777n),
    uid: u32,
    gid: u32,
    size: fc.bigInt({ min: 0n, max: 2n ** 53n }),
    mtimeNs: i64,
    ctimeNs: i64,
    ino: u64,
    dev: u64,
    nlink: u32,
  });
  fc.assert(
    fc.property(fc.array(fc.record({ name: nameOfBytes, stat, target: nameOfBytes }), { maxLength: 20 }), (entries) => {
      const encoder = new BatchEncoder();
      const isLink = (mode: bigint): boolean => mode === 0o120777n;
      entries.forEach(({ name, stat: numbers, target }, i) => {
        encoder.addItem({ type: 'gone', path: String(i) });
        encoder.addEntry(1, name, numbers, isLink(numbers.mode) ? target : undefined);
      });
      const { items } = new BatchDecoder().decode(structuredClone(encoder.take(7, '/root')));
      expect(items.filter(({ type }) => type === 'gone').map((_, i) => items.indexOf(items[i * 2]!))).toEqual(
        entries.map((_, i) => i * 2),
      );
      expect(items.flatMap((item) => (item.type === 'entry' ? [item.entry] : []))).toEqual(
        entries.map(({ name, stat: numbers, target }) => ({
          path: name,
          kind: expect.any(String) as string,
          mode: Number(numbers.mode) & 0o7777,
          uid: Number(numbers.uid),
          gid: Number(numbers.gid),
          size: Number(numbers.size),
          mtime: numbers.mtimeNs,
          ctime: numbers.ctimeNs,
          inode: numbers.ino,
          device: numbers.dev,
          links: Number(numbers.nlink),
          target: isLink(numbers.mode) ? target : undefined,
        })),
      );
    }),
  );
});
