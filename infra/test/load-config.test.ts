/** A configuration file in which something is wrong: one message, and never a stack trace. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { GOOD } from './kit/good-config.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'backup-load-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = JSON.stringify(GOOD);
const fileOf = (name: string, content: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};

test('a right one is read, also one that is made in steps', async () => {
  expect(await loadConfig(fileOf('right.ts', `export default ${good};`))).toMatchObject(GOOD);
  expect(await loadConfig(fileOf('later.ts', `export default Promise.resolve(${good});`))).toMatchObject(GOOD);
});

test('one that is not there', async () => {
  const file = path.join(folder, 'nowhere.ts');
  await expect(loadConfig(file)).rejects.toThrow(new TypeError(`there is no file ${file}`));
});

test.each<[string, string, string, string]>([
  [
    'one that is no module',
    'config.json',
    good,
    ': a configuration is a module, such as config.example.ts: name it .ts',
  ],
  [
    'one that exports nothing',
    'nothing.ts',
    `const config = ${good};`,
    ': it exports nothing; end it with "export default config;"',
  ],
  [
    'one that exports a text',
    'text.ts',
    "export default 'prod';",
    ': the configuration must be an object of settings, as in config.example.ts',
  ],
  ['one that fails', 'fails.ts', "\nthrow new Error('no certificate here');", ', line 2: no certificate here'],
  [
    'one that reads what is not there',
    'reads.ts',
    "import { readFileSync } from 'node:fs';\nexport default { pem: readFileSync('/nowhere/authority.crt') };",
    ", line 2: ENOENT: no such file or directory, open '/nowhere/authority.crt'",
  ],
  [
    'one whose setting cannot be read',
    'getter.ts',
    "export default { get users() { throw new Error('no'); } };",
    ': no',
  ],
])('%s', async (_, name, content, problem) => {
  const file = fileOf(name, content);
  await expect(loadConfig(file)).rejects.toThrow(new TypeError(`${file}${problem}`));
});

test('synth says what is wrong with the file, and nothing else', () => {
  const config = fileOf('syntax.ts', 'export default {\n  account: ,\n};');
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(import.meta.dirname, '../src/app.ts')], {
    encoding: 'utf8',
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ config }) },
  });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/syntax\.ts, line 2: .+$/)]);
});
