import * as fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openLogFile } from '../../../src/cli/output/log-file.ts';
import { testOnLinux } from '../../kit/tools.ts';
import { temporaryFolder, writeTree } from '../../kit/tree.ts';

const open = (file: string) =>
  openLogFile({ path: file, verbose: false, command: 'run', version: '1', redact: (text) => text });

test('folders above it are made', () => {
  const file = path.join(temporaryFolder(), 'state', 'logs', 'agent.log');
  open(file).ended(0, 1);
  open(file).ended(0, 1);
  expect(fs.readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(4);
});

test.each([
  ['a folder', 'folder', 'it is a folder'],
  ['something in a file', 'file/agent.log', 'what it should lie in is no folder'],
  ['something deeper in a file', 'file/logs/agent.log', 'what it should lie in is no folder'],
])('%s is one sentence', (_, name, reason) => {
  const top = temporaryFolder();
  writeTree(top, { folder: {}, file: '' });
  const file = path.join(top, name);
  expect(() => open(file)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: `cannot write a log to ${file}: ${reason}` }),
  );
});

testOnLinux('a folder that the system cannot make is one sentence', () => {
  for (const file of ['/proc/nope/agent.log', '/proc/nope/logs/agent.log'])
    expect(() => open(file)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: `cannot write a log to ${file}: its folder cannot be made`,
      }),
    );
});
