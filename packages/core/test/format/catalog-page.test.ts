import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  PAGE_BYTES_MAX,
  PAGE_BYTES_MIN,
  PageCutter,
  compareEntries,
  decodePageList,
  encodePageList,
  pageLines,
  pageReferenceSchema,
  parseChunkId,
  parseRunId,
} from '../../src/index.ts';
import type { CutPage, PageReference } from '../../src/index.ts';
import { awkwardPaths, linkedEntries } from '../kit/golden-fixtures.ts';
import { outcomeOf } from '../kit/hostile-bytes.ts';
import { pagesOf } from '../kit/golden-builder.ts';

const RUN = parseRunId('20260105T080000Z-0a1b2c3d');
const ID = parseChunkId('ab'.repeat(32));

const references: fc.Arbitrary<PageReference> = fc.record({
  root: fc.nat({ max: 1000 }),
  path: fc.constantFrom(...awkwardPaths()),
  id: fc.constant(ID),
  run: fc.constant(RUN),
  pack: fc.nat({ max: 99_999 }),
  offset: fc.nat({ max: 2 ** 28 }),
  storedBytes: fc.nat({ max: 2 ** 23 }),
  rawBytes: fc.nat({ max: 2 ** 23 }),
});

/** Lines of about 200 bytes at paths that a seed chooses. */
const catalog = (count: number, seed: string): [path: string, line: string][] =>
  Array.from({ length: count }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest('hex'))
    .sort()
    .map((path) => [path, `"${path}${'x'.repeat(136)}"`]);

function cut(lines: readonly [string, string][]): CutPage[] {
  const cutter = new PageCutter();
  return [...lines.map(([path, line]) => cutter.add(0, path, line)), cutter.end()].filter((page) => page !== undefined);
}

test('joined pages are all lines in order, and each begins with the entry that it is named by', () => {
  fc.assert(
    fc.property(fc.nat({ max: 4000 }), fc.string(), (count, seed) => {
      const lines = catalog(count, seed);
      const pages = cut(lines);
      expect(pages.flatMap((page) => pageLines(page.bytes, 'a page'))).toEqual(lines.map(([, line]) => line));
      for (const page of pages) expect(pageLines(page.bytes, 'a page')[0]).toContain(page.path);
      expect(pages.slice(0, -1).every((page) => page.bytes.length >= PAGE_BYTES_MIN)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('a page ends at the maximum, wherever its paths would cut', () => {
  const lines = Array.from({ length: 20 }, (_, i): [string, string] => [`p${i}`, 'x'.repeat(100_000)]);
  expect(cut(lines).map((page) => page.bytes.length)).toEqual([11 * 100_001, 9 * 100_001]);
  expect(11 * 100_001).toBeGreaterThanOrEqual(PAGE_BYTES_MAX);
});

test('a new entry changes the page it falls into, or two where it cuts', () => {
  const lines = catalog(8000, 'pages');
  const known = new Set(cut(lines).map((page) => page.bytes.toString('utf8')));
  expect(known.size).toBeGreaterThan(5);
  fc.assert(
    fc.property(fc.string(), (name) => {
      const path = createHash('sha256').update(`new ${name}`).digest('hex');
      const more = [...lines, [path, `"${path}"`] as [string, string]].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(cut(more).filter((page) => !known.has(page.bytes.toString('utf8'))).length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 50 },
  );
});

test('a root number does not move the cuts', () => {
  const lengths = (root: number) => {
    const pages = pagesOf(linkedEntries().map((entry) => ({ ...entry, root })));
    return pages.map((page) => [page.path, page.bytes.length]);
  };
  expect(lengths(7)).toEqual(lengths(0));
});

test('the names of one file may lie in different pages', () => {
  const pages = pagesOf(linkedEntries()).map((page) => page.bytes.toString('utf8'));
  const holding = pages.flatMap((page, i) => (page.includes('"link":"2049:1000"') ? [i] : []));
  expect(holding.length).toBe(2);
});

test('page references come back', () => {
  fc.assert(
    fc.property(fc.array(references, { maxLength: 5 }), (pages) => {
      expect(decodePageList(encodePageList(pages), 'a list')).toEqual(pages);
    }),
  );
});

test('a page list of any bytes is decoded or damage', () => {
  const values = fc.oneof(fc.jsonValue(), fc.tuple(...Array.from({ length: 8 }, () => fc.jsonValue())));
  fc.assert(
    fc.property(values, (value) => {
      const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
      expect(outcomeOf(() => decodePageList(bytes, 'a list'))).toBe('OBJECT_DAMAGED');
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
      expect(outcomeOf(() => decodePageList(bytes, 'a list'))).toBe('OBJECT_DAMAGED');
    }),
  );
});

const REFERENCE = [0, 'a', ID, RUN, 0, 0, 1, 1];

test.each([
  [0, -1],
  [1, '\ud800'],
  [1, 5],
  [2, 'AB'.repeat(32)],
  [3, 'latest'],
  [4, 100_000],
  [5, 2 ** 28 + 1],
  [6, 2 ** 23 + 1],
  [7, 2 ** 23 + 1],
  [8, 'one too many'],
])('a page reference whose member %i is %j is refused', (at, value) => {
  expect(pageReferenceSchema.safeParse(REFERENCE).success).toBe(true);
  expect(pageReferenceSchema.safeParse(Object.assign([...REFERENCE], { [at]: value })).success).toBe(false);
});

test.each([
  ['cut off', Buffer.from('{}')],
  ['not UTF-8', Buffer.from([0xff, 0x0a])],
])('a page that is %s is damage', (_, bytes) => {
  expect(outcomeOf(() => pageLines(bytes, 'a page'))).toBe('OBJECT_DAMAGED');
});

test('only LF ends a line', () => {
  expect(pageLines(Buffer.from('"a\u2028b"\n"\r"\n'), 'a page')).toEqual(['"a\u2028b"', '"\r"']);
});

test('entries are ordered by root, then by path', () => {
  const entries = [
    { root: 1, path: 'a' },
    { root: 0, path: 'b' },
    { root: 0, path: 'a/b' },
    { root: 0, path: 'a-b' },
  ];
  expect(entries.sort(compareEntries).map(({ root, path }) => `${root} ${path}`)).toEqual([
    '0 a/b',
    '0 a-b',
    '0 b',
    '1 a',
  ]);
});
