/** Compiled code is kept for the next start, which is then faster. */
import module from 'node:module';
import path from 'node:path';
import { makeFolders } from '@backup-agent/core';

/**
 * In a folder of this user's own: Node's usual place is a temporary folder, where others could lay code for us. The
 * folder is made here, for Node's own way of making it never ends where a name is refused with ENOENT.
 */
export function keepCompiledCode(cacheFolder: string): void {
  const folder = path.join(cacheFolder, 'code');
  try {
    makeFolders(folder, 0o700);
  } catch {
    return; // Without it each start compiles anew.
  }
  module.enableCompileCache(folder);
}
