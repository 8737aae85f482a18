import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareNames,
  comparePaths,
  decodePath,
  encodePath,
  isSafePath,
  pathFromBytes,
  pathToBytes,
} from '../../src/index.ts';
import { awkwardPaths } from '../kit/golden-fixtures.ts';

/** Bytes that are often nearly UTF-8, so that the escaping meets its edges. */
const nearlyUtf8 = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text, 'utf8')),
        fc
          .constantFrom('80', 'bf', 'c0', 'c2', 'e0a0', 'eda080', 'edbfbf', 'f09080', 'f48fbfbf', 'f4908080', 'ff')
          .map((hex) => Buffer.from(hex, 'hex')),
      ),
      { maxLength: 8 },
    )
    .map((parts) => Buffer.concat(parts)),
);
const paths = fc.oneof(nearlyUtf8.map(pathFromBytes), fc.constantFrom(...awkwardPaths()));

test('a path loses no byte as a string, nor in the catalog', () => {
  fc.assert(
    fc.property(nearlyUtf8, (bytes) => {
      const path = pathFromBytes(bytes);
      expect(pathToBytes(path).equals(bytes)).toBe(true);
      expect(decodePath(JSON.parse(JSON.stringify(encodePath(path))))).toBe(path);
    }),
    { numRuns: 2000 },
  );
});

test('a path is text in the catalog exactly if it is valid UTF-8', () => {
  fc.assert(
    fc.property(nearlyUtf8, (bytes) => {
      const isUtf8 = Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf8').equals(bytes);
      expect(typeof encodePath(pathFromBytes(bytes)) === 'string').toBe(isUtf8);
    }),
    { numRuns: 2000 },
  );
});

test('the order of paths is that of their components as unsigned bytes, a prefix first', () => {
  fc.assert(
    fc.property(paths, paths, (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(byComponents(pathToBytes(a), pathToBytes(b)));
      expect(Math.sign(comparePaths(b, a))).toBe(-byComponents(pathToBytes(a), pathToBytes(b)) + 0);
    }),
    { numRuns: 5000 },
  );
});

test('the order is transitive', () => {
  fc.assert(
    fc.property(fc.array(paths, { maxLength: 12 }), (several) => {
      const sorted = [...several].sort(comparePaths);
      for (const [i, a] of sorted.entries())
        for (const b of sorted.slice(i)) expect(comparePaths(a, b)).toBeLessThanOrEqual(0);
    }),
  );
});

test('names compare as their bytes', () => {
  fc.assert(
    fc.property(nearlyUtf8, nearlyUtf8, (a, b) => {
      expect(Math.sign(compareNames(pathFromBytes(a), pathFromBytes(b)))).toBe(Buffer.compare(a, b));
    }),
    { numRuns: 2000 },
  );
});

test('a folder is followed by what is in it before any name that continues its own', () => {
  const sorted = ['a.b', 'a-b', 'a/b', 'a\x01', 'a', 'a/b/c', 'a b', 'a/b-c'].sort(comparePaths);
  expect(sorted).toEqual(['a', 'a/b', 'a/b/c', 'a/b-c', 'a\x01', 'a b', 'a-b', 'a.b']);
});

test('an unpaired surrogate, which Windows allows in names, becomes its three bytes', () => {
  expect(pathToBytes('a\ud800').toString('hex')).toBe('61eda080');
  expect(encodePath('a\ud800')).toEqual({ hex: '61eda080' });
});

test.each([
  ['', true],
  ['a', true],
  ['a/b', true],
  ['...', true],
  ['a../..b/c.', true],
  ['a./b', true],
  ['.', false],
  ['..', false],
  ['/', false],
  ['/a', false],
  ['a/', false],
  ['a//b', false],
  ['./a', false],
  ['a/.', false],
  ['a/./b', false],
  ['../a', false],
  ['a/..', false],
  ['a/../b', false],
  ['a\0', false],
])('whether %j stays below its root: %s', (path, isSafe) => {
  expect(isSafePath(path)).toBe(isSafe);
});

test('a path stays below its root exactly if no component is empty, "." or ".." and no byte is 0', () => {
  const pieces = fc.array(fc.constantFrom('', '.', '..', 'a', 'b.', '...', '\0'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(pieces, (names) => {
      const path = names.join('/');
      const safe = path === '' || names.every((name) => !['', '.', '..', '\0'].includes(name));
      expect(isSafePath(path)).toBe(safe);
    }),
  );
});

/** The order as the document words it, with nothing clever. */
function byComponents(a: Buffer, b: Buffer): number {
  const [left, right] = [components(a), components(b)];
  for (const [i, name] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    if (Buffer.compare(name, other) !== 0) return Buffer.compare(name, other);
  }
  return left.length < right.length ? -1 : 0;
}

const components = (path: Buffer): Buffer[] =>
  path
    .toString('latin1')
    .split('/')
    .map((name) => Buffer.from(name, 'latin1'));
