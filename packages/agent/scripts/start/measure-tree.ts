/** How much there is in a folder. */
import * as fs from 'node:fs';

export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

/** Counts regular files until there are more than `bytesMax` bytes. What cannot be listed counts nothing. */
export function measureTree(place: string, bytesMax: number): TreeSize {
  const size = { files: 0, bytes: 0 };
  const visit = (current: Buffer): void => {
    if (size.bytes > bytesMax) return;
    const stat = statOf(current);
    if (stat?.isFile() === true) {
      size.files++;
      size.bytes += stat.size;
    } else if (stat?.isDirectory() === true)
      for (const name of bytesOfNamesIn(current)) visit(Buffer.concat([current, Buffer.from('/'), name]));
  };
  visit(Buffer.from(place));
  return size;
}

export const namesIn = (folder: string): string[] =>
  bytesOfNamesIn(Buffer.from(folder))
    .map((name) => name.toString())
    .sort();

/** Names need not be UTF-8. */
function bytesOfNamesIn(folder: Buffer): Buffer[] {
  try {
    return fs.readdirSync(folder, 'buffer');
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return []; // Closed to us, or gone.
    throw error;
  }
}

function statOf(place: Buffer): fs.Stats | undefined {
  try {
    return fs.lstatSync(place, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}
