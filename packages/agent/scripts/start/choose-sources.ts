/** What the demonstration backs up: the person's own documents if there are any, else documentation in this checkout. */
import * as fs from 'node:fs';
import path from 'node:path';
import { measureTree, namesIn } from './measure-tree.ts';

const GiB = 1024 ** 3;
/** A demonstration should take minutes, not hours. */
const DEMO_BYTES_MAX = 20 * GiB;
/** Enough packages to see something, few enough to be done in seconds. */
const PACKAGES_MAX = 24;
const PACKAGE_BYTES_MAX = 8 * 1024 ** 2;

export interface ChosenSources {
  /** Absolute; their last names differ, so that each is restored under its own name. */
  readonly folders: readonly string[];
  readonly files: number;
  readonly bytes: number;
  /** One sentence that says what was chosen. */
  readonly because: string;
}

/** `bytesMax`: what there is room for. */
export function chooseSources(documents: string | undefined, checkout: string, bytesMax: number): ChosenSources {
  if (documents !== undefined) {
    const limit = Math.min(DEMO_BYTES_MAX, bytesMax);
    const { files, bytes } = measureTree(documents, limit);
    if (files > 0 && bytes <= limit)
      return { folders: [documents], files, bytes, because: `your documents, ${documents}` };
    const part = files > 0 ? partOf(documents, limit) : undefined;
    if (part !== undefined) return part;
  }
  return documentationIn(checkout);
}

/** As many of the folder's entries as fit, in the order of their names. */
function partOf(documents: string, limit: number): ChosenSources | undefined {
  const folders: string[] = [];
  let files = 0;
  let bytes = 0;
  for (const name of namesIn(documents)) {
    const size = measureTree(path.join(documents, name), limit - bytes);
    if (size.files === 0 || bytes + size.bytes > limit) continue;
    folders.push(path.join(documents, name));
    files += size.files;
    bytes += size.bytes;
  }
  if (folders.length === 0) return undefined;
  const because = `a part of your documents, ${folders.length} entries of ${documents}: all of it is more than a demonstration should take (${(limit / GiB).toFixed(1)} GiB)`;
  return { folders, files, bytes, because };
}

function documentationIn(checkout: string): ChosenSources {
  const folders = [path.join(checkout, 'docs'), ...documentedPackages(path.join(checkout, 'node_modules/.pnpm'))];
  const sizes = folders.map((folder) => measureTree(folder, Infinity));
  return {
    folders,
    files: sizes.reduce((sum, size) => sum + size.files, 0),
    bytes: sizes.reduce((sum, size) => sum + size.bytes, 0),
    because: `this project's docs/ and ${folders.length - 1} installed packages with their documentation, for there is no Documents folder with files`,
  };
}

/** Folders of installed packages that have a README, those with the most Markdown first. */
function documentedPackages(virtualStore: string): string[] {
  const found = new Map<string, { folder: string; markdownBytes: number }>();
  for (const holder of namesIn(virtualStore)) {
    const modules = path.join(virtualStore, holder, 'node_modules');
    for (const name of namesIn(modules)) {
      const folder = path.join(modules, name);
      const texts = namesIn(folder).filter((file) => file.endsWith('.md'));
      const isLinked = fs.lstatSync(folder).isSymbolicLink(); // Another package that this one uses.
      if (isLinked || name === 'docs' || found.has(name) || !texts.some((file) => /^readme/i.test(file))) continue;
      if (measureTree(folder, PACKAGE_BYTES_MAX).bytes > PACKAGE_BYTES_MAX) continue;
      const markdownBytes = texts.reduce((sum, file) => sum + fs.statSync(path.join(folder, file)).size, 0);
      found.set(name, { folder, markdownBytes });
    }
  }
  return [...found.values()]
    .sort((a, b) => b.markdownBytes - a.markdownBytes || (a.folder < b.folder ? -1 : 1))
    .slice(0, PACKAGES_MAX)
    .map(({ folder }) => folder);
}
