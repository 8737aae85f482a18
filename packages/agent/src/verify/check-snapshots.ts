/** Which snapshots are valid, and what each of them names. */
import {
  COMMIT_WINDOW_MS,
  decodePackRanges,
  findSnapshot,
  isBackupError,
  mapConcurrent,
  readSnapshot,
  runOfSnapshot,
  runRecordKey,
} from '@backup-agent/core';
import type {
  LandedSnapshot,
  ListedSnapshot,
  PackPlace,
  PageReference,
  Snapshot,
  SnapshotName,
} from '@backup-agent/core';
import type { Records } from './check-records.ts';
import type { Inventory } from './inventory.ts';
import { missingSnapshots } from './missing-snapshots.ts';
import type { LandedRoots } from './missing-snapshots.ts';
import type { PackBook } from './pack-book.ts';
import type { PageBook } from './page-book.ts';
import type { VerifyRun } from './verify-run.ts';

const READS_AT_ONCE = 8;

/** Of a valid snapshot what is needed to check it, without the page references, which snapshots share. */
export interface CheckedSnapshot extends Pick<ListedSnapshot, 'key' | 'name'> {
  readonly roots: Snapshot['roots'];
  readonly totals: Snapshot['totals'];
  readonly packs: Snapshot['packs'];
  /** Numbers in the page book, in order. */
  readonly pages: readonly number[];
  /** Page lists that cannot be read: what their pages hold is missing in `pages`. */
  readonly lostLists: readonly PageReference[];
}

/** Those to be checked, newest first: all valid ones, or the one asked for. */
export async function checkSnapshots(
  run: VerifyRun,
  inventory: Inventory,
  records: Records,
  books: { readonly packs: PackBook; readonly pages: PageBook },
): Promise<CheckedSnapshot[]> {
  const wanted = await wantedSnapshot(run);
  const recorded = new Set(inventory.runRecords.map(({ run: id }) => id));
  const read = (listed: ListedSnapshot) => readValid(run, listed);
  const chosen: CheckedSnapshot[] = [];
  const valid: LandedRoots[] = [];
  for await (const landed of mapConcurrent(inventory.snapshots, READS_AT_ONCE, read)) {
    run.progress();
    if (landed === undefined) continue;
    const { key, name, snapshot } = landed;
    valid.push({ landed: landed.landed, roots: snapshot.roots.map(({ path }) => path) });
    if (!recorded.has(snapshot.run))
      run.findings.note(runRecordKey(run.repository.device, runOfSnapshot(name)), 'missing; its snapshot needs it not');
    if (wanted !== undefined && wanted !== name) continue;
    const { roots, totals, packs } = snapshot;
    for (const pack of packsOf(snapshot)) books.packs.get(pack).namedBy.push(name);
    chosen.push({ key, name, roots, totals, packs, ...(await books.pages.pagesOf(run, snapshot)) });
  }
  const listed = new Set<string>(inventory.snapshots.map(({ key }) => key));
  for (const { key, why } of missingSnapshots({ ...records, valid, listed, now: inventory.now }))
    run.findings.damage(key, `missing, although its run committed it and ${why}`);
  run.counts.snapshots = chosen.length;
  return chosen;
}

/** 'none' if the one that is asked for is damaged, which the reading of all tells. */
async function wantedSnapshot(run: VerifyRun): Promise<SnapshotName | 'none' | undefined> {
  if (run.request.snapshot === undefined) return undefined;
  try {
    return (await findSnapshot(run.repository, run.request.snapshot)).name;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    return 'none';
  }
}

async function readValid(run: VerifyRun, listed: ListedSnapshot): Promise<LandedSnapshot | undefined> {
  const withoutRule = { ...run.repository, voidRule: false };
  try {
    const valid = await readSnapshot(run.repository, listed);
    if (valid !== undefined) return valid;
    const found = await readSnapshot(withoutRule, listed);
    if (found !== undefined) noteVoid(run, found);
    else if (await run.isListed(listed.key)) run.findings.damage(listed.key, 'is listed and cannot be read: missing');
    return undefined;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    run.tell(error.key ?? listed.key, error);
    // Its run record is damaged: whether it is valid cannot be told, so it is checked as if it were.
    return error.key === listed.key ? undefined : readSnapshot(withoutRule, listed);
  }
}

function noteVoid({ findings }: VerifyRun, { key, landed, snapshot }: LandedSnapshot): void {
  const minutes = Math.round((+landed - Date.parse(snapshot.basis)) / 60_000);
  const limit = COMMIT_WINDOW_MS / 60_000;
  findings.note(
    key,
    `void: it landed ${minutes} min after it was begun, over ${limit} min, and no run record confirms it`,
  );
}

/** All packs that a snapshot names. */
export function* packsOf({ packs }: Pick<Snapshot, 'packs'>): Generator<PackPlace> {
  for (const kind of ['data', 'meta'] as const)
    for (const [run, numbers] of decodePackRanges(packs[kind]))
      for (const number of numbers) yield { kind, run, number };
}
