import { readFileSync } from 'node:fs';

/** Set when the program is bundled. */
declare const BUNDLED_VERSION: string | undefined;

/** This program's version, from its package. */
export function programVersion(): string {
  if (typeof BUNDLED_VERSION === 'string') return BUNDLED_VERSION;
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
