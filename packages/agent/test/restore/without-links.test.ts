/** Targets whose file system has no hard links. */
import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { failCalls } from '../kit/failing-calls.ts';
import { problemsOf, realMetadataTools, restoreInto } from '../kit/restore-bench.ts';
import { testWithTools } from '../kit/tools.ts';
import { temporaryFolder } from '../kit/tree.ts';

const TIME = '1700000000000000000';
const large = randomBytes(3_000_000);
const xattrs = { 'user.k': Buffer.from('v').toString('base64') };

async function repositoryWithLinks() {
  const builder = new RepositoryBuilder();
  const link = { content: large, mtime: TIME, mode: 0o640, link: '1:2', xattrs };
  await builder.snapshot([{ path: '' }, { path: 'a', ...link }, { path: 'b', ...link }, { path: 'folder' }]);
  return builder.repository;
}

test.each(['EPERM', 'ENOTSUP', 'EISDIR'])('a further name becomes a copy where a link fails with %s', async (code) => {
  const repository = await repositoryWithLinks();
  const target = temporaryFolder();
  const hits = failCalls('linkSync', code);
  const done = await restoreInto(repository, target);
  expect(hits.count).toBe(2); // To put the large file under its name, and for its other name.
  expect(problemsOf(done)).toEqual({});
  expect(done.result.counts).toMatchObject({ files: 2, hardLinks: 0, bytes: 6_000_000 });
  for (const name of ['a', 'b']) {
    expect(fs.readFileSync(`${target}/${name}`).equals(large)).toBe(true);
    expect(fs.statSync(`${target}/${name}`)).toMatchObject({ mtimeMs: 1.7e12, nlink: 1 });
    expect(fs.statSync(`${target}/${name}`).mode & 0o777).toBe(0o640);
  }
  expect(fs.readdirSync(target).sort()).toEqual(['a', 'b', 'folder']);
  const message = 'hard links cannot be made here, copies are made instead (1): b';
  expect(done.events).toContainEqual({ type: 'warning', message });
});

test('a copy that fails leaves nothing under its name', async () => {
  const repository = await repositoryWithLinks();
  const target = temporaryFolder();
  failCalls('linkSync', 'EPERM');
  const hits = failCalls('readSync', 'EIO', ([, , , length]) => length === 1024 * 1024);
  const done = await restoreInto(repository, target);
  expect(hits.count).toBe(1);
  expect(Object.keys(problemsOf(done))).toEqual(['b']);
  expect(fs.readdirSync(target).sort()).toEqual(['a', 'folder']);
});

testWithTools('a copy has the extended attributes', ['setfattr', 'getfattr'], async () => {
  const repository = await repositoryWithLinks();
  const target = temporaryFolder();
  const metadata = realMetadataTools();
  failCalls('linkSync', 'EPERM');
  expect(problemsOf(await restoreInto(repository, target, { deps: { metadata } }))).toEqual({});
  expect((await metadata.readXattrs([`${target}/b`])).xattrs.get(`${target}/b`)).toEqual(xattrs);
});
