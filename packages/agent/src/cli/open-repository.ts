/** From an address to an opened repository. The SDK loads only for one on S3. */
import { hash } from 'node:crypto';
import path from 'node:path';
import { BackupError, isBackupError, openLocalStore, parseRepositoryUrl, readRepositoryFile } from '@backup-agent/core';
import type { DeviceId, ObjectReader, ObjectStore, ReadWriteStore, RepositoryUrl } from '@backup-agent/core';
import type { S3StoreOptions } from '@backup-agent/core/s3';
import type { Clock } from '../backup/job.ts';
import { CacheFolder } from '../cache/cache-folder.ts';
import { cacheObjects } from '../cache/object-cache.ts';
import { openPageCache } from '../cache/page-cache.ts';
import type { Report } from '../events.ts';
import type { AgentFolders } from '../state/folders.ts';
import { expandHome } from './config/config-file.ts';
import type { Settings } from './config/settings.ts';
import type { OpenOptions, OpenedRepository, Surroundings } from './context.ts';

export interface RepositoryAccess {
  readonly settings: Settings;
  readonly surroundings: Pick<Surroundings, 'home' | 'workingFolder'>;
  readonly folders: AgentFolders;
  readonly device: () => DeviceId;
  readonly signal: AbortSignal;
  readonly random: (bytes: number) => Uint8Array;
  readonly report: Report;
  readonly clock: Clock;
  /** Registers what is to be done when the command has ended. */
  readonly onEnd: (work: () => void) => void;
}

/** Where a repository is: local paths are absolute. Throws CONFIG_INVALID if none is named or the address is wrong. */
export function repositoryPlace({ settings, surroundings }: RepositoryAccess): RepositoryUrl {
  const address = settings.repo.value;
  if (address === undefined)
    throw new BackupError('CONFIG_INVALID', 'no repository is named', {
      hint: 'use --repo <folder or s3://bucket/prefix>, BACKUP_AGENT_REPO, or "repo" in the configuration file',
    });
  const place = parseRepositoryUrl(address);
  if (place.type === 's3') return place;
  return { type: 'local', path: path.resolve(surroundings.workingFolder, expandHome(place.path, surroundings.home)) };
}

/** A folder of this machine for one device's part of one repository, by the repository's address. */
export function stateFolderOf(access: RepositoryAccess, place: RepositoryUrl, folder: string): string {
  const { endpoint } = access.settings;
  const address = place.type === 'local' ? place.path : `${endpoint.value ?? ''} ${place.bucket}/${place.prefix}`;
  const name = hash('sha256', address).slice(0, 16);
  return path.join(folder, 'repositories', name, access.device());
}

/** Opens the store alone: nothing says yet whether a repository is there. */
export async function openStore(access: RepositoryAccess, options: { readonly create: boolean }): Promise<ObjectStore> {
  const place = repositoryPlace(access);
  access.device(); // A wrong one is told before anything is made or asked.
  if (place.type === 'local') return openLocalStore({ folder: place.path, signal: access.signal, ...options });
  const { openS3Store } = await import('@backup-agent/core/s3');
  return openS3Store(s3Options(access, place));
}

export function s3Options(access: RepositoryAccess, place: Extract<RepositoryUrl, { type: 's3' }>): S3StoreOptions {
  const { region, endpoint, kmsKey, awsProfile, packTiering } = access.settings;
  return {
    bucket: place.bucket,
    prefix: place.prefix,
    region: region.value,
    endpoint: endpoint.value,
    kmsKey: kmsKey.value,
    profile: awsProfile.value,
    packTiering: packTiering.value,
    signal: access.signal,
    random: () => Buffer.from(access.random(4)).readUInt32LE(0) / 2 ** 32,
    onRequest: ({ operation, key, attempt, outcome, problem }) =>
      access.report({
        type: 'detail',
        message: `${operation} ${key}: ${outcome}${attempt > 1 ? `, attempt ${attempt}` : ''}${problem === undefined ? '' : ` (${problem})`}`,
      }),
  };
}

export async function openRepositoryForWriting(access: RepositoryAccess): Promise<OpenedRepository<ReadWriteStore>> {
  return opened(access, await openStore(access, { create: false }), {});
}

export async function openRepository(
  access: RepositoryAccess,
  options: OpenOptions = {},
): Promise<OpenedRepository<ObjectReader>> {
  return opened(access, await openStore(access, { create: false }), options);
}

/** Checks that it is a repository that this program knows. */
async function opened<Store extends ObjectReader>(
  access: RepositoryAccess,
  store: Store,
  options: OpenOptions,
): Promise<OpenedRepository<Store>> {
  await readRepositoryFile(store).catch((error: unknown) => {
    if (options.despiteDamage !== true || !isBackupError(error, 'OBJECT_DAMAGED')) throw error;
    access.report({ type: 'warning', message: `${error.message}; what else is there is read all the same` });
  });
  const place = repositoryPlace(access);
  const stateFolder = stateFolderOf(access, place, access.folders.state);
  const repository = { store, device: access.device(), voidRule: place.type === 's3' };
  // A local repository is as quick as its copy would be.
  if (place.type === 'local' || options.fresh === true) return { repository, pageCache: undefined, stateFolder };
  const cache = openCache(access, stateFolderOf(access, place, access.folders.cache));
  return {
    repository: { ...repository, store: cacheObjects(store, cache) },
    pageCache: openPageCache(cache),
    stateFolder,
  };
}

/** More is not kept for one device and repository. */
const CACHE_BYTES_MAX = 1024 ** 3;

function openCache({ clock, random, report, onEnd }: RepositoryAccess, folder: string): CacheFolder {
  const onTrouble = (message: string): void => report({ type: 'detail', message });
  const cache = new CacheFolder(folder, { now: () => clock.now(), random, onTrouble });
  onEnd(() => cache.prune(CACHE_BYTES_MAX));
  return cache;
}
