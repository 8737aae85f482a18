/** Which snapshots of a device there are, and which of them count. */
import { hash } from 'node:crypto';
import { BackupError, isBackupError } from '../errors.ts';
import type { ObjectKey, RunId, SnapshotName } from '../ids.ts';
import { isSnapshotName } from '../ids.ts';
import { parseKey, runRecordKey, snapshotKey, snapshotsPrefix } from '../keys.ts';
import { COMMIT_WINDOW_MS, JSON_BYTES_MAX } from '../limits.ts';
import { decodeRunRecord } from '../format/run-record.ts';
import { decodeSnapshot } from '../format/snapshot.ts';
import type { Snapshot } from '../format/snapshot.ts';
import type { ObjectInfo } from '../store/ports.ts';
import { mapConcurrent } from './map-concurrent.ts';
import type { Repository } from './repository.ts';

/** A snapshot in a listing, not read yet. */
export interface ListedSnapshot {
  readonly key: ObjectKey;
  readonly name: SnapshotName;
  /** Store time. */
  readonly landed: Date;
  readonly object: ObjectInfo;
}

export interface LandedSnapshot extends ListedSnapshot {
  readonly snapshot: Snapshot;
}

/** Newest first, by store time, then by name. Void and damaged ones are among them: they are not read yet. */
export async function listSnapshots(repository: Repository): Promise<ListedSnapshot[]> {
  const { objects } = await repository.store.list(snapshotsPrefix(repository.device));
  return snapshotsAmong(objects, repository);
}

function snapshotsAmong(objects: readonly ObjectInfo[], { device }: Repository): ListedSnapshot[] {
  const listed: ListedSnapshot[] = [];
  for (const object of objects) {
    const parsed = parseKey(object.key);
    if (parsed?.type === 'snapshot')
      listed.push({ key: snapshotKey(device, parsed.name), name: parsed.name, landed: object.modified, object });
  }
  return listed.sort((a, b) => +b.landed - +a.landed || (a.name < b.name ? 1 : -1));
}

/** `gone`: removed since it was listed. */
type Verdict = { readonly is: 'valid'; readonly landed: LandedSnapshot } | { readonly is: 'void' | 'gone' };

/** Throws OBJECT_DAMAGED or FORMAT_UNKNOWN. */
async function judgeSnapshot(repository: Repository, listed: ListedSnapshot): Promise<Verdict> {
  const bytes = await repository.store.find(listed.key, JSON_BYTES_MAX);
  if (bytes === undefined) return { is: 'gone' };
  const snapshot = decodeSnapshot(bytes, listed.key);
  if (snapshot.name !== listed.name || snapshot.device !== repository.device)
    throw new BackupError('OBJECT_DAMAGED', `${listed.key} is the record of another snapshot`, { key: listed.key });
  if (await isVoid(repository, listed, snapshot, bytes)) return { is: 'void' };
  return { is: 'valid', landed: { ...listed, snapshot } };
}

/**
 * The snapshot, or undefined if it is void or was removed since it was listed.
 * Throws OBJECT_DAMAGED or FORMAT_UNKNOWN.
 */
export async function readSnapshot(
  repository: Repository,
  listed: ListedSnapshot,
): Promise<LandedSnapshot | undefined> {
  const verdict = await judgeSnapshot(repository, listed);
  return verdict.is === 'valid' ? verdict.landed : undefined;
}

/**
 * Whether the snapshot landed so late after the listing it rests on that a pack of it may have been removed, and no run
 * record says that it had landed in time (it may have been copied since).
 */
async function isVoid(
  repository: Repository,
  listed: ListedSnapshot,
  snapshot: Snapshot,
  bytes: Uint8Array,
): Promise<boolean> {
  const latest = Date.parse(snapshot.basis) + COMMIT_WINDOW_MS;
  if (!repository.voidRule || +listed.landed <= latest) return false;
  const key = runRecordKey(repository.device, snapshot.run);
  const record = await repository.store.find(key, JSON_BYTES_MAX);
  if (record === undefined) return true;
  const committed = decodeRunRecord(record, key).committed;
  return !(
    committed !== undefined &&
    committed.key === listed.key &&
    committed.sha256 === hash('sha256', bytes) &&
    Date.parse(committed.landed) <= latest
  );
}

/** All snapshots of a device that one listing shows, newest first, by what they turned out to be. */
export interface SnapshotListing<Facts = LandedSnapshot> {
  /** Store times of the listing's first and last response. */
  readonly began: Date;
  readonly ended: Date;
  readonly valid: readonly Facts[];
  readonly void: readonly ListedSnapshot[];
  readonly damaged: readonly { readonly key: ObjectKey; readonly error: BackupError }[];
  /** Removed between the listing and the reading. */
  readonly gone: readonly ListedSnapshot[];
}

