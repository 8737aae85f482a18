/** The packs that valid snapshots name: that they are there, and that their chunks can be found. */
import {
  indexKey,
  isBackupError,
  listPacks,
  mapConcurrent,
  readPackDirectory,
  runOfSnapshot,
} from '@backup-agent/core';
import type { ObjectInfo, PlacedSegment, RunId } from '@backup-agent/core';
import type { ChunkBook } from './chunk-book.ts';
import { asListed, isArchived } from './pack-book.ts';
import type { KnownPack, PackBook } from './pack-book.ts';
import type { VerifyRun } from './verify-run.ts';

const DIRECTORIES_AT_ONCE = 8;

export async function checkPacks(run: VerifyRun, packs: PackBook, chunks: ChunkBook): Promise<void> {
  const isMissing = (pack: KnownPack): boolean => pack.listed === undefined && pack.namedBy.length > 0;
  // A run may have committed while the listing was made, which shows packs before snapshots.
  if (packs.all.some(isMissing)) packs.addListed(await listPacks(run.repository));
  for (const pack of packs.all) {
    if (pack.listed === undefined) pack.loss = 'all';
    if (isMissing(pack)) run.findings.damage(pack.key, 'missing');
  }
  if (run.request.snapshot === undefined) noteForgotten(run, packs);
  tellMissingIndex(run, packs);
  await readUnindexed(run, packs, chunks);
  run.counts.packs = packs.all.filter(({ listed }) => listed !== undefined).length;
  run.counts.packsArchived = packs.all.filter(isArchived).length;
}

/** Index segments go on naming packs that a night removed, until they are compacted. */
function noteForgotten({ findings }: VerifyRun, packs: PackBook): void {
  const gone = packs.all.filter(({ listed, namedBy }) => listed === undefined && namedBy.length === 0);
  const tellers = gone.flatMap((pack) => pack.tellers.map(({ key }) => key));
  for (const [key, { length }] of Map.groupBy(tellers, (teller) => teller))
    findings.note(key, `names ${length} ${length === 1 ? 'pack' : 'packs'} that no snapshot needs and that are gone`);
}

/** A run writes its index before its snapshot, so one that committed has left one for each of its packs. */
function tellMissingIndex(run: VerifyRun, packs: PackBook): void {
  const committed = (pack: KnownPack): boolean => pack.namedBy.some((name) => runOfSnapshot(name) === pack.run);
  const runs = new Map<RunId, number>();
  for (const pack of packs.all)
    if (pack.tellers.length === 0 && committed(pack)) runs.set(pack.run, (runs.get(pack.run) ?? 0) + 1);
  const { device } = run.repository;
  for (const [id, count] of runs) {
    const key = indexKey(device, id);
    // One that is there and damaged is told already; of several of a run any may be the one.
    if (run.findings.damagedKeys().some((damaged) => damaged === key || damaged.startsWith(`${key}-`))) continue;
    const what = `missing: no index segment tells of ${count} ${count === 1 ? 'pack' : 'packs'} of its run`;
    run.findings.damage(key, `${what}; their own directories are read instead`);
  }
}

/** What a run left that was cut off, and what damaged index segments do not tell. */
async function readUnindexed(run: VerifyRun, packs: PackBook, chunks: ChunkBook): Promise<void> {
  const unindexed = packs.all.filter(({ tellers, listed }) => tellers.length === 0 && listed !== undefined);
  const read = async (pack: KnownPack) => ({ pack, segments: await readDirectory(run, pack) });
  for await (const { pack, segments } of mapConcurrent(unindexed, DIRECTORIES_AT_ONCE, read)) {
    run.progress();
    if (segments === undefined) pack.loss = isArchived(pack) ? 'perhaps' : 'all';
    else chunks.addDirectory(pack, segments);
  }
}

/** The pack's directory; undefined if it cannot be read, which is a finding unless the pack was removed just now. */
export async function readDirectory(run: VerifyRun, pack: KnownPack): Promise<readonly PlacedSegment[] | undefined> {
  try {
    return await readPackDirectory(run.repository, asListed(pack, pack.listed as ObjectInfo));
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'OBJECT_ARCHIVED', 'FORMAT_UNKNOWN')) throw error;
    if (error.code !== 'OBJECT_MISSING' || (await run.isListed(pack.key))) run.tell(pack.key, error);
    return undefined;
  }
}

/** Packs that nothing needs any more, or not yet: one note a run. */
export function noteLeftovers({ findings }: VerifyRun, packs: PackBook): void {
  const left = packs.all.filter(({ listed, namedBy }) => listed !== undefined && namedBy.length === 0);
  for (const [, ofRun] of Map.groupBy(left, ({ run }) => run)) {
    const [first] = ofRun;
    const [what, why] = ofRun.length === 1 ? ['', 'it'] : [`, as ${ofRun.length - 1} more of its run`, 'they'];
    if (first !== undefined)
      findings.note(
        first.key,
        `in no snapshot${what}: of a run that was cut off or goes on, or ${why} will be collected`,
      );
  }
}
