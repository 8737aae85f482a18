import { expect, test } from 'vitest';
import type { RetentionPolicy } from '@backup-agent/core';
import { missingSnapshots } from '../../src/verify/missing-snapshots.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const at = (days: number): Date => new Date(+NOW - days * 86_400_000);
const run = (key: string, daysAgo: number, ...roots: string[]) => ({ key, landed: at(daysAgo), roots });
const policy = (keepWithinDays: number): RetentionPolicy => ({ keepWithinDays, keepLast: 1 });

test.each([
  ['the newest one stays for ever', [run('a', 400, '/home')], [policy(30)], ['a']],
  ['an older one may have expired', [run('a', 40, '/home'), run('b', 39, '/home')], [policy(30)], ['b']],
  ['a young one cannot have expired', [run('a', 2, '/home'), run('b', 1, '/home')], [policy(30)], ['a', 'b']],
  ['the shortest policy counts', [run('a', 9, '/home'), run('b', 8, '/home')], [policy(30), policy(7)], ['b']],
  [
    'one of other folders is superseded by nobody',
    [run('a', 90, '/home'), run('b', 80, '/srv')],
    [policy(30)],
    ['a', 'b'],
  ],
  ['one within a larger root may have expired', [run('a', 90, '/home/x'), run('b', 80, '/home')], [policy(30)], ['b']],
  [
    'a name that only begins alike is no folder within',
    [run('a', 90, '/home2'), run('b', 80, '/home')],
    [policy(30)],
    ['a', 'b'],
  ],
  ['a root of a file system has all that lies in it', [run('a', 90, '/home'), run('b', 80, '/')], [policy(30)], ['b']],
  ['a drive has its folders', [run('a', 90, 'D:/docs'), run('b', 80, 'D:/')], [policy(30)], ['b']],
  ['another drive has not', [run('a', 90, 'E:/docs'), run('b', 80, 'D:/')], [policy(30)], ['a', 'b']],
  ['without a policy nothing expires', [run('a', 90, '/home'), run('b', 80, '/home')], [], ['a', 'b']],
  ['of unknown policies nothing is concluded', [run('a', 1, '/home'), run('b', 0, '/home')], undefined, ['b']],
])('%s', (_, committed, policies, expected) => {
  const missing = missingSnapshots({ committed, valid: [], listed: new Set(), policies, now: NOW });
  expect(missing.map(({ key }) => key)).toEqual(expected);
});

test('a snapshot that is there is not missing', () => {
  const committed = [run('a', 1, '/home')];
  expect(missingSnapshots({ committed, valid: [], listed: new Set(['a']), policies: [], now: NOW })).toEqual([]);
});

test.each([
  ['a newer one that is there stands in for it', 80, '/home', []],
  ['an older one does not', 100, '/home', ['a']],
  ['nor does one of other folders', 80, '/srv', ['a']],
])('of a snapshot without a run record: %s', (_, daysAgo, root, expected) => {
  const { landed, roots } = run('b', daysAgo, root);
  const missing = missingSnapshots({
    committed: [run('a', 90, '/home')],
    valid: [{ landed, roots }],
    listed: new Set(['b']),
    policies: [policy(30)],
    now: NOW,
  });
  expect(missing.map(({ key }) => key)).toEqual(expected);
});