const READS_AT_ONCE = 4;

/** All valid snapshots, and those that cannot be read. */
export const readSnapshots = (repository: Repository): Promise<SnapshotListing> =>
  readEachSnapshot(repository, (listed) => listed, new Map());

/**
 * As readSnapshots, but of each valid one only what `factsOf` takes is held in memory. What `known` holds is not read
 * again: objects never change, and a valid snapshot stays valid.
 */
export async function readEachSnapshot<Facts>(
  repository: Repository,
  factsOf: (landed: LandedSnapshot) => Facts,
  known: Map<ObjectKey, Facts>,
): Promise<SnapshotListing<Facts>> {
  const { objects, began, ended } = await repository.store.list(snapshotsPrefix(repository.device));
  const listing = {
    began,
    ended,
    valid: [] as Facts[],
    void: [] as ListedSnapshot[],
    damaged: [] as { key: ObjectKey; error: BackupError }[],
    gone: [] as ListedSnapshot[],
  };
  const read = async (listed: ListedSnapshot): Promise<() => void> => {
    const before = known.get(listed.key);
    if (before !== undefined) return () => listing.valid.push(before);
    try {
      const verdict = await judgeSnapshot(repository, listed);
      if (verdict.is !== 'valid') return () => listing[verdict.is].push(listed);
      const facts = factsOf(verdict.landed);
      known.set(listed.key, facts);
      return () => listing.valid.push(facts);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
      return () => listing.damaged.push({ key: listed.key, error });
    }
  };
  for await (const note of mapConcurrent(snapshotsAmong(objects, repository), READS_AT_ONCE, read)) note();
  return listing;
}

/** How a person names a snapshot: `latest`, the beginning of its name, or a point in time. */
export type SnapshotSelector =
  | { readonly by: 'latest' }
  | { readonly by: 'name'; readonly prefix: string }
  | { readonly by: 'time'; readonly time: Date };

/**
 * The newest valid snapshot that the selector fits; for a time, the newest that had landed by then.
 * Throws CONFIG_INVALID if there is none or a name's beginning fits several runs; OBJECT_DAMAGED if the one meant is
 * damaged (an older one is never taken silently in its place).
 */
export async function findSnapshot(repository: Repository, selector: SnapshotSelector): Promise<LandedSnapshot> {
  const listed = (await listSnapshots(repository)).filter((snapshot) => fits(snapshot, selector));
  if (selector.by === 'name') refuseAmbiguous(listed, selector.prefix);
  for (const candidate of listed) {
    const landed = await readOrSay(repository, candidate);
    if (landed !== undefined) return landed;
  }
  throw new BackupError('CONFIG_INVALID', `no snapshot of ${repository.device} fits ${describe(selector)}`, {
    hint: 'see "backup-agent snapshots"',
  });
}

/** Says how to go on without the damaged one. */
async function readOrSay(repository: Repository, candidate: ListedSnapshot): Promise<LandedSnapshot | undefined> {
  try {
    return await readSnapshot(repository, candidate);
  } catch (cause) {
    if (!isBackupError(cause, 'OBJECT_DAMAGED')) throw cause;
    const hint = 'name another snapshot: see "backup-agent snapshots"';
    throw new BackupError('OBJECT_DAMAGED', cause.message, {
      cause,
      hint,
      ...(cause.key === undefined ? {} : { key: cause.key }),
    });
  }
}

function fits(snapshot: ListedSnapshot, selector: SnapshotSelector): boolean {
  if (selector.by === 'latest') return true;
  return selector.by === 'time' ? +snapshot.landed <= +selector.time : snapshot.name.startsWith(selector.prefix);
}

function refuseAmbiguous(listed: readonly ListedSnapshot[], prefix: string): void {
  if (isSnapshotName(prefix) && listed.some((snapshot) => snapshot.name === prefix)) return;
  const runs = new Set(listed.map((snapshot) => snapshot.name.slice(0, 25) as RunId));
  if (runs.size > 1)
    throw new BackupError('CONFIG_INVALID', `${runs.size} snapshots begin with "${prefix}"`, {
      hint: `give more of the name, for instance ${listed[0]?.name}`,
    });
}

function describe(selector: SnapshotSelector): string {
  if (selector.by === 'latest') return '"latest": there is none yet';
  return selector.by === 'time' ? `the time ${selector.time.toISOString()}` : `"${selector.prefix}"`;
}
