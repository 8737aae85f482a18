import { expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { pathFilter } from '../../src/restore/path-filter.ts';
import { restoreInto } from '../kit/restore-bench.ts';
import { temporaryFolder } from '../kit/tree.ts';

test.each<[NodeJS.Platform, boolean]>([
  ['linux', false],
  ['win32', true],
  ['darwin', true],
])('on %s capital and small letters are the same: %s', (platform, same) => {
  const including = pathFilter({ include: ['*.TXT'], exclude: [] }, platform);
  const excluding = pathFilter({ include: [], exclude: ['*.TXT'] }, platform);
  expect([including.wants('a.TXT', false), including.wants('a.txt', false)]).toEqual([true, same]);
  expect([excluding.wants('a.TXT', false), excluding.wants('a.txt', false)]).toEqual([false, !same]);
});

const WARNING = { type: 'warning', message: 'no entry fits --include *.odt, old/' };

test.each<[string, readonly string[], readonly string[], readonly object[]]>([
  ['nothing is told of patterns that fit', ['*.odt', '*.txt'], [], []],
  ['patterns that fit nothing are told', ['*.odt', 'old/'], [], [WARNING]],
  ['what is included and then excluded did fit', ['*.txt'], ['a.*'], []],
  ['nothing is told where nothing was to be included', [], ['*'], []],
])('%s', async (_, include, exclude, expected) => {
  const builder = new RepositoryBuilder();
  await builder.snapshot([
    { path: '', kind: 'folder' },
    { path: 'a.txt', content: 'a' },
  ]);
  const { events } = await restoreInto(builder.repository, temporaryFolder(), { include, exclude });
  expect(events.filter(({ type }) => type === 'warning')).toEqual(expected);
});
