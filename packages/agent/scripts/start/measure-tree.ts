/** How much there is in a folder. */
import * as fs from 'node:fs';
import path from 'node:path';

export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

/** Counts regular files until there are more than `bytesMax` bytes. What cannot be listed counts nothing. */
export function measureTree(place: string, bytesMax: number): TreeSize {
  const size = { files: 0, bytes: 0 };
  const visit = (current: string): void => {
    if (size.bytes > bytesMax) return;
    const stat = statOf(current);
    if (stat?.isFile() === true) {
      size.files++;
      size.bytes += stat.size;
    } else if (stat?.isDirectory() === true) for (const name of namesIn(current)) visit(path.join(current, name));
  };
  visit(place);
  return size;
}

export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return []; // Closed to us, or gone.
    throw error;
  }
}

function statOf(place: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(place, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}
