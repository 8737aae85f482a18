import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRunId } from '@backup-agent/core';
import type { ObjectStore } from '@backup-agent/core';
import { JournalWriter, journalEntries, readJournals, removeJournals } from '../../src/backup/journal.ts';
import { openBench } from '../kit/backup-bench.ts';
import { readSnapshotContent, textsOf } from '../kit/read-snapshot.ts';
import { temporaryFolder, writeTree } from '../kit/tree.ts';

const runOf = (n: number) => parseRunId(`20260105T0800${String(n).padStart(2, '0')}Z-0a1b2c3d`);
const lineOf = (root: number, path: string): string =>
  JSON.stringify({ root, path, kind: 'fifo', mode: 420, uid: 0, gid: 0, mtime: '1', ctime: '1', inode: '1' });

function write(folder: string, run: number, roots: readonly string[], lines: readonly string[]): string {
  const writer = new JournalWriter(folder, { run: runOf(run), roots }, (message) => expect.unreachable(message));
  for (const line of lines) writer.add(line);
  writer.close();
  return join(folder, `${runOf(run)}.journal`);
}

const pathsOf = (folder: string, root: string): string[][] =>
  readJournals(folder, [root]).map((journal) =>
    [...journalEntries(journal, root)].flat().map(({ entry }) => entry.path),
  );

test('what was written is read, newest journal first, root by root', () => {
  const folder = temporaryFolder();
  write(folder, 1, ['/a', '/b'], [lineOf(0, 'x'), lineOf(1, 'y')]);
  write(folder, 2, ['/b'], [lineOf(0, 'z')]);
  expect(pathsOf(folder, '/a')).toEqual([['x']]);
  expect(pathsOf(folder, '/b')).toEqual([['z'], ['y']]);
  expect(pathsOf(folder, '/c')).toEqual([]);
});

test('lines longer than what is read at once come back whole', () => {
  const folder = temporaryFolder();
  const names = ['a', 'é', 'z'].map((name) => name.repeat(300_000));
  write(
    folder,
    1,
    ['/a'],
    names.map((name) => lineOf(0, name)),
  );
  expect(pathsOf(folder, '/a')).toEqual([names]);
});

test.each([
  ['is cut off in its last line', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -4)), ['x']],
  [
    'has a damaged line in it',
    (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"y"', '"Y"')),
    ['x'],
  ],
  ['goes on with nonsense', (path: string) => appendFileSync(path, 'nonsense\n'), ['x', 'y']],
])('a journal that %s counts up to there', (_, damage, expected) => {
  const folder = temporaryFolder();
  damage(write(folder, 1, ['/a'], [lineOf(0, 'x'), lineOf(0, 'y')]));
  expect(pathsOf(folder, '/a')).toEqual([expected]);
});

test('a journal without entries, or that cannot be read, is as good as none', () => {
  const folder = temporaryFolder();
  write(folder, 1, ['/a'], []);
  mkdirSync(join(folder, `${runOf(2)}.journal`));
  expect(pathsOf(folder, '/a')).toEqual([]);
  expect(pathsOf(join(folder, 'none'), '/a')).toEqual([]);
});

test('a commit forgets the journals of its roots, and no others', () => {
  const folder = temporaryFolder();
  write(folder, 1, ['/a'], [lineOf(0, 'x')]);
  write(folder, 2, ['/a', '/b'], [lineOf(0, 'x')]);
  write(folder, 3, ['/a'], []);
  write(folder, 4, ['/b'], [lineOf(0, 'y')]);
  removeJournals(folder, ['/a']);
  expect(readdirSync(folder)).toEqual([`${runOf(4)}.journal`]);
});

test('a journal that cannot be written is a warning: the backup is made', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one' });
  const bench = openBench();
  const journalFolder = join(folder, 'a/below a file');
  const result = await bench.run([folder], { deps: { journalFolder } });
  expect(result.exitCode).toBe(0);
  expect(existsSync(journalFolder)).toBe(false);
  const warnings = bench.events.filter((event) => event.type === 'warning');
  expect(warnings).toHaveLength(1);
  expect(textsOf(await readSnapshotContent(bench.repository))).toEqual({ '0:a': 'one' });
});

test('runs cut off before they save anything do not push out what an earlier one has saved', async () => {
  const folder = temporaryFolder();
  writeTree(folder, { a: 'one', b: 'two' });
  const bench = openBench();
  const cutAt =
    (part: string) =>
    (store: ObjectStore): ObjectStore => ({
      ...store,
      create: (key, body, options) => {
        if (key.includes(part)) throw new Error('cut off');
        return store.create(key, body, options);
      },
    });
  await expect(bench.run([folder], { through: cutAt('/index/') })).rejects.toThrow('cut off');
  for (let n = 0; n < 10; n++)
    await expect(bench.run([folder], { through: cutAt('/snapshots/') })).rejects.toThrow('cut off');
  const result = await bench.run([folder]);
  expect(result.record.bytes.read).toBe(0);
});
