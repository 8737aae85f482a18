/** What the agent writes, read by the independent reader in Python that was made from the format's description alone. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pythonReaderMissing, restoreWithPythonReader, skippedSuite } from '@backup-agent/core/test-kit';
import { cliEnvironment, runCli } from '../kit/built-cli.ts';
import { readTree } from '../kit/read-tree.ts';
import { file, hardLink, symlink, temporaryFolder, writeTree } from '../kit/tree.ts';

const missing = await pythonReaderMissing();

if (missing !== undefined) skippedSuite('the Python reader on what the agent writes', missing);
else {
  test('restores both of two snapshots, with every kind of entry', async () => {
    const folder = temporaryFolder();
    const source = join(folder, 'source');
    mkdirSync(source);
    writeTree(source, {
      letters: { 'a.txt': 'hello', 'caf\udce9': 'bytes', 'line\nfeed': '' },
      'big.bin': randomBytes(9_000_000),
      'old.txt': file('old', { mode: 0o640, mtime: 1_000_000_000.5 }),
      link: symlink('letters/a.txt'),
      twin: hardLink('letters/a.txt'),
      empty: {},
    });
    for (let i = 0; i < 2000; i++) writeFileSync(join(source, `letters/${i}.txt`), `letter ${i}`);
    const env = cliEnvironment(join(folder, 'home'));
    const place = ['--repo', join(folder, 'repository'), '--device', 'laptop'];
    const compare = async (): Promise<void> => {
      expect(await runCli(['run', source, ...place], env)).toMatchObject({ code: 0 });
      const target = join(folder, `restored-${Math.random()}`);
      const restored = await restoreWithPythonReader(join(folder, 'repository'), 'laptop', 'latest', target);
      expect(restored).toMatchObject({ exitCode: 0 });
      expect(readTree(target)).toEqual(readTree(source));
    };
    await compare();
    appendFileSync(join(source, 'letters/7.txt'), ' and more');
    truncateSync(join(source, 'big.bin'), 8_500_000);
    await compare();
  }, 120_000);
}
