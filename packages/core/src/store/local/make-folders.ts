/** Making a folder with those above it. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isNodeError } from '../../errors.ts';

/**
 * Makes the folder and what is missing above it; returns the topmost that was made, undefined if it was there. Throws
 * Node's errors. Node's own `recursive` never ends where a system refuses a name with ENOENT, as Linux does in /proc.
 */
export function makeFolders(folder: string, mode = 0o777): string | undefined {
  try {
    mkdirSync(folder, { mode });
    return folder;
  } catch (error) {
    if (isNodeError(error, 'EEXIST') && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true)
      return undefined;
    const parent = dirname(folder);
    const isParentMissing = statSync(parent, { throwIfNoEntry: false }) === undefined;
    if (!isNodeError(error, 'ENOENT') || parent === folder || !isParentMissing) throw error;
    const first = makeFolders(parent, mode);
    mkdirSync(folder, { mode });
    return first ?? folder;
  }
}
