/** All source files of the repository, with what they import. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';

export interface SourceFile {
  /** From the top of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /**
   * What is imported: a path from the top of the repository (`packages/core/src/ids.ts`) for a relative import, else
   * the name as written (`node:fs`, `@backup-agent/core/s3`).
   */
  readonly target: string;
  /** Gone when the program runs. */
  readonly typeOnly: boolean;
}

const TOP = dirname(dirname(dirname(dirname(import.meta.dirname))));

export function sourceFiles(): SourceFile[] {
  const folders = ['packages/*/{src,test,scripts}', 'infra/{src,test}'];
  const paths = globSync([...folders.map((folder) => `${folder}/**/*.ts`), '*.ts'], { cwd: TOP })
    .map((path) => path.split(sep).join('/'))
    .sort();
  return paths.map((path) => {
    const text = readFileSync(join(TOP, path), 'utf8');
    return { path, text, imports: importsOf(path, text) };
  });
}

/** Static, side-effect, re-exporting, dynamic and type imports. A name that is computed is not seen. */
const IMPORT =
  /(?:^|[;\n])\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*[,)]/g;

export function importsOf(path: string, text: string): Import[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(([, type, from, dynamic]) => ({
    target: targetOf(path, from ?? dynamic ?? ''),
    typeOnly: type !== undefined,
  }));
}

const targetOf = (path: string, name: string): string =>
  name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;

/** Comment lines and what follows `//` after a space: enough for code formatted as this is. */
export const withoutComments = (text: string): string =>
  text.replace(/^\s*\/\*[^]*?\*\//gm, '').replace(/(^|\s)\/\/ .*$/gm, '$1');
