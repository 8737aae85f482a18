/** Whose folders contain whose: against the definition, and when they are too many. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMPARED_FOLDERS_MAX, compareRoots } from '../../src/retention/compare-roots.ts';
import { contains, rootSets } from './arbitrary-snapshots.ts';

const item = (name: string, ...roots: string[]) => ({ name, roots });
type Item = ReturnType<typeof item>;

/** By name, the names of all that contain it. */
const containersOf = (items: readonly Item[]): Record<string, string[]> =>
  Object.fromEntries(
    compareRoots(items).flatMap((set) =>
      set.items.map(({ name }) => [name, set.related().map((other) => other.name)] as const),
    ),
  );

test.each([
  ['/a', '/a', true],
  ['/a', '/a/b/c', true],
  ['/a', '/ab', false],
  ['/a/b', '/a', false],
  ['/', '/a', true],
  ['/', '/', true],
  ['/a', '/', false],
  ['C:/', 'C:/x', true],
  ['C:/', 'D:/x', false],
  ['C:/x', 'C:/', false],
  ['C:/x', 'C:/xy', false],
  ['C:/x', 'c:/x', false],
  ['/', 'C:/x', false],
  ['//server/share', '//server/share/x', true],
  ['/a/', '/a', true],
  ['/a', '/a/', true],
])('%s contains %s: %s', (outer, inner, does) => {
  expect(containersOf([item('outer', outer), item('inner', inner)])['inner']).toEqual(
    does ? ['outer', 'inner'] : ['inner'],
  );
});

test('every root must lie in some root, of which there may be fewer', () => {
  const items = [
    item('both', '/a', '/b'),
    item('one', '/a'),
    item('within', '/a/x', '/a/y', '/b/z'),
    item('more', '/b', '/c', '/a'),
    item('turned', '/b', '/a'),
    item('doubled', '/a', '/b', '/a/x'),
  ];
  expect(containersOf(items)).toEqual({
    both: ['both', 'more', 'turned', 'doubled'],
    one: ['both', 'one', 'more', 'turned', 'doubled'],
    within: ['both', 'within', 'more', 'turned', 'doubled'],
    more: ['more'],
    turned: ['both', 'more', 'turned', 'doubled'],
    doubled: ['both', 'more', 'turned', 'doubled'],
  });
});

test('any sets of roots are compared as the definition says', () => {
  fc.assert(
    fc.property(fc.array(rootSets, { maxLength: 8 }), (sets) => {
      const items = sets.map((roots, number) => item(String(number), ...roots));
      const expected = items.map((inner) => [
        inner.name,
        items.filter((outer) => contains(outer.roots, inner.roots)).map(({ name }) => name),
      ]);
      expect(containersOf(items)).toEqual(Object.fromEntries(expected));
    }),
    { numRuns: 500 },
  );
});

test('over the limit a set is compared with itself only, and ordinary ones go on', () => {
  const many = Array.from({ length: COMPARED_FOLDERS_MAX / 2 }, (_, number) => `/${number}`);
  const deep = '/a'.repeat(5_000_000);
  const items = [
    item('many', ...many),
    item('deep', deep),
    item('ordinary', '/1'),
    item('all', '/'),
    item('many again', ...many),
  ];
  const sets = compareRoots(items);
  expect(sets.map((set) => [set.items.map(({ name }) => name), set.compared])).toEqual([
    [['many', 'many again'], false],
    [['deep'], false],
    [['ordinary'], true],
    [['all'], true],
  ]);
  expect(containersOf(items)).toEqual({
    many: ['many', 'many again'],
    'many again': ['many', 'many again'],
    deep: ['deep'],
    ordinary: ['ordinary', 'all'],
    all: ['all'],
  });
});

test('just within the limit a set is compared', () => {
  // '/' is '' and '', so two components; each of these is, too.
  const most = Array.from({ length: COMPARED_FOLDERS_MAX / 2 - 1 }, (_, number) => `/${number}`);
  expect(containersOf([item('most', ...most), item('all', '/')])['most']).toEqual(['most', 'all']);
});

test('two thousand sets of hostile roots are compared', () => {
  const beside = Array.from({ length: 1000 }, (_, number) =>
    item(`beside ${number}`, ...Array.from({ length: 48 }, (_, root) => `/${root}`), `/x${number}`),
  );
  const chain = Array.from({ length: 400 }, (_, number) => item(`chain ${number}`, `/${'a/'.repeat(number)}b`));
  const thousands = Array.from({ length: 600 }, (_, number) =>
    item(`thousands ${number}`, ...Array.from({ length: 5000 }, (_, root) => `/${number}/${root}`)),
  );
  const containers = containersOf([...beside, ...chain, ...thousands, item('all', '/')]);
  expect(containers['beside 7']).toEqual(['beside 7', 'all']);
  expect(containers['chain 7']).toEqual(['chain 7', 'all']);
  expect(containers['thousands 599']).toEqual(['thousands 599']);
});
