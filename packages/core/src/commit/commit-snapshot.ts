/**
 * The commit (docs/repository-format.md, "Write ordering"): list marks, then packs; every pack that the snapshot names
 * must be unmarked and there; then one PutObject makes the run visible. Why this is safe beside nights that delete is
 * told in docs/collection.md.
 */
import { hash } from 'node:crypto';
import { BackupError, isBackupError } from '../errors.ts';
import { snapshotKey } from '../keys.ts';
import { COMMIT_WINDOW_MS } from '../limits.ts';
import { packNamesOf } from '../format/marks.ts';
import type { RunRecord } from '../format/run-record.ts';
import { encodeSnapshot } from '../format/snapshot.ts';
import type { Snapshot } from '../format/snapshot.ts';
import type { ReadWriteStore } from '../store/ports.ts';
import type { Repository } from '../repository/repository.ts';
import { readSnapshots } from '../repository/snapshots.ts';
import { containsRoots } from '../retention/contains-roots.ts';
import { listUsablePacks } from '../repository/usable-packs.ts';
import type { UsablePacks } from '../repository/usable-packs.ts';

/** A snapshot that lands late is void and put again, on a new listing, so often. */
const ATTEMPTS_MAX = 10;

/** What is to be committed: all its packs are written by now. */
export interface SnapshotDraft {
  /** Absolute paths of the roots, as the snapshot will name them. */
  readonly roots: readonly string[];
  /** All packs that the snapshot will name, as packText writes them. */
  readonly packs: readonly string[];
  /** Those of them that something else than entries carried forward needs. Asked only where packs are marked. */
  neededPacks(): Promise<ReadonlySet<string>>;
  /** The snapshot for a listing; each attempt gives another name. */
  snapshot(basis: Date): Snapshot;
}

export interface Committed {
  readonly snapshot: Snapshot;
  /** For the run's record, which confirms the snapshot. */
  readonly committed: NonNullable<RunRecord['committed']>;
  /** Length of the snapshot object. */
  readonly bytes: number;
}

export type CommitOutcome =
  | { readonly outcome: 'committed'; readonly committed: Committed }
  /** Some packs that the snapshot needs are marked or gone: what lay in them must be saved anew. */
  | { readonly outcome: 'packs-lost'; readonly packs: UsablePacks }
  /** What is carried forward lies in marked packs that no anchor names: the snapshot can do only without it. */
  | { readonly outcome: 'not-anchored'; readonly packs: UsablePacks };

export interface CommitDeps {
  readonly repository: Repository<ReadWriteStore>;
  /** Before attempt number `attempt`, from 1, after one that the store lost or refused. */
  readonly wait: (attempt: number) => Promise<void>;
}

/** Throws COMMIT_GIVEN_UP, KEY_CONFLICT, and what the store throws. */
export async function commitSnapshot(draft: SnapshotDraft, deps: CommitDeps): Promise<CommitOutcome> {
  let cause: BackupError | undefined;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (cause !== undefined) await deps.wait(attempt);
    const packs = await listUsablePacks(deps.repository);
    const footing = await footingOf(draft, packs, deps);
    if (footing !== 'firm') return { outcome: footing, packs };
    const put = await putSnapshot(draft.snapshot(packs.basis), packs.basis, deps);
    if ('committed' in put) return { outcome: 'committed', committed: put };
    ({ cause } = put);
  }
  const why = cause === undefined ? 'it took more than 15 minutes each time' : cause.message;
  throw new BackupError('COMMIT_GIVEN_UP', `the snapshot did not arrive in ${ATTEMPTS_MAX} attempts: ${why}`, {
    hint: 'check the connection; nothing is lost, the next run continues',
    cause,
  });
}

/** Firm: every pack is unmarked and there; or marked and there, named only by what is carried forward, and anchored. */
async function footingOf(
  draft: SnapshotDraft,
  packs: UsablePacks,
  deps: CommitDeps,
): Promise<'firm' | 'packs-lost' | 'not-anchored'> {
  const unusable = draft.packs.filter((name) => !packs.usable.has(name));
  if (unusable.length === 0) return 'firm';
  if (!unusable.every((name) => packs.marked.has(name))) return 'packs-lost';
  const needed = await draft.neededPacks();
  if (unusable.some((name) => needed.has(name))) return 'packs-lost';
  return (await isAnchored(draft.roots, unusable, deps)) ? 'firm' : 'not-anchored';
}

/**
 * Whether the newest finished snapshot of these roots, or the newest of any kind, names all these packs. It is looked
 * for in a listing begun after the basis: retention lets neither go within an hour of being superseded.
 */
async function isAnchored(
  roots: readonly string[],
  names: readonly string[],
  { repository }: CommitDeps,
): Promise<boolean> {
  const { valid } = await readSnapshots(repository);
  // The relation of retention: whoever is newest by it is superseded by nobody.
  const related = valid.filter(({ snapshot }) =>
    containsRoots(
      snapshot.roots.map(({ path }) => path),
      roots,
    ),
  );
  const anchors = [related.find(({ snapshot }) => snapshot.finished), related[0]];
  return anchors.some((anchor) => {
    const anchored = new Set(anchor === undefined ? [] : packNamesOf(anchor.snapshot));
    return names.every((name) => anchored.has(name));
  });
}

/** Puts the snapshot, once. Not committed: it is not there, with the cause, or landed too late; list anew. */
async function putSnapshot(
  snapshot: Snapshot,
  basis: Date,
  { repository: { store, device, voidRule } }: CommitDeps,
): Promise<Committed | { readonly cause: BackupError | undefined }> {
  const key = snapshotKey(device, snapshot.name);
  const bytes = encodeSnapshot(snapshot);
  let cause: BackupError | undefined;
  try {
    const created = await store.create(key, [bytes], { once: true });
    if (created.outcome === 'already-there')
      throw new BackupError('KEY_CONFLICT', `${key} is there already with other content`, { key });
  } catch (error) {
    // The answer is lost or refused; whether the snapshot landed is seen by looking.
    if (!isBackupError(error, 'STORE_UNREACHABLE')) throw error;
    cause = error;
  }
  const landed = (await store.list(key)).objects.find((object) => object.key === key)?.modified;
  if (landed === undefined || (voidRule && +landed > +basis + COMMIT_WINDOW_MS)) return { cause };
  const committed = { key, sha256: hash('sha256', bytes), landed: landed.toISOString() };
  return { snapshot, committed, bytes: bytes.length };
}
