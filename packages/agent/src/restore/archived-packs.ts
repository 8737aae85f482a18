/** Which of the packs that a restore is going to read lie in an archive, and how they are at the moment. */
import { isArchiveClass, mapConcurrent, packKey, packsOfRunPrefix, packsPrefix } from '@backup-agent/core';
import type {
  ArchiveClass,
  ArchiveState,
  ObjectInfo,
  ObjectKey,
  ObjectReader,
  ObjectThawer,
  PackPlace,
  Repository,
} from '@backup-agent/core';

export interface ArchivedPack {
  readonly key: ObjectKey;
  readonly bytes: number;
  readonly storageClass: ArchiveClass;
  readonly state: ArchiveState;
}

/** Up to so many runs their packs are listed run by run: a device may have far more of them than a restore needs. */
const RUNS_LISTED_MAX = 16;
export const QUESTIONS_AT_ONCE = 16;

/** Those of `packs` that lie in an archive, by their keys; a listing tells the class, each of them its state. */
export async function archivedPacks(
  packs: readonly PackPlace[],
  { store, device }: Repository<ObjectReader & ObjectThawer>,
): Promise<ArchivedPack[]> {
  const wanted = new Set(packs.map((pack) => packKey(device, pack) as string));
  const archived = (await listed(packs, { store, device })).flatMap(({ key, bytes, storageClass }) =>
    wanted.has(key) && isArchiveClass(storageClass) ? [{ key: key as ObjectKey, bytes, storageClass }] : [],
  );
  const asked: ArchivedPack[] = [];
  const ask = async (pack: Omit<ArchivedPack, 'state'>): Promise<ArchivedPack> => ({
    ...pack,
    state: await store.archiveState(pack.key),
  });
  for await (const pack of mapConcurrent(archived, QUESTIONS_AT_ONCE, ask)) asked.push(pack);
  return asked;
}

async function listed(
  packs: readonly PackPlace[],
  { store, device }: Pick<Repository, 'store' | 'device'>,
): Promise<readonly ObjectInfo[]> {
  const runs = new Set(packs.map(({ kind, run }) => packsOfRunPrefix(device, kind, run)));
  const kinds = new Set(packs.map(({ kind }) => packsPrefix(device, kind)));
  const listings = await Promise.all(
    [...(runs.size <= RUNS_LISTED_MAX ? runs : kinds)].map((prefix) => store.list(prefix)),
  );
  return listings.flatMap(({ objects }) => objects);
}
