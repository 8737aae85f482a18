/** Makes a repository: its first policy, and last `repository.json`, which is what makes it one. */
import { readdirSync } from 'node:fs';
import {
  BackupError,
  encodePolicy,
  encodeRepositoryFile,
  isNodeError,
  JSON_BYTES_MAX,
  makeRunId,
  newRepositoryFile,
  policyKey,
  repositoryKey,
} from '@backup-agent/core';
import type { ReadWriteStore, RetentionPolicy } from '@backup-agent/core';

export interface NewRepository {
  readonly policy: RetentionPolicy;
  /** Who made it, for people. */
  readonly by: string;
  readonly now: Date;
  readonly random: (bytes: number) => Uint8Array;
}

/** Whether the store holds a repository of whatever version. Throws what the store throws. */
export const hasRepository = async (store: ReadWriteStore): Promise<boolean> =>
  (await store.find(repositoryKey(), JSON_BYTES_MAX)) !== undefined;

/** `already-there` if another one was quicker. Throws what the store throws. */
export async function createRepository(
  store: ReadWriteStore,
  { policy, by, now, random }: NewRepository,
): Promise<'created' | 'already-there'> {
  const word = { version: 1, written: now.toISOString(), by, policy } as const;
  await store.create(policyKey(makeRunId(now, random(4))), [encodePolicy(word)]);
  const { outcome } = await store.create(repositoryKey(), [encodeRepositoryFile(newRepositoryFile(now))]);
  return outcome;
}

/** What a repository's folder may hold before it is one: our own beginnings, and what systems put everywhere. */
const HARMLESS = /^(?:tmp|v1|lost\+found|\.DS_Store|\.Trash.*|System Volume Information|\$RECYCLE\.BIN|desktop\.ini)$/;

/** Throws CONFIG_INVALID for a folder with other things in it: most likely it is not what was meant. */
export function refuseForeignFolder(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'ENOTDIR')) return; // Opening it says what is wrong, or makes it.
    throw error;
  }
  const foreign = names.find((name) => !HARMLESS.test(name));
  if (foreign === undefined) return;
  throw new BackupError(
    'CONFIG_INVALID',
    `${folder} is no repository, and there is something else in it ("${foreign}")`,
    {
      hint: 'name an empty folder, or one that does not exist yet',
    },
  );
}
