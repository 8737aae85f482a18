/** `repair snapshots`: new snapshots without what is lost. */
import { parseSnapshotSelector } from '../../inspect/snapshot-selector.ts';
import type { BackupDeps } from '../../backup/job.ts';
import { repairSnapshots } from '../../repair/repair-snapshots.ts';
import type { RepairedSnapshot, SnapshotRepairRequest } from '../../repair/repair-snapshots.ts';
import { afterVerify, readDamageNote, writeDamageNote } from '../../state/damage-note.ts';
import { openSegmentThreads } from '../../verify/segment-threads.ts';
import { verify } from '../../verify/verify.ts';
import type { CommandContext } from '../context.ts';
import { defineCommand } from '../define-command.ts';
import { openForRepair } from '../repair/open-for-repair.ts';
import { formatCountOf } from '../units.ts';

const PATHS_SHOWN = 100;

export default defineCommand({
  args: {
    snapshot: {
      type: 'positional',
      count: 'optional',
      describe: 'which one: "latest", the beginning of a name, or a time (default: the newest of each set of folders)',
    },
    readData: { type: 'flag', describe: 'first read all that these snapshots need, to the last byte' },
    dryRun: { type: 'flag', describe: 'tell what is lost, and store nothing' },
  },
  notes:
    'A run is the better repair where the files are still on this machine: it saves anew what is damaged or missing. Old snapshots are left as they are. Exit code 3: the new snapshot lacks files, and each is named.',
  examples: ['backup-agent repair snapshots --dry-run', 'backup-agent repair snapshots --read-data latest'],
  async run(args, context) {
    const snapshot = args.snapshot === undefined ? undefined : parseSnapshotSelector(args.snapshot);
    const request: SnapshotRepairRequest = { snapshot, dryRun: args.dryRun };
    const deps = await openForRepair(context, request);
    if (args.readData) await readData(request, deps, context);
    const result = await repairSnapshots(request, deps);
    const exitCode = result.snapshots.some(({ outcome }) => outcome === 'repaired-with-losses') ? 3 : 0;
    const { device, store } = deps.repository;
    const { out } = context;
    out.json({ device, repository: store.location, dryRun: args.dryRun, exitCode, ...result });
    for (const repaired of result.snapshots) tellSnapshot(out, repaired, args.dryRun);
    if (result.snapshots.length === 0) out.line('There is no snapshot that could be repaired.');
    for (const key of result.damaged) out.line(`Damaged: ${key}: what it held cannot be told`);
    if (result.others.length > 0)
      out.line(`Left alone, though packs that they need are missing: ${result.others.join(', ')}`);
    return exitCode;
  },
});

/** Notes what is damaged, which the repair goes by. */
async function readData(
  { snapshot }: SnapshotRepairRequest,
  { repository, random, clock, report, signal, damageFile }: BackupDeps,
  { settings }: CommandContext,
): Promise<void> {
  const openChecker = () => openSegmentThreads(settings.concurrency.value);
  const deps = { repository, openChecker, random, clock, report, signal };
  const { packs } = await verify({ snapshot, dataShare: 1 }, deps);
  writeDamageNote(damageFile, afterVerify(readDamageNote(damageFile), packs));
}

function tellSnapshot(out: CommandContext['out'], repaired: RepairedSnapshot, dryRun: boolean): void {
  const { snapshot, outcome, made, lost, missingPacks } = repaired;
  if (outcome === 'whole') return out.line(`Snapshot ${snapshot}: nothing to repair.`);
  const missing = missingPacks.length === 0 ? '' : `; ${formatCountOf(missingPacks.length, 'pack')} missing`;
  out.line(`Snapshot ${snapshot}: ${lost.length === 0 ? 'nothing is lost' : 'what is lost'}${missing}`);
  for (const path of lost.slice(0, PATHS_SHOWN)) out.line(`  ${path}`);
  if (lost.length > PATHS_SHOWN) out.line(`  and ${lost.length - PATHS_SHOWN} more: --json names all`);
  if (made !== undefined) out.line(`  Snapshot ${made} has all else.`);
  else if (dryRun) out.line('  Dry run: no snapshot was made.');
}
