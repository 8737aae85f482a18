import { describe, expect, test } from 'vitest';
import { ARROWS, findCycle, wrongImports } from './architecture/arrows.ts';
import { importsOf, sourceFiles, withoutComments } from './architecture/source-files.ts';
import type { SourceFile } from './architecture/source-files.ts';

const FILES = sourceFiles();

const file = (path: string, text: string): SourceFile => ({ path, text, imports: importsOf(path, text) });

describe('reading imports', () => {
  test('finds the sources of every package', () => {
    for (const folder of ['packages/core/src/', 'packages/core/test/', 'packages/agent/src/', 'infra/src/']) {
      expect(FILES.filter(({ path }) => path.startsWith(folder)).length).toBeGreaterThan(0);
    }
    expect(FILES.find(({ path }) => path === 'packages/core/src/keys.ts')?.imports).toEqual([
      { target: 'packages/core/src/ids.ts', typeOnly: false },
      { target: 'packages/core/src/ids.ts', typeOnly: true },
    ]);
  });

  test.each([
    ["import { a } from './a.ts';", 'x/a.ts', false],
    ["import type { a } from '../a.ts';", 'a.ts', true],
    ["import {\n  a,\n  b,\n} from 'node:fs';", 'node:fs', false],
    ["import a, * as b from 'fs'", 'fs', false],
    ["import './effects.ts';", 'x/effects.ts', false],
    ["export * from './a.ts';", 'x/a.ts', false],
    ["export type { a } from './a.ts';", 'x/a.ts', true],
    ["const a = await import('./a.ts');", 'x/a.ts', false],
    ["const a = () => import(\n  './a.ts',\n);", 'x/a.ts', false],
  ])('sees %j', (text, target, typeOnly) => {
    expect(importsOf('x/y.ts', `/** Says import('what'). */\n// import './no.ts';\n${text}\n`)).toEqual([
      { target, typeOnly },
    ]);
  });
});

describe('the arrows', () => {
  test('no import goes against them', () => {
    expect(wrongImports(FILES, ARROWS)).toEqual([]);
  });

  test.each(ARROWS.map((arrow) => [arrow.reason, arrow] as const))('%s: a broken one is found', (_, arrow) => {
    const [path, line] = arrow.broken;
    expect(wrongImports([file(path, line)], [arrow])).toHaveLength(1);
  });

  test('no files import each other in a circle', () => {
    expect(findCycle(FILES)).toEqual([]);
  });

  test('a circle is found, and one that only types make is none', () => {
    const [a, b, c] = [
      file('a.ts', "import './b.ts';"),
      file('b.ts', "import './c.ts';"),
      file('c.ts', "import './a.ts'"),
    ];
    expect(findCycle([a, b, c])).toEqual(['a.ts', 'b.ts', 'c.ts', 'a.ts']);
    expect(findCycle([a, b, file('c.ts', "import type { A } from './a.ts'")])).toEqual([]);
  });
});

describe('time, randomness, environment and output', () => {
  const ENTRY_POINT =
    /\/(main|compose)\.ts$|\/cli\/shell\.ts$|-worker\.ts$|^infra\/src\/app\.ts$|^infra\/src\/handlers\/|\/(test|scripts)\/|^vitest\.workspace\.ts$/;
  const IMPURE = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.env\b|(?<!\.)\bconsole\.\w/g;
  const impurities = (files: readonly SourceFile[]): string[] =>
    files
      .filter(({ path }) => !ENTRY_POINT.test(path))
      .flatMap(({ path, text }) => [...withoutComments(text).matchAll(IMPURE)].map(([word]) => `${path}: ${word}`));

  test('enter at the entry points only', () => {
    expect(impurities(FILES)).toEqual([]);
  });

  test('are found elsewhere, and not in comments', () => {
    const text = '// uses new Date() and Date.now\n/** process.env */\nconst t = new Date(), n = Date.now();';
    expect(impurities([file('packages/core/src/a.ts', text)])).toEqual([
      'packages/core/src/a.ts: new Date()',
      'packages/core/src/a.ts: Date.now',
    ]);
    expect(impurities([file('packages/agent/src/cli/main.ts', text)])).toEqual([]);
  });
});
