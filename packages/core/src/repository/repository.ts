/** A device's part of a repository, as every reader sees it. */
import { BackupError } from '../errors.ts';
import type { DeviceId } from '../ids.ts';
import { repositoryKey } from '../keys.ts';
import { JSON_BYTES_MAX } from '../limits.ts';
import { decodeRepositoryFile } from '../format/repository-file.ts';
import type { RepositoryFile } from '../format/repository-file.ts';
import type { ObjectReader } from '../store/ports.ts';

export interface Repository<Store extends ObjectReader = ObjectReader> {
  readonly store: Store;
  readonly device: DeviceId;
  /**
   * Whether a snapshot that landed late and is not confirmed is void. In local folders run and maintenance exclude each
   * other by a lock instead, and copying a folder changes the times of its files.
   */
  readonly voidRule: boolean;
}

/** Throws REPOSITORY_MISSING, OBJECT_DAMAGED, or FORMAT_UNKNOWN. */
export async function readRepositoryFile(store: ObjectReader): Promise<RepositoryFile> {
  const bytes = await store.find(repositoryKey(), JSON_BYTES_MAX);
  if (bytes !== undefined) return decodeRepositoryFile(bytes, repositoryKey());
  throw new BackupError('REPOSITORY_MISSING', `there is no repository at ${store.location}`, {
    hint: 'check the address, or create a repository with "backup-agent init"',
    key: repositoryKey(),
  });
}
