/** `run`: backs up. */
import { setFlagsFromString } from 'node:v8';
import path from 'node:path';
import { EXIT_CODES, worstExitCode } from '@backup-agent/core';
import type { BackupResult } from '../../backup/job.ts';
import { runBackup } from '../../backup/run-backup.ts';
import { damageFile } from '../../state/damage-note.ts';
import { requireOwnDevice } from '../../state/device-owner.ts';
import { machineId } from '../../state/machine.ts';
import type { CommandContext } from '../context.ts';
import { defineCommand } from '../define-command.ts';
import { machineTools } from '../machine-tools.ts';
import { planBackup, withoutOwnFolders } from '../run/plan-backup.ts';
import { openForRun, rememberRepository } from '../run/open-for-run.ts';
import { publishRun } from '../run/publish-run.ts';
import { RUN_ARGS } from '../run/run-arguments.ts';
import { takeLock } from '../run/take-lock.ts';
import { maintainAfterRun } from '../maintain/maintain-after-run.ts';
import { tellResult } from '../run/tell-result.ts';

export default defineCommand({
  args: RUN_ARGS,
  notes:
    'Exit code 3: the snapshot was made, but something could not be read; what the snapshot before had of it is kept. A backup that was cut off is continued by the next run.',
  examples: [
    'backup-agent run ~/Documents --repo /media/disk/backup',
    'backup-agent run "/home/*/Documents" --exclude "*.iso" --repo s3://bucket/office',
  ],
  async run(args, context) {
    keepHeapsSmall();
    const { settings, surroundings, report, random, clock, folders } = context;
    const { platform, host, user, system, version } = surroundings;
    const planned = await planBackup(args, context);
    const { repository, pageCache, stateFolder } = await openForRun(context, args);
    if (settings.device.origin.from === 'default')
      report({
        type: 'note',
        message: `Backing up as device "${repository.device}" (from the host name; --device changes it).`,
      });
    const machine = machineId({ platform, stateFolder: folders.state, random });
    await requireOwnDevice(repository, { machine, stateFolder });
    const lock = args.dryRun ? undefined : takeLock(context, { machine, device: repository.device, stateFolder });
    // Whoever has lost the lock may neither commit beside another run nor remove what that one rests on.
    const signal = lock === undefined ? context.signal : AbortSignal.any([context.signal, lock.lost]);
    const backingUp = runBackup(withoutOwnFolders(planned.job, context), {
      repository,
      journalFolder: path.join(stateFolder, 'journals'),
      damageFile: damageFile(stateFolder),
      pageCache,
      machine: { id: machine, host, user, system, agent: version },
      clock,
      random,
      report,
      signal,
      ...machineTools(context),
    });
    const result = args.dryRun ? await backingUp : await published(context, backingUp);
    if (!args.dryRun) rememberRepository(stateFolder);
    const exitCode = worstExitCode([result.exitCode, planned.problemCount > 0 ? EXIT_CODES.INCOMPLETE : 0]);
    const maintained =
      args.dryRun || args.noMaintain || repository.voidRule
        ? undefined
        : await maintainAfterRun(context, repository, signal);
    tellResult(context, { ...result, exitCode, maintained }, repository.store.location);
    return exitCode;
  },
});

/** The run's result, once its figures are sent; a run that fails has some, too. */
async function published(context: CommandContext, running: Promise<BackupResult>): Promise<BackupResult> {
  try {
    const result = await running;
    await publishRun(context, result.record);
    return result;
  } catch (error) {
    await publishRun(context, undefined);
    throw error;
  }
}

/** The newest Node that was seen to know these flags of V8's; one that does not would complain on stderr. */
const HEAP_FLAGS_NODE_MAX = 26;

/**
 * By default V8 lets young objects pile up to 64 MiB before it looks at them. A run makes many that die at once; looking
 * sooner costs little and saves 150 MB with 100,000 files. This thread's begins at 1 MiB and, without growth, stays there;
 * those of the threads to come begin at 4, which makes a quarter of the collections for 10 MB. And V8 lets 25 MB of living
 * objects grow to 75 before it collects the old ones: at double the size, that saves memory for little CPU.
 */
function keepHeapsSmall(): void {
  if (Number.parseInt(process.versions.node, 10) > HEAP_FLAGS_NODE_MAX) return;
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--min-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=100');
}
