/** Reads a file such as infra/config.ts. Whatever is wrong with it is said in one message, never as a stack trace. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { BackupConfig } from './backup-config.ts';
import { parseConfig } from './parse-config.ts';

/** Throws a TypeError that names the file and lists all problems. */
export async function loadConfig(file: string): Promise<BackupConfig> {
  if (!existsSync(file)) throw new TypeError(`there is no file ${file}`);
  if (!/\.[cm]?[jt]s$/.test(file))
    throw new TypeError(`${file}: a configuration is a module, such as config.example.ts: name it .ts`);
  const said = await defaultExport(file);
  try {
    return parseConfig(said);
  } catch (error) {
    throw new TypeError(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

async function defaultExport(file: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    throw new TypeError(`${file}${lineIn(file, error)}: ${messageOf(error)}`, { cause: error });
  }
  if (!('default' in module)) throw new TypeError(`${file}: it exports nothing; end it with "export default config;"`);
  return module.default;
}

/** Of an error in the file itself: a stack begins with its place, or has it in its first frames. */
function lineIn(file: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, line] = stack.split(file)[1]?.match(/^:(\d+)/) ?? [];
  return line === undefined ? '' : `, line ${line}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
