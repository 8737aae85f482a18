import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { walkTree } from '../../src/corpus/walk-tree.ts';

export interface Tree {
  readonly [name: string]: string | Tree;
}

/** Writes folders and files from a literal. */
export function writeTree(root: string, tree: Tree): void {
  mkdirSync(root, { recursive: true });
  for (const [name, content] of Object.entries(tree)) {
    const place = path.join(root, name);
    if (typeof content === 'string') writeFileSync(place, content);
    else writeTree(place, content);
  }
}

/** A line for everything in a tree, the root too: kind, mode, time and content. Equal trees give equal lines. */
export function describeTree(root: string): string[] {
  return ['', ...[...walkTree(root)].map((entry) => entry.name)].map((name) => {
    const place = path.join(root, name);
    const found = lstatSync(place);
    const content = found.isFile()
      ? createHash('sha256').update(readFileSync(place)).digest('hex')
      : found.isSymbolicLink()
        ? readlinkSync(place)
        : '';
    return `${name} ${found.mode.toString(8)} ${Math.round(found.mtimeMs * 1000)} ${content}`;
  });
}
