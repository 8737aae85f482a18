/** Metadata at the limits: of deep paths, of times between microseconds, of other owners. */
import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { pathToBytes } from '@backup-agent/core';
import { RepositoryBuilder } from '@backup-agent/core/test-kit';
import { openBench } from '../kit/backup-bench.ts';
import { readTree } from '../kit/read-tree.ts';
import { problemsOf, restoreInto } from '../kit/restore-bench.ts';
import { testOnLinux } from '../kit/tools.ts';
import { temporaryFolder, writeDeepTree, writeTree } from '../kit/tree.ts';

const MICROSECOND = 1_000n;
const isRoot = process.getuid?.() === 0;
const testAsRoot = isRoot ? test : test.skip;
const suffix = isRoot ? '' : ' (skipped: needs root)';

testOnLinux('contents below paths longer than any call takes are what they were', async () => {
  const [source, target] = [temporaryFolder(), temporaryFolder()];
  const names = Array<string>(25).fill('n'.repeat(200));
  writeDeepTree(source, names, { 'at the bottom': 'deep content', 'caf\udce9': 'not UTF-8' });
  const bench = openBench();
  await bench.run([source]);
  expect(problemsOf(await restoreInto(bench.repository, target))).toEqual({});
  let folder = fs.openSync(target, 'r');
  for (const name of names) {
    const next = fs.openSync(`/proc/self/fd/${folder}/${name}`, 'r');
    fs.closeSync(folder);
    folder = next;
  }
  const read = (name: string): string => fs.readFileSync(pathToBytes(`/proc/self/fd/${folder}/${name}`), 'utf8');
  expect([read('at the bottom'), read('caf\udce9')]).toEqual(['deep content', 'not UTF-8']);
  fs.closeSync(folder);
});

test.each(['1700000000123456789', '-86400500000001', '-1', '0', '4102444800999999999'])(
  'times of files, folders and symlinks come back within a microsecond: %s ns',
  async (mtime) => {
    const builder = new RepositoryBuilder();
    await builder.snapshot([
      { path: '' },
      { path: 'file', content: 'x', mtime },
      { path: 'folder', mtime },
      { path: 'link', kind: 'symlink', target: 'nowhere', mtime },
    ]);
    const target = temporaryFolder();
    expect(problemsOf(await restoreInto(builder.repository, target))).toEqual({});
    for (const name of ['file', 'folder', 'link']) {
      const off = fs.lstatSync(`${target}/${name}`, { bigint: true }).mtimeNs - BigInt(mtime);
      expect(off < 0n ? -off : off).toBeLessThanOrEqual(MICROSECOND);
    }
  },
);

testAsRoot(`owners come back, with setuid and setgid${suffix}`, async () => {
  const [source, target] = [temporaryFolder(), temporaryFolder()];
  writeTree(source, { program: '#!', folder: { inner: 'x' } });
  fs.symlinkSync('program', `${source}/link`);
  for (const name of ['program', 'folder', 'folder/inner', 'link']) fs.lchownSync(`${source}/${name}`, 12_345, 54_321);
  fs.chmodSync(`${source}/program`, 0o6755);
  const bench = openBench();
  await bench.run([source]);
  expect(problemsOf(await restoreInto(bench.repository, target))).toEqual({});
  expect(readTree(target)).toEqual(readTree(source));
  expect(readTree(target)['program']).toMatchObject({ owner: '12345:54321', mode: '6755' });
});
