/** What maintenance of a device shows: what went, what stays and why, and what needs a person. */
import { EXIT_CODES } from '@backup-agent/core';
import type { MaintainedDevice, NightResult, RetentionDecision } from '@backup-agent/core';
import type { Output } from '../output/output.ts';
import { formatBytes, formatCount, formatCountOf } from '../units.ts';

/** Damaged is also what cannot be read and therefore keeps everything: marks, a policy, a hold, a pin. */
export function exitCodeOf({ verification, snapshots, refusals }: NightResult): number {
  const isDamaged =
    verification.findingCount > 0 ||
    snapshots.damaged.length > 0 ||
    refusals.some(({ code }) => code === 'OBJECT_DAMAGED');
  return isDamaged ? EXIT_CODES.OBJECT_DAMAGED : 0;
}

/** For --json. */
export const jsonOfDevice = ({ result, decisions }: MaintainedDevice) => ({ ...result, decisions });

/** Each snapshot with its reasons, newest first. */
export function tellDecisions(out: Output, decisions: readonly RetentionDecision[]): void {
  if (decisions.length === 0) return;
  out.table(
    [{ title: 'snapshot' }, { title: '' }, { title: 'because' }],
    decisions.map(({ name, keep, reasons }) => [name, keep ? 'stays' : 'goes', reasons.join('; ')]),
  );
  out.line('');
}

export function tellDevice(
  out: Pick<Output, 'line'>,
  result: NightResult,
  { dryRun }: { readonly dryRun: boolean },
): void {
  const { packs, snapshots, device } = result;
  const would = dryRun ? 'would remove' : 'removed';
  out.line(`Device ${device}: ${formatCountOf(snapshots.total, 'snapshot')}, ${amountOf(stored(packs))}`);
  out.line(`  ${would} ${formatCountOf(snapshots.removed.length, 'snapshot')} and ${amountOf(packs.removed)}`);
  if (packs.deferred.packs > 0) out.line(`  ${amountOf(packs.deferred)} more in the next nights: a night has a limit`);
  if (packs.newlyMarked.packs > 0)
    out.line(
      `  ${dryRun ? 'would mark' : 'marked'} ${amountOf(packs.newlyMarked)} that will go${packs.retiring.packs > 0 ? `; of these the next run rewrites what is needed of ${amountOf(packs.retiring)}` : ''}`,
    );
  for (const { message } of result.refusals)
    out.line(`  ${dryRun ? 'Nothing would be removed' : 'Nothing was removed'}: ${message}`);
  for (const reason of result.massChange.reasons) out.line(`  Unusual: ${reason}`);
  for (const { key, what, snapshots: names } of result.verification.findings) {
    out.line(`  Damaged: ${key}: ${what}`);
    if (names.length > 0) out.line(`    needed by ${someOf(names)}`);
  }
  if (result.verification.findingCount > 0) out.line('  See "backup-agent verify" for what this costs.');
}

/** One line after a run, or nothing if nothing went. */
export function maintenanceLine({ packs, snapshots }: NightResult): string | undefined {
  if (packs.removed.packs === 0 && snapshots.removed.length === 0) return undefined;
  return `  maintenance removed ${formatCountOf(snapshots.removed.length, 'old snapshot')} and ${amountOf(packs.removed)}`;
}

/** A pack of a first backup is needed by every snapshot since. */
const SNAPSHOTS_NAMED_MAX = 5;

const someOf = (names: readonly string[]): string => {
  const more = names.length - SNAPSHOTS_NAMED_MAX;
  return `${names.slice(0, SNAPSHOTS_NAMED_MAX).join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
};

const stored = ({ data, meta }: NightResult['packs']) => ({
  packs: data.packs + meta.packs,
  bytes: data.bytes + meta.bytes,
});

const amountOf = ({ packs, bytes }: { readonly packs: number; readonly bytes: number }): string =>
  `${formatCountOf(packs, 'pack')} (${formatBytes(bytes)})`;
