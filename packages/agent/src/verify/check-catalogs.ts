/** Each snapshot against the facts of its pages: their order, its totals, and that it names every pack it needs. */
import { compareEntries } from '@backup-agent/core';
import type { PageReference } from '@backup-agent/core';
import { packsOf } from './check-snapshots.ts';
import type { CheckedSnapshot } from './check-snapshots.ts';
import { isUntold } from './pack-book.ts';
import type { KnownPack, PackBook } from './pack-book.ts';
import type { PageBook, PageFacts } from './page-book.ts';
import { metaPackOf } from './page-book.ts';
import type { VerifyRun } from './verify-run.ts';

/** What of it cannot be read is told of the packs that hold it. */
export function checkCatalog(
  { findings }: VerifyRun,
  snapshot: CheckedSnapshot,
  { packs, pages }: { readonly packs: PackBook; readonly pages: PageBook },
): void {
  const { key } = snapshot;
  const facts = snapshot.pages.map((number) => pages.facts[number]);
  const whole = facts.filter((page) => page !== undefined);
  if (!isInOrder(whole)) findings.damage(key, 'its catalog pages are not in order');
  if (whole.some(({ last }) => last.root >= snapshot.roots.length))
    findings.damage(key, 'its catalog has entries of a root that it does not name');
  const isComplete = whole.length === facts.length && snapshot.lostLists.length === 0;
  if (isComplete && !hasTotals(snapshot, whole)) findings.damage(key, 'its catalog has other totals than it says');
  const named = new Set([...packsOf(snapshot)].map((pack) => packs.get(pack)));
  const nowhere = whole.reduce((sum, { chunksNowhere }) => sum + chunksNowhere, 0);
  // What may be in a pack of which nobody knows what it holds is not missed elsewhere: that pack is told of.
  const isUncertain = [...named].some(isUntold);
  if (nowhere > 0 && !isUncertain)
    findings.damage(
      key,
      `its entries name ${nowhere} ${nowhere === 1 ? 'chunk that is' : 'chunks that are'} in no pack`,
    );
  const references = snapshot.pages.map((number) => pages.references[number] as PageReference);
  const unnamed = unnamedPack(named, isUncertain ? [] : whole, packs, references);
  if (unnamed !== undefined)
    findings.damage(key, `it needs ${unnamed} and does not name it: that pack might be removed`);
}

/** Pages that cannot be read are passed over. */
const isInOrder = (facts: readonly PageFacts[]): boolean =>
  facts.every((page, i) => i === 0 || compareEntries((facts[i - 1] as PageFacts).last, page.first) < 0);

const hasTotals = ({ totals }: CheckedSnapshot, facts: readonly PageFacts[]): boolean =>
  (['files', 'folders', 'others', 'bytes'] as const).every(
    (name) => facts.reduce((sum, page) => sum + page.totals[name], 0) === totals[name],
  );

/** The key of a pack that holds something of the snapshot, which no pack that it names does. */
function unnamedPack(
  named: ReadonlySet<KnownPack>,
  facts: readonly PageFacts[],
  packs: PackBook,
  pages: readonly PageReference[],
): string | undefined {
  const unnamed = pages.map((page) => packs.get(metaPackOf(page))).find((pack) => !named.has(pack));
  if (unnamed !== undefined) return unnamed.key;
  for (const need of new Set(facts.flatMap(({ needs }) => [...needs]))) {
    const holders = need.split(',').map((id) => packs.all[Number(id)] as KnownPack);
    if (!holders.some((pack) => named.has(pack))) return holders[0]?.key;
  }
  return undefined;
}
