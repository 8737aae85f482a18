/** Restores a snapshot, or parts of it, into a folder. */
import {
  BackupError,
  canThaw,
  ChunkLocator,
  findSnapshot,
  isNodeError,
  packNamesOf,
  packText,
  parseKey,
} from '@backup-agent/core';
import type { LandedSnapshot, PackPlace } from '@backup-agent/core';
import { CatalogView } from '../catalog/catalog-view.ts';
import type { LostRange } from '../catalog/catalog-view.ts';
import { ChunkPlaces } from './chunk-places.ts';
import { EntryPlanner, isFatal } from './entry-planner.ts';
import type { FilePlan } from './file-plan.ts';
import { finishEarly, finishOthers } from './finish-others.ts';
import type { RestoreDeps, RestoreRequest, RestoreResult } from './job.ts';
import { tellLostRanges } from './lost-ranges.ts';
import { pathFilter } from './path-filter.ts';
import { packsRead, planReads } from './plan-reads.ts';
import type { RestoreWorkerData } from './protocol.ts';
import { resolveLists } from './resolve-lists.ts';
import { resolveSelections } from './resolve-selections.ts';
import { RestoreRun } from './restore-run.ts';
import type { Selection } from './selection.ts';
import { Tally } from './tally.ts';
import { TargetFolders } from './target-folders.ts';
import { openTarget } from './target.ts';
import { thawNeed } from './thaw-packs.ts';
import { FileRestorer } from './write-files.ts';

/**
 * Restores what is asked for. What cannot be restored is named in the result, everything else is restored; a file that
 * fails half-way is removed.
 * Throws CONFIG_INVALID (no such snapshot or path, unfit target), DISK_FULL, ACCESS_DENIED, and what the store throws.
 */
export async function restore(request: RestoreRequest, deps: RestoreDeps): Promise<RestoreResult> {
  const tally = new Tally(deps.report, () => deps.clock.elapsed());
  const locator = openLocator(request, deps, tally);
  const landed = await findSnapshot(deps.repository, request.snapshot);
  const lost: LostRange[] = [];
  const view = await CatalogView.open(deps.repository, landed.snapshot, {
    pageCache: deps.pageCache,
    onLost: (range) => void lost.push(range),
  });
  const selections = await resolveSelections(view, landed.snapshot.roots, request.paths);
  const token = `.restoring-${Buffer.from(deps.random(6)).toString('hex')}`;
  const target = openTarget(request, deps, token);
  try {
    const folders = new TargetFolders(target, request);
    const run = new RestoreRun({ request, deps, tally, target, folders, token, ...locator(landed) });
    await restoreInto(run, view, landed, selections);
    folders.handles.close();
    await tellLostRanges(run, landed, lost);
    return resultOf(run, landed);
  } catch (error) {
    throw explained(error, target.path, tally);
  } finally {
    target.close();
  }
}

async function restoreInto(
  run: RestoreRun,
  view: CatalogView,
  landed: LandedSnapshot,
  selections: readonly Selection[],
): Promise<void> {
  const { request, tally, target, folders } = run;
  const filter = pathFilter(request, run.deps.system.platform);
  const planner = new EntryPlanner({
    request,
    ownership: run.ownership,
    target,
    folders,
    tally,
    filter,
    roots: landed.snapshot.roots,
  });
  const restored = new Set<number>();
  try {
    await planEntries(run, view, selections, planner);
    if (filter.fitsNothing()) tally.warning(`no entry fits --include ${request.include.join(', ')}`);
    planner.kept.tell();
    const files = planner.files;
    tally.filesTotal = files.count;
    tally.bytesTotal = files.totalBytes;
    if (request.dryRun) return await tellPlanned(run, planner);
    const lost = await writeFiles(run, planner, restored);
    await finishOthers(run, planner, lost);
  } catch (error) {
    if (!run.hasBegun) run.folders.takeBack();
    else await finishEarly(run, planner, { has: (file) => !restored.has(file) });
    throw error;
  }
  run.metadataLosses.tell();
  if (planner.ownersChanged)
    tally.warning('files of other owners now belong to the user who restores: only root can give files away');
  tally.progress();
}

