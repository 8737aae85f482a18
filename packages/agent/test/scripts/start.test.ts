import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { chooseSources } from '../../scripts/start/choose-sources.ts';
import { compareTrees } from '../../scripts/start/compare-trees.ts';
import { documentsFolder, documentsInUserDirs } from '../../scripts/start/documents-folder.ts';
import { cliEnvironment } from '../kit/built-cli.ts';
import type { CliResult } from '../kit/built-cli.ts';
import { file, folder, hardLink, symlink, temporaryFolder, writeTree } from '../kit/tree.ts';
import type { TreeLiteral } from '../kit/tree.ts';

const START = path.resolve(import.meta.dirname, '../../scripts/start.ts');

const start = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<CliResult> =>
  new Promise((resolve) => {
    execFile(process.execPath, [START, ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

test('arguments go to the command as they are, from the folder where the person is', async () => {
  const home = temporaryFolder();
  const env = { ...cliEnvironment(home), INIT_CWD: home };
  const shown = await start(['config', 'show', '--json', '--device', 'a b'], env);
  expect(JSON.parse(shown.stdout)).toMatchObject({ settings: { device: { value: 'a b' } } });
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(await start(['status', '--repo', 'not here'], env)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining(path.join(home, 'not here')) as string,
  });
});

test('the Documents folder has another name in other languages', () => {
  const home = temporaryFolder();
  writeTree(home, {
    Dokumente: {},
    '.config': { 'user-dirs.dirs': '# x\nXDG_DESKTOP_DIR="$HOME/S"\nXDG_DOCUMENTS_DIR="$HOME/Dokumente"\n' },
  });
  const userDirs = path.join(home, '.config/user-dirs.dirs');
  expect(documentsInUserDirs(userDirs, home)).toBe(path.join(home, 'Dokumente'));
  const environment = { PATH: '', HOME: home };
  if (process.platform === 'linux')
    expect(documentsFolder({ platform: 'linux', home, environment })).toBe(path.join(home, 'Dokumente'));
});

test('a home folder is never taken for the documents in it', () => {
  const home = temporaryFolder();
  writeTree(home, { '.config': { 'user-dirs.dirs': 'XDG_DOCUMENTS_DIR="$HOME/"\n' } });
  expect(documentsFolder({ platform: 'linux', home, environment: { PATH: '' } })).toBeUndefined();
});

describeChoice('documents that fit are taken whole', { Documents: { 'a.txt': 'aa' } }, 100, ['Documents']);
describeChoice(
  'of too many documents a part is taken',
  { Documents: { a: { x: 'x'.repeat(40) }, b: { x: 'x'.repeat(70) }, c: { x: 'x'.repeat(50) } } },
  100,
  ['Documents/a', 'Documents/c'],
);
describeChoice(
  'without files in it, documentation of the checkout is',
  {
    Documents: { empty: {} },
    docs: { 'guide.md': 'x' },
    node_modules: {
      '.pnpm': {
        'one@1': { node_modules: { one: { 'README.md': 'x' }, two: symlink('../../two@2/node_modules/two') } },
        'two@2': { node_modules: { two: { 'readme.md': 'xx', 'index.js': '' }, none: { 'index.js': '' } } },
        'one@2': { node_modules: { one: { 'README.md': 'xxx' } } },
      },
    },
  },
  100,
  ['docs', 'node_modules/.pnpm/two@2/node_modules/two', 'node_modules/.pnpm/one@1/node_modules/one'],
);

function describeChoice(name: string, tree: TreeLiteral, bytesMax: number, chosen: readonly string[]): void {
  test(name, () => {
    const top = temporaryFolder();
    writeTree(top, tree);
    const { folders } = chooseSources(path.join(top, 'Documents'), top, bytesMax);
    expect(folders.map((place) => path.relative(top, place))).toEqual(chosen);
  });
}

const TREE: TreeLiteral = {
  'a.txt': file('hello', { mode: 0o640, mtime: 1_700_000_000.123456 }),
  sub: folder(
    { 'b.txt': file('other', { mtime: 1_600_000_000 }), link: symlink('../a.txt', { mtime: 5 }) },
    { mtime: 7 },
  ),
  twin: hardLink('a.txt'),
};
const LATER = Date.now() + 3_600_000;
const compare = (a: string, b: string, since = LATER) => compareTrees(a, b, { since, modes: true, owners: true });

function copies(): { original: string; restored: string } {
  const top = temporaryFolder();
  const [original, restored] = [path.join(top, 'original'), path.join(top, 'restored')];
  for (const place of [original, restored]) {
    writeTree(place, TREE);
    fs.utimesSync(place, 9, 9);
  }
  return { original, restored };
}

test.skipIf(process.platform === 'win32')('equal trees are equal', () => {
  const { original, restored } = copies();
  expect(compare(original, restored)).toMatchObject({ files: 3, bytes: 15, differenceCount: 0, changedSince: 0 });
});

test.skipIf(process.platform === 'win32').each<[string, (top: string) => void, RegExp]>([
  [
    'one byte',
    (top) => (fs.writeFileSync(`${top}/sub/b.txt`, 'othfr'), fs.utimesSync(`${top}/sub/b.txt`, 1.6e9, 1.6e9)),
    /other content/,
  ],
  ['a missing file', (top) => fs.rmSync(`${top}/sub/b.txt`), /b\.txt: was not restored/],
  ['a file too many', (top) => fs.writeFileSync(`${top}/new`, ''), /new: was restored, but is not there/],
  ['a mode', (top) => fs.chmodSync(`${top}/a.txt`, 0o600), /mode 640, restored 600/],
  ['a time', (top) => fs.utimesSync(`${top}/a.txt`, 1_700_000_000, 1_700_000_000.12346), /modified/],
  ["a folder's time", (top) => fs.utimesSync(`${top}/sub`, 7, 8), /sub: modified/],
  [
    'where a link leads',
    (top) => (fs.rmSync(`${top}/sub/link`), fs.symlinkSync('x', `${top}/sub/link`)),
    /leads elsewhere/,
  ],
  [
    'a hard link',
    (top) => (fs.copyFileSync(`${top}/twin`, `${top}/t`), fs.renameSync(`${top}/t`, `${top}/twin`)),
    /no longer the same file/,
  ],
  ['a kind', (top) => (fs.rmSync(`${top}/twin`), fs.mkdirSync(`${top}/twin`)), /another kind/],
])('%s is found', (_, change, sentence) => {
  const { original, restored } = copies();
  change(restored);
  const { differences } = compare(original, restored);
  expect(differences.join('\n')).toMatch(sentence);
});

test.skipIf(process.platform === 'win32')(
  'what was changed on the disk since the backup began is no difference',
  () => {
    const { original, restored } = copies();
    fs.writeFileSync(`${original}/a.txt`, 'changed');
    expect(compare(original, restored, Date.now() - 60_000)).toMatchObject({ differenceCount: 0 });
    expect(compare(original, restored).differenceCount).toBeGreaterThan(0);
  },
);
