import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { copyAsCorpus } from '../../src/corpus/corpus.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { describeTree, writeTree } from '../kit/trees.ts';

// Links need a privilege on Windows.
test.skipIf(process.platform === 'win32')(
  "the user's folder is measured as a copy, with its modes, times and links",
  async () => {
    const source = path.join(temporaryFolder(), 'letters');
    writeTree(source, { 'a.txt': 'hello', inner: { 'b.sh': 'echo' } });
    mkdirSync(path.join(source, 'empty'));
    symlinkSync('nowhere', path.join(source, 'link'));
    chmodSync(path.join(source, 'inner/b.sh'), 0o755);
    for (const name of ['a.txt', 'inner/b.sh', 'inner', 'empty', '']) utimesSync(path.join(source, name), 1e9, 1e9);
    const before = describeTree(source);

    const corpus = await copyAsCorpus(source, temporaryFolder());

    expect(corpus).toMatchObject({ name: 'letters', files: 2, bytes: 9 });
    const withoutLinks = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('link '));
    expect(withoutLinks(describeTree(corpus.root))).toEqual(withoutLinks(before));
    expect(describeTree(corpus.root).find((line) => line.startsWith('link '))).toMatch(/nowhere$/);
    expect(describeTree(source)).toEqual(before);
  },
);

test.each([
  ['is not there', 'missing', /cannot open the corpus folder/],
  ['is a file', 'a.txt', /is not a folder/],
  ['is empty', 'empty', /has no files/],
])('a corpus folder that %s is refused', async (_, name, message) => {
  const folder = temporaryFolder();
  writeTree(folder, { 'a.txt': 'hello', empty: {} });
  const copying = copyAsCorpus(path.join(folder, name), temporaryFolder());
  await expect(copying).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) });
});
