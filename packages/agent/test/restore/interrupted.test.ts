import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { failCalls } from '../kit/failing-calls.ts';
import { problemsOf, realMetadataTools, restoreInto } from '../kit/restore-bench.ts';
import { testWithTools } from '../kit/tools.ts';
import { temporaryFolder } from '../kit/tree.ts';

const TIME = '1700000000000000000';
const xattrs = { 'user.k': Buffer.from('v').toString('base64') };

async function builderOfTree() {
  const builder = new RepositoryBuilder();
  await builder.snapshot([
    { path: '' },
    { path: 'done', mode: 0o750, mtime: TIME, xattrs },
    { path: 'done/file', content: 'x', mtime: TIME, xattrs },
    { path: 'read only', mode: 0o555, mtime: TIME },
    { path: 'read only/large', content: randomBytes(2_000_000), mtime: TIME, xattrs },
  ]);
  return builder;
}

const modeOf = (name: string): string => (fs.statSync(name).mode & 0o7777).toString(8);

testWithTools(
  'a restore that a full disk ends leaves folders and files with their metadata',
  ['setfattr'],
  async () => {
    const builder = await builderOfTree();
    const target = temporaryFolder();
    const metadata = realMetadataTools();
    const hits = failCalls('writeSync', 'ENOSPC', ([, bytes]) => hits.count === 0 && (bytes as Buffer).length > 1000);
    await expect(restoreInto(builder.repository, target, { deps: { metadata } })).rejects.toMatchObject({
      code: 'DISK_FULL',
    });
    expect(hits.count).toBe(1);
    expect([modeOf(`${target}/done`), modeOf(`${target}/read only`)]).toEqual(['750', '755']);
    for (const name of ['done', 'read only']) expect(fs.statSync(`${target}/${name}`).mtimeMs).toBe(1.7e12);
    const names = [`${target}/done`, `${target}/done/file`];
    expect((await metadata.readXattrs(names)).xattrs).toEqual(new Map(names.map((name) => [name, xattrs])));
    const again = await restoreInto(builder.repository, target, { overwrite: 'changed', deps: { metadata } });
    expect(problemsOf(again)).toEqual({});
    expect(again.result.counts).toMatchObject({ files: 1, unchanged: 1 });
    expect(modeOf(`${target}/read only`)).toBe('555');
    expect(fs.statSync(`${target}/read only`).mtimeMs).toBe(1.7e12);
  },
);

test('a restore that is aborted leaves folders with their metadata', async () => {
  const builder = await builderOfTree();
  const target = temporaryFolder();
  const abort = new AbortController();
  const store = {
    ...builder.store,
    readRange: (...args: Parameters<typeof builder.store.readRange>) => {
      if (args[0].includes('/data/')) abort.abort(new Error('stopped'));
      return builder.store.readRange(...args);
    },
  };
  await expect(
    restoreInto({ ...builder.repository, store }, target, { deps: { signal: abort.signal } }),
  ).rejects.toThrow('stopped');
  expect(modeOf(`${target}/done`)).toBe('750');
  expect(fs.statSync(`${target}/done`).mtimeMs).toBe(1.7e12);
});
