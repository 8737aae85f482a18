import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BackupError, isNodeError } from '@backup-agent/core';
import { revertChange } from '../change/stash.ts';
import { writeDocuments } from './documents.ts';
import { copyFolder } from './copy-folder.ts';
import { writeOneFile } from './one-file.ts';
import { writeSmallFiles } from './small-files.ts';
import type { TreeTotals } from './tree-writer.ts';
import { totalsOf } from './walk-tree.ts';

export const CORPUS_NAMES = ['A', 'B', 'C'] as const;
export type CorpusName = (typeof CORPUS_NAMES)[number];

/** A tree of files to back up. It lies beside its change's stash, so the folder above must be the bench's own. */
export interface Corpus extends TreeTotals {
  readonly name: string;
  readonly description: string;
  readonly root: string;
  /** The size of each file that the small change adds. */
  readonly addedFileBytes: number;
}

/** Raised whenever a generator writes other bytes, so that a cached corpus of an older one is not used. */
const GENERATOR_VERSION = 1;

const KINDS = {
  A: { description: 'documents', write: writeDocuments, addedFileBytes: 100 * 1024 },
  B: { description: 'small files', write: writeSmallFiles, addedFileBytes: 4096 },
  C: { description: 'one large file', write: writeOneFile, addedFileBytes: 4096 },
} as const satisfies Record<CorpusName, unknown>;

/**
 * The corpus of this name at `scale` (1 = full size), made under `folder` unless an intact one is there.
 * A change that a cut-off bench left in it is reverted first.
 */
export async function ensureCorpus(name: CorpusName, scale: number, folder: string): Promise<Corpus> {
  const { description, write, addedFileBytes } = KINDS[name];
  const root = path.join(folder, `${name}-${scale}-v${GENERATOR_VERSION}`);
  const made = await findIntact(root);
  if (made) return { name, description, root, addedFileBytes, ...made };

  const partial = `${root}.partial`;
  for (const old of [root, partial, totalsFile(root)]) await rm(old, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const totals = write(partial, scale);
  await rename(partial, root);
  await writeFile(totalsFile(root), JSON.stringify(totals));
  return { name, description, root, addedFileBytes, ...totals };
}

/** A copy of the user's folder: the small change is applied to the copy, never to the folder itself. */
export async function copyAsCorpus(source: string, folder: string): Promise<Corpus> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new BackupError('CONFIG_INVALID', `cannot open the corpus folder ${source}`, { cause });
  });
  if (!found.isDirectory()) throw new BackupError('CONFIG_INVALID', `the corpus ${source} is not a folder`);
  const root = copyRoot(folder);
  await removeCorpusCopy(folder);
  await copyFolder(source, root);
  const totals = totalsOf(root);
  if (totals.files === 0) throw new BackupError('CONFIG_INVALID', `the corpus folder ${source} has no files`);
  return { name: path.basename(source), description: `copy of ${source}`, root, addedFileBytes: 4096, ...totals };
}

/** Leaves nothing of the user's folder behind. */
export async function removeCorpusCopy(folder: string): Promise<void> {
  const root = copyRoot(folder);
  for (const part of [root, `${root}.stash`]) await rm(part, { recursive: true, force: true });
}

const copyRoot = (folder: string) => path.join(folder, 'copy');

const totalsFile = (root: string) => `${root}.json`;

async function findIntact(root: string): Promise<TreeTotals | undefined> {
  try {
    revertChange(root);
    const { files, bytes } = JSON.parse(await readFile(totalsFile(root), 'utf8')) as TreeTotals;
    const found = totalsOf(root);
    return found.files === files && found.bytes === bytes ? { files, bytes } : undefined;
  } catch (error) {
    if (isNodeError(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
