import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntry, encodeEntry, parseChunkId } from '../../src/index.ts';
import type { CatalogEntry } from '../../src/index.ts';
import { awkwardPaths } from '../kit/golden-fixtures.ts';
import { outcomeOf } from '../kit/hostile-bytes.ts';

const ids = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => parseChunkId(Buffer.from(bytes).toString('hex')));
const nanoseconds = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const numbers = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const paths = fc.constantFrom(...awkwardPaths());
/** Also halves of surrogate pairs: bytes of names that are not UTF-8 stand so. */
const anyCodeUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));
const base64 = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));

const owners = fc.nat({ max: 0xffff_ffff });

const common = {
  root: fc.nat({ max: 1000 }),
  path: paths,
  mode: fc.nat({ max: 0o7777 }),
  uid: owners,
  gid: owners,
  mtime: nanoseconds,
  ctime: nanoseconds,
  inode: unsigned,
};
const optional = {
  user: fc.string({ unit: anyCodeUnit }),
  group: fc.string({ unit: 'binary' }),
  link: fc.tuple(unsigned, unsigned).map((pair) => pair.join(':')),
  xattrs: fc.dictionary(fc.string({ unit: anyCodeUnit }), base64),
  racy: fc.constant(true as const),
  changedWhileRead: fc.constant(true as const),
  unreadableSince: fc.constant('2026-01-05T08:00:00.000Z'),
  sparse: fc.constant(true as const),
};
const required = Object.keys(common) as (keyof typeof common)[];
const record = <T extends object>(kind: CatalogEntry['kind'], extra: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(
    { ...common, ...optional, ...extra, kind: fc.constant(kind) },
    { requiredKeys: [...required, 'kind', ...Object.keys(extra)] as never },
  ) as fc.Arbitrary<CatalogEntry>;
const entries = fc.oneof(
  record('file', { size: numbers, chunks: fc.array(ids, { maxLength: 4 }) }),
  record('file', { size: numbers, lists: fc.array(ids, { minLength: 1, maxLength: 4 }) }),
  record('symlink', { target: paths }),
  record('folder', {}),
  record('fifo', {}),
);

const LINE = encodeEntry({
  root: 0,
  path: 'a',
  kind: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 1,
  mtime: '1',
  ctime: '2',
  inode: '3',
  target: 'x',
  link: '1:2',
  sparse: true,
  xattrs: { 'user.a': 'AA==' },
  racy: true,
  changedWhileRead: true,
  unreadableSince: '2026-01-05T08:00:00.000Z',
  user: 'u',
  group: 'g',
  chunks: [parseChunkId('0'.repeat(64))],
});

test('an entry comes back as it was, and one entry has one line', () => {
  fc.assert(
    fc.property(entries, (entry) => {
      const line = encodeEntry(entry);
      const decoded = decodeEntry(line, 'a page');
      expect(decoded).toEqual(entry);
      expect(encodeEntry(decoded)).toBe(line);
      expect(encodeEntry(Object.fromEntries(Object.entries(entry).reverse()) as never)).toBe(line);
      expect(line.isWellFormed()).toBe(true);
      expect(line).not.toContain('\n');
    }),
    { numRuns: 1000 },
  );
});

test('the members stand in the order that the format names', () => {
  expect(Object.keys(JSON.parse(LINE))).toEqual(
    'root path kind mode uid gid user group size mtime ctime inode target link sparse xattrs racy changedWhileRead unreadableSince chunks'.split(
      ' ',
    ),
  );
});

test('extended attributes in any order are one line', () => {
  const withXattrs = (xattrs: Record<string, string>) => encodeEntry({ ...decodeEntry(LINE, ''), xattrs });
  expect(withXattrs({ b: 'AA==', a: '' })).toBe(withXattrs({ a: '', b: 'AA==' }));
});

test('any line is an entry or damage', () => {
  const members = Object.keys(JSON.parse(LINE) as object);
  const names = fc.oneof(
    fc.constantFrom(...members, 'lists', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'),
    fc.string(),
  );
  fc.assert(
    fc.property(names, fc.option(fc.jsonValue(), { nil: undefined }), (name, value) => {
      const text = LINE.slice(0, -1) + `,${JSON.stringify(name)}:${JSON.stringify(value ?? null)}}`;
      expect(['decoded', 'OBJECT_DAMAGED']).toContain(outcomeOf(() => decodeEntry(text, 'a page')));
    }),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(outcomeOf(() => decodeEntry(text, 'a page'))).toBe('OBJECT_DAMAGED');
    }),
  );
});

const withMember = (name: string, value: unknown): string =>
  JSON.stringify({ ...(JSON.parse(LINE) as object), [name]: value });

test.each([
  ['root', -1],
  ['root', 0.5],
  ['path', '../a'],
  ['path', 'a\0'],
  ['path', { hex: '2e2e' }],
  ['path', { hex: 'abc' }],
  ['path', { hex: 'AB' }],
  ['path', { hex: 'ab'.repeat(4_000_000).slice(1) }],
  ['path', '\ud800'],
  ['path', undefined],
  ['kind', 'socket'],
  ['mode', 0o10000],
  ['uid', '0'],
  ['uid', 2 ** 32],
  ['gid', 2 ** 40],
  ['size', -1],
  ['size', undefined],
  ['mtime', 1],
  ['mtime', '1.5'],
  ['mtime', String(2n ** 63n)],
  ['ctime', String(-(2n ** 63n) - 1n)],
  ['inode', ''],
  ['inode', '-1'],
  ['inode', String(2n ** 64n)],
  ['link', '1'],
  ['sparse', false],
  ['xattrs', ['AA==']],
  ['xattrs', { a: 'A' }],
  ['xattrs', { a: '_w==' }],
  ['chunks', undefined],
  ['chunks', ['0'.repeat(63)]],
  ['chunks', { length: 0 }],
  ['lists', []],
  ['target', 5],
])('an entry whose %s is %j is damage', (name, value) => {
  expect(outcomeOf(() => decodeEntry(withMember(name, value), 'a page'))).toBe('OBJECT_DAMAGED');
});

test.each([
  ['uid', 2 ** 32 - 1],
  ['mtime', String(2n ** 63n - 1n)],
  ['mtime', String(-(2n ** 63n))],
  ['inode', String(2n ** 64n - 1n)],
])('an entry whose %s is %j is valid', (name, value) => {
  expect(outcomeOf(() => decodeEntry(withMember(name, value), 'a page'))).toBe('decoded');
});

test('a symlink without target is damage', () => {
  const line = withMember('kind', 'symlink').replace('"target":"x",', '');
  expect(outcomeOf(() => decodeEntry(line, 'a page'))).toBe('OBJECT_DAMAGED');
});

test('members of later minor additions are left alone', () => {
  expect(outcomeOf(() => decodeEntry(withMember('later', 1), 'a page'))).toBe('decoded');
});

test('a long path in hexadecimal does not exhaust the stack', () => {
  const line = withMember('path', { hex: 'ff'.repeat(3_000_000) });
  expect(outcomeOf(() => decodeEntry(line, 'a page'))).toBe('decoded');
});

test('an attribute of megabytes does not exhaust the stack', () => {
  const line = withMember('xattrs', { a: Buffer.alloc(6_000_000).toString('base64') });
  expect(outcomeOf(() => decodeEntry(line, 'a page'))).toBe('decoded');
});
