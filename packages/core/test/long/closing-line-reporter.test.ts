import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const FIXTURES = join(import.meta.dirname, '../kit/reporter-fixtures');
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

interface Ended {
  readonly lines: readonly string[];
  readonly status: number | null;
}

/** Runs vitest in a process of its own on the suites with these names. */
function runFixtures(...names: readonly string[]): Ended {
  const files = names.map((name) => `${name}.fixture.ts`);
  const { stdout, status } = spawnSync(
    process.execPath,
    [VITEST, 'run', '--config', join(FIXTURES, 'vitest.fixtures.ts'), '--root', FIXTURES, ...files],
    { encoding: 'utf8', env: { ...process.env, CI: 'true', NO_COLOR: '1', VITEST: '' }, timeout: 60_000 },
  );
  return { lines: stdout.trimEnd().split('\n'), status };
}

test.each([
  ['passing and skipped tests', ['passing'], '2 passed, 0 failed, 1 skipped', 0],
  ['a failing test', ['failing'], '1 passed, 1 failed', 1],
  ['a hook that throws before its tests', ['throwing-hook'], '1 passed, 1 failed, 1 skipped', 1],
  ['a hook that throws after its tests', ['throwing-last-hook'], '1 passed, 1 failed', 1],
  ['a file that cannot be imported', ['import-error'], '0 passed, 1 failed', 1],
  ['a rejection that nobody handles', ['unhandled-rejection'], '1 passed, 1 failed', 1],
  ['a file without tests', ['empty'], '0 passed, 1 failed', 1],
  ['a worker that dies, and the test it left', ['dying-worker'], '0 passed, 2 failed', 1],
  ['no file at all', ['no-such'], '0 passed, 1 failed', 1],
  ['several of them', ['passing', 'failing', 'import-error'], '3 passed, 2 failed, 1 skipped', 1],
])(
  'the last line counts %s',
  (_, names, line, status) => {
    const ended = runFixtures(...names);
    expect(ended.lines.at(-1)).toBe(line);
    expect(ended.status).toBe(status);
  },
  60_000,
);

test('the lines before the last tell which suites were skipped and why', () => {
  expect(runFixtures('skipped-suite').lines.slice(-3)).toEqual([
    'skipped: the long suites: they take long',
    'skipped: the S3 store: no server: set THE_ENDPOINT',
    '1 passed, 0 failed, 1 skipped',
  ]);
}, 60_000);
