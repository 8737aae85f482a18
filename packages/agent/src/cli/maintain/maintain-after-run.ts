/**
 * After a run on a local repository, under the same lock: `signal` ends it when the lock is lost. The snapshot is made:
 * whatever goes wrong here is only told.
 */
import { isBackupError } from '@backup-agent/core';
import type { NightResult, ReadWriteStore, Repository } from '@backup-agent/core';
import type { CommandContext } from '../context.ts';
import { openStore } from '../open-repository.ts';
import { maintainHere } from './maintain-folder.ts';

export async function maintainAfterRun(
  context: CommandContext,
  { device }: Repository<ReadWriteStore>,
  signal: AbortSignal,
): Promise<NightResult | undefined> {
  const { report, access } = context;
  try {
    // The run's own store cannot remove anything.
    const store = await openStore({ ...access, signal }, { create: false });
    const { result } = await maintainHere(context, { store, device, voidRule: false });
    for (const { message } of result.refusals)
      report({ type: 'warning', message: `no old snapshot was removed: ${message}` });
    for (const reason of result.massChange.reasons)
      report({
        type: 'warning',
        message: `unusual: ${reason}; "backup-agent hold clear ${device}" when it is all right`,
      });
    for (const { key, what } of result.verification.findings)
      report({ type: 'warning', message: `${key}: ${what}; see "backup-agent verify"` });
    return result;
  } catch (error) {
    if (context.signal.aborted || !isBackupError(error)) throw error;
    report({ type: 'warning', message: `maintenance after the run failed: ${error.message}` });
    return undefined;
  }
}
