/** `repair index`: index segments from the packs' own directories. */
import { listUsablePacks } from '@backup-agent/core';
import { newRunId } from '../../backup/record-run.ts';
import { repairIndex } from '../../repair/repair-index.ts';
import type { UnreadableObject } from '../../repair/repair-index.ts';
import type { CommandContext } from '../context.ts';
import { defineCommand } from '../define-command.ts';
import { openForRepair } from '../repair/open-for-repair.ts';
import { formatCountOf } from '../units.ts';

export default defineCommand({
  args: {
    all: { type: 'flag', describe: 'also of packs that undamaged index segments tell of' },
    dryRun: { type: 'flag', describe: 'tell what would be written, and write nothing' },
  },
  notes:
    'Damaged or missing index segments cost time, never data: packs say themselves what is in them. Nothing is removed. Exit code 3: a pack cannot be understood, or lies in an archive.',
  async run({ all, dryRun }, context) {
    const { out } = context;
    const deps = await openForRepair(context, { dryRun });
    const { repository } = deps;
    const { basis } = await listUsablePacks(repository);
    const result = await repairIndex({ all, dryRun }, { ...deps, run: newRunId(deps, basis) });
    const exitCode = result.damagedPacks.length + result.archivedPacks.length > 0 ? 3 : 0;
    out.json({ device: repository.device, repository: repository.store.location, dryRun, exitCode, ...result });
    tellUnreadable(out, 'Damaged index segment', result.damagedSegments);
    tellUnreadable(out, 'Damaged pack', result.damagedPacks);
    for (const key of result.archivedPacks) out.line(`In an archive: ${key}`);
    if (result.archivedPacks.length > 0)
      out.line('What lies in an archive can be indexed for some days after a "restore" that needs it has thawed it.');
    const what = `${formatCountOf(result.packs, 'pack')} with ${formatCountOf(result.chunks, 'chunk')}`;
    if (result.packs === 0) out.line('The index tells of every pack that can be read: nothing to repair.');
    else if (dryRun) out.line(`Dry run: the index of ${what} would be written.`);
    else out.line(`Wrote ${formatCountOf(result.written.length, 'index segment')} of ${what}.`);
    return exitCode;
  },
});

function tellUnreadable(out: CommandContext['out'], label: string, objects: readonly UnreadableObject[]): void {
  for (const { key, why } of objects) out.line(`${label}: ${key}: ${why}`);
}
