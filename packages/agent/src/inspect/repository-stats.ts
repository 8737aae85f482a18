/** `stats`: sizes and ratios, from listings, snapshots and the index: no document data is read. */
import { devicePrefix, loadChunkTable, mapOfPacks, parseKey } from '@backup-agent/core';
import type { ListedPack, ObjectInfo, ParsedKey, RunId, SnapshotName } from '@backup-agent/core';
import { allSnapshots } from './all-snapshots.ts';
import type { InspectDeps } from './open-snapshot.ts';

export type ObjectKind = 'data' | 'meta' | 'index' | 'snapshots' | 'runs' | 'marks' | 'other';

export interface RepositoryStats {
  readonly snapshots: number;
  /** The newest snapshot's files, folders and bytes. */
  readonly newest:
    | { readonly name: SnapshotName; readonly files: number; readonly folders: number; readonly bytes: number }
    | undefined;
  /** Sum of the sizes of the files of all snapshots: what copies of all of them would take. */
  readonly bytesInSnapshots: number;
  readonly chunks: number;
  /** Of documents, each chunk once, before compression. */
  readonly bytesUnique: number;
  /** All objects of the device. */
  readonly bytesStored: number;
  readonly objects: number;
  readonly byKind: Readonly<Record<ObjectKind, { readonly objects: number; readonly bytes: number }>>;
  /** bytesInSnapshots / bytesUnique; undefined without data. */
  readonly deduplication: number | undefined;
  /** bytesUnique / stored bytes of data packs. */
  readonly compression: number | undefined;
  /** What runs have added that is still there, oldest first. */
  readonly growth: readonly { readonly run: RunId; readonly landed: Date; readonly bytes: number }[];
}

export async function repositoryStats(deps: InspectDeps): Promise<RepositoryStats> {
  const { repository } = deps;
  const { objects } = await repository.store.list(devicePrefix(repository.device));
  const snapshots = await allSnapshots(repository, (error) => deps.onDamage(error.message));
  const packs = objects.flatMap((object): ListedPack[] => {
    const parsed = parseKey(object.key);
    return parsed?.type === 'pack' ? [{ ...parsed.pack, object }] : [];
  });
  const data = mapOfPacks(packs.filter(({ kind }) => kind === 'data'));
  const table = await loadChunkTable(repository, { packs: data, onDamage: (error) => deps.onDamage(error.message) });
  let bytesUnique = 0;
  for (let entry = 0; entry < table.count; entry++) bytesUnique += table.chunkBytes(entry);
  const bytesInSnapshots = snapshots.reduce((sum, { snapshot }) => sum + snapshot.totals.bytes, 0);
  const byKind = sumByKind(objects);
  const [newest] = snapshots;
  return {
    snapshots: snapshots.length,
    newest: newest === undefined ? undefined : { name: newest.name, ...newest.snapshot.totals },
    bytesInSnapshots,
    chunks: table.count,
    bytesUnique,
    bytesStored: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    objects: objects.length,
    byKind,
    deduplication: ratio(bytesInSnapshots, bytesUnique),
    compression: ratio(bytesUnique, byKind.data.bytes),
    growth: growthOf(objects),
  };
}

const ratio = (a: number, b: number): number | undefined => (b === 0 ? undefined : a / b);

function sumByKind(objects: readonly ObjectInfo[]): RepositoryStats['byKind'] {
  const none = (): { objects: number; bytes: number } => ({ objects: 0, bytes: 0 });
  const sums = {
    data: none(),
    meta: none(),
    index: none(),
    snapshots: none(),
    runs: none(),
    marks: none(),
    other: none(),
  };
  for (const { key, bytes } of objects) {
    const sum = sums[kindOf(parseKey(key))];
    sum.objects++;
    sum.bytes += bytes;
  }
  return sums;
}

function kindOf(parsed: ParsedKey | undefined): ObjectKind {
  switch (parsed?.type) {
    case 'pack':
      return parsed.pack.kind;
    case 'index':
    case 'compacted-index':
      return 'index';
    case 'snapshot':
      return 'snapshots';
    case 'run-record':
      return 'runs';
    case 'marks':
      return 'marks';
    default:
      return 'other';
  }
}

function growthOf(objects: readonly ObjectInfo[]): { run: RunId; landed: Date; bytes: number }[] {
  const runs = new Map<RunId, { run: RunId; landed: Date; bytes: number }>();
  for (const { key, bytes, modified } of objects) {
    const parsed = parseKey(key);
    if (parsed?.type !== 'pack') continue;
    const { run } = parsed.pack;
    const known = runs.get(run);
    runs.set(run, {
      run,
      landed: known === undefined || modified > known.landed ? modified : known.landed,
      bytes: (known?.bytes ?? 0) + bytes,
    });
  }
  return [...runs.values()].sort((a, b) => +a.landed - +b.landed);
}
