import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { TreeTotals } from './tree-writer.ts';

export interface TreeEntry {
  /** Relative to the root, with the system's separators. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
}

/** Everything under `root`, folders before what they hold, names of a folder in order; `root` itself is not among it. */
export function* walkTree(root: string, folder = ''): Generator<TreeEntry> {
  const found = readdirSync(path.join(root, folder), { withFileTypes: true });
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of found) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      yield { name, kind: 'folder' };
      yield* walkTree(root, name);
    } else {
      yield { name, kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'symlink' : 'other' };
    }
  }
}

export const filesOf = (root: string): string[] =>
  [...walkTree(root)].filter((entry) => entry.kind === 'file').map((entry) => entry.name);

export function totalsOf(root: string): TreeTotals {
  const names = filesOf(root);
  return { files: names.length, bytes: names.reduce((sum, name) => sum + statSync(path.join(root, name)).size, 0) };
}

/** Reads every file once, so that all tools measured next find the same tree in the page cache. */
export function warmTree(root: string): void {
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (const name of filesOf(root)) {
    const file = openSync(path.join(root, name), 'r');
    try {
      while (readSync(file, buffer) > 0);
    } finally {
      closeSync(file);
    }
  }
}
