import { mkdir, statfs } from 'node:fs/promises';
import { BackupError } from '@backup-agent/core';
import type { Corpus } from '../corpus/corpus.ts';

/** What a small file may take on the disk beyond its bytes. */
const BLOCK_BYTES = 4096;

export interface SpaceNeeds {
  /** Where the repositories of all tools lie at the same time. */
  readonly workFolder: string;
  readonly repositories: number;
  readonly restoreFolder: string;
}

/** @throws BackupError DISK_FULL if a round of this corpus would not fit, before anything is measured. */
export async function requireSpace(corpus: Corpus, needs: SpaceNeeds): Promise<void> {
  const copyBytes = corpus.bytes + corpus.files * BLOCK_BYTES;
  // The small change of a corpus of one file holds a second copy of it.
  await require(needs.workFolder, copyBytes * (needs.repositories + 1));
  await require(needs.restoreFolder, copyBytes);
}

async function require(folder: string, neededBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  const [free, needed] = [freeBytes, neededBytes].map((bytes) => `${Math.ceil(bytes / 1e6)} MB`);
  throw new BackupError('DISK_FULL', `${folder} has ${free} free, and the bench needs ${needed} there`, {
    hint: 'choose other folders by --work and --restore-to, or try --quick',
  });
}
