/** Commands that texts tell people to type: each must be one. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findCommand } from '../../src/cli/find-command.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
const FILES = globSync(
  [
    'README.md',
    'docs/**/*.md',
    'packages/core/src/**/*.ts',
    'packages/agent/src/*/!(machine).ts',
    'packages/agent/src/cli/**/*.ts',
    'infra/{src,scripts}/**/*.ts',
  ],
  { cwd: ROOT },
);
/** Between the program's name, in quotes or at the beginning of a line, and the first option or what stands for a value. */
const COMMAND = /(?:^|["`]|\$ )backup-agent ([a-z][a-z-]*(?: [a-z]+)?)(?=[^\w-]|$)/gm;

const named = FILES.flatMap((file) =>
  [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(COMMAND)].map(([, words = '']) => ({ file, words })),
);

test('texts name commands', () => expect(named.length).toBeGreaterThan(100));

test.each([...new Set(named.map(({ words }) => words))].sort())('backup-agent %s exists', (words) => {
  const files = named.filter((one) => one.words === words).map(({ file }) => file);
  expect(() => findCommand(words.split(' ')), files.join()).not.toThrow();
});