async function planEntries(
  run: RestoreRun,
  view: CatalogView,
  selections: readonly Selection[],
  planner: EntryPlanner,
): Promise<void> {
  for (const selection of selections) {
    if (selection.alone) {
      const entry = await view.find(selection);
      if (entry !== undefined && entry !== 'lost') planner.add(entry, selection);
      continue;
    }
    for await (const entry of view.entriesBelow(selection)) planner.add(entry, selection);
    run.deps.signal.throwIfAborted();
  }
}

/** Returns the files that could not be restored, and why; `restored` gets those that are there, also if it throws. */
async function writeFiles(
  run: RestoreRun,
  planner: EntryPlanner,
  restored: Set<number>,
): Promise<ReadonlyMap<number, string>> {
  run.hasBegun = planner.files.count === 0;
  if (run.hasBegun) return new Map();
  const data: RestoreWorkerData = {
    root: run.target.root,
    token: run.token,
    verify: run.request.verify,
    fsync: run.request.fsync,
  };
  const pool = run.deps.openWriters(data, run.request.concurrency);
  try {
    const restorer = new FileRestorer(run, planner.files, pool, restored);
    await restorer.restoreAll();
    return restorer.lost;
  } finally {
    await pool.close();
  }
}

/** The index is asked while the catalog is read if the request names few things: they may be few chunks. */
function openLocator(
  request: RestoreRequest,
  { repository }: RestoreDeps,
  tally: Tally,
): (landed: LandedSnapshot) => Pick<RestoreRun, 'locator' | 'untold'> {
  const packs = { names: new Set<string>(), has: (name: string) => packs.names.has(name) };
  const untold = new Map<string, PackPlace>();
  const locator = new ChunkLocator(repository, packs, (error) => {
    const archived = error.code === 'OBJECT_ARCHIVED' && error.key !== undefined ? parseKey(error.key) : undefined;
    if (archived?.type === 'pack') untold.set(packText(archived.pack), archived.pack);
    else tally.warning(`${error.message}; what it says is looked up elsewhere`);
  });
  if (request.paths.length > 0 && !request.dryRun) locator.prefetch();
  return (landed) => {
    packs.names = new Set(packNamesOf(landed.snapshot));
    return { locator, untold };
  };
}

async function tellPlanned(run: RestoreRun, planner: EntryPlanner): Promise<void> {
  const { tally } = run;
  if (canThaw(run.deps.repository.store)) run.thaw = await thawNeed(await packsOfFiles(run, planner.files), run);
  tally.counts.files = planner.files.count;
  tally.counts.bytes = planner.files.totalBytes;
  tally.counts.symlinks = planner.symlinks.length;
  tally.counts.fifos = planner.fifos.length;
  tally.counts.hardLinks = planner.hardLinks.length;
}

/** Without the files that are lost anyway. */
async function packsOfFiles(run: RestoreRun, plan: FilePlan): Promise<readonly PackPlace[]> {
  const lost = new Set<number>();
  await resolveLists(run, plan, (file) => void lost.add(file));
  const places = new ChunkPlaces(run.locator);
  await places.locate(plan.ids);
  const files = Array.from({ length: plan.count }, (_, file) => file).filter((file) => !lost.has(file));
  const reads = planReads(plan, files, places.table, () => true);
  const untold = reads.incomplete.size > 0 ? run.untold.values() : [];
  return [...packsRead(reads, places.table), ...untold];
}

const resultOf = ({ tally, target, thaw }: RestoreRun, landed: LandedSnapshot): RestoreResult => ({
  snapshot: landed.name,
  landed: landed.landed,
  target: target.path,
  outcome: tally.problemCount === 0 ? 'complete' : 'incomplete',
  counts: { ...tally.counts },
  problems: tally.problems,
  problemCount: tally.problemCount,
  renamed: tally.renamed,
  thaw: thaw ?? null,
});

/** What ends a restore early, for a person. */
function explained(error: unknown, target: string, { counts }: Tally): unknown {
  if (!isNodeError(error) || !isFatal(error)) return error;
  if (error.code === 'EROFS')
    return new BackupError('ACCESS_DENIED', `${target} cannot be written to: its file system is read-only`, {
      cause: error,
    });
  return new BackupError('DISK_FULL', `no space is left in ${target}; ${counts.files} files had been restored`, {
    cause: error,
    hint: 'make room or choose another --target, then restore again with --overwrite changed: it writes only what is missing',
  });
}
