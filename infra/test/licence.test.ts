/** The IAM simulator is under the AGPL: it decides in tests and goes into nothing that anybody is given. */
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bundleHandlers } from '../src/bundle-handlers.ts';

const TOP = path.join(import.meta.dirname, '../..');
const SIMULATOR = '@cloud-copilot';

test('the bundles of the functions contain nothing of it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'backup-bundles-'));
  try {
    const { inputs } = await bundleHandlers(folder);
    const inside = Object.keys(inputs);
    expect(inside.some((file) => file.includes('@aws-sdk/client-sqs'))).toBe(true);
    expect(inside.filter((file) => file.includes(SIMULATOR) || file.includes('/test/'))).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual([
      'coordinator.mjs',
      'coordinator.mjs.map',
      'worker.mjs',
      'worker.mjs.map',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('only tests of the infrastructure import it', () => {
  const sources = globSync(['{packages/*,infra}/{src,scripts,test}/**/*.ts', '*.ts'], { cwd: TOP });
  const importing = sources.filter((file) => readFileSync(path.join(TOP, file), 'utf8').includes(`from '${SIMULATOR}`));
  expect(importing.map((file) => file.replaceAll(path.sep, '/'))).toEqual(['infra/test/kit/simulate.ts']);
});

test('only the infrastructure depends on it, for development', () => {
  const depending = globSync('{package.json,packages/*/package.json,infra/package.json}', { cwd: TOP }).flatMap(
    (file) =>
      Object.entries(JSON.parse(readFileSync(path.join(TOP, file), 'utf8')) as Record<string, unknown>)
        .filter(([field, value]) => field.endsWith('ependencies') && JSON.stringify(value).includes(SIMULATOR))
        .map(([field]) => `${file.replaceAll(path.sep, '/')} ${field}`),
  );
  expect(depending).toEqual(['infra/package.json devDependencies']);
});

test('no other package of the lock file draws it in', () => {
  const lock = readFileSync(path.join(TOP, 'pnpm-lock.yaml'), 'utf8');
  const importers = lock.slice(lock.indexOf('\nimporters:'), lock.indexOf('\npackages:'));
  expect(importers.split(SIMULATOR).length - 1).toBe(1);
  const drawing = [...lock.slice(lock.indexOf('\nsnapshots:')).matchAll(/^  '?([^\s'][^\n]*?)'?:\n((?: {4}.*\n)*)/gm)]
    .filter(([, , body = '']) => body.includes(SIMULATOR))
    .map(([, name = '']) => name);
  expect(drawing.length).toBeGreaterThan(0);
  expect(drawing.filter((name) => !name.startsWith(SIMULATOR))).toEqual([]);
});
