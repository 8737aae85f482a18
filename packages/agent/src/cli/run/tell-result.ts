/** What a run shows when it is done. */
import type { NightResult } from '@backup-agent/core';
import type { BackupResult } from '../../backup/job.ts';
import type { CommandContext } from '../context.ts';
import { maintenanceLine } from '../maintain/tell-device.ts';
import { formatBytes, formatCount, formatCountOf, formatDuration } from '../units.ts';

export function tellResult(
  { out }: CommandContext,
  { record, name, totals, exitCode, maintained }: BackupResult & { readonly maintained: NightResult | undefined },
  location: string,
): void {
  const { counts, bytes, problems, problemCount } = record;
  const tookMs = Date.parse(record.ended) - Date.parse(record.started);
  out.json({
    snapshot: name ?? null,
    run: record.run,
    device: record.device,
    repository: location,
    outcome: record.outcome,
    exitCode,
    roots: record.roots,
    totals,
    counts,
    bytes,
    problemCount,
    problems,
    elapsedMs: tookMs,
    maintenance: maintained ?? null,
  });
  const of = formatCount;
  out.line(name === undefined ? 'Dry run: nothing was stored.' : `Snapshot ${name} of device ${record.device}`);
  out.line(
    `  ${formatCountOf(totals.files, 'file')}, ${formatBytes(totals.bytes)}: ${of(counts.filesNew)} new, ${of(counts.filesChanged)} changed, ${of(counts.filesUnchanged)} unchanged, ${of(counts.filesDeleted)} deleted since`,
  );
  const stored = name === undefined ? 'would store' : 'stored';
  out.line(
    `  ${formatBytes(bytes.new)} of new content, ${stored} ${formatBytes(bytes.uploaded)} in ${formatCountOf(counts.objects, 'object')}, ${formatDuration(tookMs)}`,
  );
  const removed = maintained === undefined ? undefined : maintenanceLine(maintained);
  if (removed !== undefined) out.line(removed);
  if (problemCount > 0)
    out.line(`  ${formatCountOf(problemCount, 'problem')}: what could not be read is kept from the snapshot before`);
}
