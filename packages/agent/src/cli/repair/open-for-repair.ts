/** What a repair works with: the same as a run, under the same lock, but without any cache between. */
import path from 'node:path';
import { readRepositoryFile } from '@backup-agent/core';
import type { BackupDeps } from '../../backup/job.ts';
import { damageFile } from '../../state/damage-note.ts';
import { requireOwnDevice } from '../../state/device-owner.ts';
import { machineId } from '../../state/machine.ts';
import type { CommandContext } from '../context.ts';
import { machineTools } from '../machine-tools.ts';
import { openStore, stateFolderOf } from '../open-repository.ts';
import { takeLock } from '../run/take-lock.ts';

/** Throws OTHER_MACHINE, RUN_ACTIVE, and what opening a repository throws. */
export async function openForRepair(
  context: CommandContext,
  { dryRun }: { readonly dryRun: boolean },
): Promise<BackupDeps> {
  const { access, surroundings, report, random, clock, folders } = context;
  const { platform, host, user, system, version } = surroundings;
  const place = context.repositoryPlace();
  const store = await openStore(access, { create: false });
  await readRepositoryFile(store);
  const repository = { store, device: context.device(), voidRule: place.type === 's3' };
  const stateFolder = stateFolderOf(access, place, folders.state);
  const machine = machineId({ platform, stateFolder: folders.state, random });
  await requireOwnDevice(repository, { machine, stateFolder });
  const lock = dryRun ? undefined : takeLock(context, { machine, device: repository.device, stateFolder });
  return {
    repository,
    journalFolder: path.join(stateFolder, 'journals'),
    damageFile: damageFile(stateFolder),
    pageCache: undefined,
    machine: { id: machine, host, user, system, agent: version },
    clock,
    random,
    report,
    signal: lock === undefined ? context.signal : AbortSignal.any([context.signal, lock.lost]),
    ...machineTools(context),
  };
}
