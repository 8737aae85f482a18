import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareTrees } from '../src/compare-trees.ts';
import { copyFolder } from '../src/corpus/copy-folder.ts';
import { temporaryFolder } from './kit/temporary-folder.ts';
import { writeTree } from './kit/trees.ts';

async function sourceAndCopy() {
  const [source, copy] = [path.join(temporaryFolder(), 'source'), path.join(temporaryFolder(), 'copy')];
  writeTree(source, { 'a.txt': 'hello', inner: { 'b.txt': 'world' } });
  symlinkSync('a.txt', path.join(source, 'link'));
  for (const name of ['a.txt', 'inner/b.txt', 'inner']) utimesSync(path.join(source, name), 1e9, 1e9);
  await copyFolder(source, copy);
  return { source, copy };
}

// Windows has no such modes, and links need a privilege there.
describe.skipIf(process.platform === 'win32')('trees with modes and links', () => {
  test('a true copy has no differences', async () => {
    const { source, copy } = await sourceAndCopy();
    expect(compareTrees(source, copy)).toEqual([]);
  });

  const at = (root: string, name: string) => path.join(root, name);
  test.each<[string, (copy: string) => void, string[]]>([
    ['a missing file', (copy) => rmSync(at(copy, 'a.txt')), ['a.txt is missing']],
    ['a file too many', (copy) => writeFileSync(at(copy, 'new'), ''), ['new is not in the source']],
    [
      'one other byte',
      (copy) => {
        writeFileSync(at(copy, 'a.txt'), 'hellO');
        utimesSync(at(copy, 'a.txt'), 1e9, 1e9);
      },
      ['a.txt has other bytes'],
    ],
    ['another mode', (copy) => chmodSync(at(copy, 'a.txt'), 0o600), ['a.txt has another mode']],
    ['another time', (copy) => utimesSync(at(copy, 'a.txt'), 1e9, 1e9 + 1), ['a.txt has another time']],
    ['another time of a folder', (copy) => utimesSync(at(copy, 'inner'), 1e9, 1e9 + 1), ['inner has another time']],
    [
      'another link',
      (copy) => {
        rmSync(at(copy, 'link'));
        symlinkSync('b.txt', at(copy, 'link'));
      },
      ['link points somewhere else'],
    ],
    [
      'another kind',
      (copy) => {
        rmSync(at(copy, 'a.txt'));
        mkdirSync(at(copy, 'a.txt'));
      },
      ['a.txt is a folder instead of a file'],
    ],
  ])('%s is named', async (_, damage, differences) => {
    const { source, copy } = await sourceAndCopy();
    damage(copy);
    expect(compareTrees(source, copy)).toEqual(differences);
  });
});
