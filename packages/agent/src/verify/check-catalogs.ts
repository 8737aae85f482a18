/** Each snapshot against the facts of its pages: their order, its totals, and that it names every pack it needs. */
import { compareEntries } from '@backup-agent/core';
import type { PageReference } from '@backup-agent/core';
import { packsOf } from './check-snapshots.ts';
import type { CheckedSnapshot } from './check-snapshots.ts';
import type { PackBook } from './pack-book.ts';
import type { PageBook, PageFacts } from './page-book.ts';
import { metaPackOf } from './page-book.ts';
import type { VerifyRun } from './verify-run.ts';

export function checkCatalog(
  { findings }: VerifyRun,
  snapshot: CheckedSnapshot,
  { packs, pages }: { readonly packs: PackBook; readonly pages: PageBook },
): void {
  if (snapshot.pages === undefined) return;
  const { key } = snapshot;
  const facts = snapshot.pages.map((number) => pages.facts[number]);
  const whole = facts.filter((page) => page !== undefined);
  if (!isInOrder(facts)) findings.damage(key, 'its catalog pages are not in order');
  if (whole.some(({ last }) => last.root >= snapshot.roots.length))
    findings.damage(key, 'its catalog has entries of a root that it does not name');
  if (whole.length < facts.length)
    findings.damage(key, `${facts.length - whole.length} of its ${facts.length} catalog pages cannot be read`);
  else if (!hasTotals(snapshot, whole)) findings.damage(key, 'its catalog has other totals than it says');
  const nowhere = whole.reduce((sum, { chunksNowhere }) => sum + chunksNowhere, 0);
  if (nowhere > 0)
    findings.damage(key, `${nowhere} chunks that its entries name are in no pack that can be understood`);
  const unnamed = unnamedPacks(
    snapshot,
    whole,
    packs,
    snapshot.pages.map((number) => pages.references[number] as PageReference),
  );
  if (unnamed !== undefined)
    findings.damage(key, `it needs ${unnamed} and does not name it: the pack might be removed`);
}

/** Pages that cannot be read are passed over. */
function isInOrder(facts: readonly (PageFacts | undefined)[]): boolean {
  let before: PageFacts | undefined;
  for (const page of facts) {
    if (page === undefined) continue;
    if (before !== undefined && compareEntries(before.last, page.first) >= 0) return false;
    before = page;
  }
  return true;
}

const hasTotals = ({ totals }: CheckedSnapshot, facts: readonly PageFacts[]): boolean =>
  (['files', 'folders', 'others', 'bytes'] as const).every(
    (name) => facts.reduce((sum, page) => sum + page.totals[name], 0) === totals[name],
  );

/** The key of a pack that holds something of the snapshot, which no pack that it names does. */
function unnamedPacks(
  snapshot: CheckedSnapshot,
  facts: readonly PageFacts[],
  packs: PackBook,
  pages: readonly PageReference[],
): string | undefined {
  const named = new Set([...packsOf(snapshot)].map((pack) => packs.get(pack).id));
  for (const page of pages) {
    const pack = packs.get(metaPackOf(page));
    if (!named.has(pack.id)) return pack.key;
  }
  for (const need of new Set(facts.flatMap(({ needs }) => [...needs]))) {
    const ids = need.split(',').map(Number);
    if (!ids.some((id) => named.has(id))) return packs.all[ids[0] as number]?.key;
  }
  return undefined;
}
