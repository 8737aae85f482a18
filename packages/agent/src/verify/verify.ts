/**
 * Verifies a device's part of a repository, and what belongs to the fleet. Everything is checked against something else:
 * bytes against their checksums, what names a thing against the thing.
 */
import { BackupError, packText, repositoryKey } from '@backup-agent/core';
import type { VerifiedPack } from '../state/damage-note.ts';
import { checkCatalog } from './check-catalogs.ts';
import { checkData } from './check-data.ts';
import { checkIndex } from './check-index.ts';
import { checkPacks, noteLeftovers } from './check-packs.ts';
import { checkPages } from './check-pages.ts';
import { checkRecords } from './check-records.ts';
import { checkSnapshots } from './check-snapshots.ts';
import type { ChunkBook } from './chunk-book.ts';
import { ChunkLists } from './chunk-lists.ts';
import { tellCosts } from './costs.ts';
import { takeInventory } from './inventory.ts';
import type { Inventory } from './inventory.ts';
import type { VerifyDeps, VerifyRequest, VerifyResult } from './job.ts';
import { isArchived, PackBook } from './pack-book.ts';
import type { KnownPack } from './pack-book.ts';
import { PageBook } from './page-book.ts';
import { VerifyRun } from './verify-run.ts';

/**
 * Damage is a finding, never an error.
 * Throws REPOSITORY_MISSING if there is nothing at all, FORMAT_UNKNOWN for a repository of another version,
 * CONFIG_INVALID if the snapshot asked for is not there, and what the store throws.
 */
export async function verify(request: VerifyRequest, deps: VerifyDeps): Promise<VerifyResult> {
  const run = new VerifyRun(request, deps);
  const inventory = await takeInventory(run);
  refuseNothing(run, inventory);
  const records = await checkRecords(run, inventory);
  const packs = new PackBook(deps.repository.device);
  packs.addListed(inventory.packs);
  const chunks = await checkIndex(run, inventory, packs);
  const pages = new PageBook();
  const snapshots = await checkSnapshots(run, inventory, records, { packs, pages });
  await checkPacks(run, packs, chunks);
  const books = { packs, pages, chunks, lists: new ChunkLists(run, chunks, packs) };
  await checkPages(run, books);
  for (const snapshot of snapshots) checkCatalog(run, snapshot, books);
  await checkData(run, packsToRead(request, packs), chunks);
  tellOtherEtags(run, packs);
  await tellCosts(run, books, snapshots);
  if (request.snapshot === undefined) noteLeftovers(run, packs);
  run.progress();
  return {
    outcome: run.findings.damageCount === 0 ? 'whole' : 'damaged',
    snapshots: snapshots.map(({ name }) => name),
    counts: { ...run.counts },
    findings: run.findings.list(),
    packs: verifiedPacks(packs, chunks),
  };
}

/** An address at which nothing is was meant otherwise; where a device has left objects, repository.json was lost. */
function refuseNothing({ counts, repository }: VerifyRun, { repositoryFile }: Inventory): void {
  if (repositoryFile !== undefined || counts.objects > 0) return;
  throw new BackupError('REPOSITORY_MISSING', `there is no repository at ${repository.store.location}`, {
    hint: 'check the address, or create a repository with "backup-agent init"',
    key: repositoryKey(),
  });
}

function packsToRead({ snapshot }: VerifyRequest, packs: PackBook): readonly KnownPack[] {
  const all = packs.all.filter((pack) => pack.listed !== undefined && !isArchived(pack));
  if (snapshot === undefined) return all;
  return all.filter(({ namedBy }) => namedBy.length > 0);
}

/** What a run can go by. Of a pack that cannot be understood nothing is taken for stored anyway. */
function verifiedPacks(packs: PackBook, chunks: ChunkBook): VerifiedPack[] {
  return packs.all.flatMap((pack) => {
    const lost = typeof pack.loss === 'string' ? [] : [...pack.loss].map((entry) => chunks.idOf(entry));
    if (pack.listed === undefined || (!pack.isRead && lost.length === 0)) return [];
    return [{ pack: packText(pack), isRead: pack.isRead, lost }];
  });
}

/** A pack that was read and is whole was copied; whether another one is whole is not known. */
function tellOtherEtags({ findings }: VerifyRun, packs: PackBook): void {
  for (const { key, hasOtherEtag, loss } of packs.all) {
    if (!hasOtherEtag) continue;
    const what = 'its ETag is not the one that it had when it was written';
    if (loss === 'nothing' && !findings.hasDamage(key)) findings.note(key, `${what}; its content is whole`);
    else findings.damage(key, what);
  }
}
