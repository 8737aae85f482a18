/** Maintains this machine's device in a local repository, under the lock that runs take too. */
import { FOLDER_SETTINGS, maintainDevice, makeRunId, overlayStore, readRepositoryFile } from '@backup-agent/core';
import type { MaintainedDevice, ObjectStore, Repository } from '@backup-agent/core';
import { requireOwnDevice } from '../../state/device-owner.ts';
import { machineId } from '../../state/machine.ts';
import type { CommandContext } from '../context.ts';
import { openStore, stateFolderOf } from '../open-repository.ts';
import { takeLock } from '../run/take-lock.ts';
import type { LockedRun } from '../run/take-lock.ts';
import { exitCodeOf, jsonOfDevice, tellDecisions, tellDevice } from './tell-device.ts';

/** Throws OTHER_MACHINE for a device that another machine backs up as, RUN_ACTIVE beside a run. */
export async function maintainFolder(
  context: CommandContext,
  { dryRun }: { readonly dryRun: boolean },
): Promise<number> {
  const { out, surroundings, folders, random } = context;
  const reader = await openStore(context.access, { create: false });
  await readRepositoryFile(reader);
  const stateFolder = stateFolderOf(context.access, context.repositoryPlace(), folders.state);
  const device = context.device();
  const machine = machineId({ platform: surroundings.platform, stateFolder: folders.state, random });
  await requireOwnDevice({ store: reader, device, voidRule: false }, { machine, stateFolder });
  const store = dryRun ? overlayStore(reader) : await openLocked(context, { machine, device, stateFolder });
  const maintained = await maintainHere(context, { store, device, voidRule: false });
  out.json({ repository: store.location, dryRun, ...jsonOfDevice(maintained) });
  if (dryRun) tellDecisions(out, maintained.decisions);
  tellDevice(out, maintained.result, { dryRun });
  return exitCodeOf(maintained.result);
}

/** Takes the lock. Whoever loses it may remove nothing any more: another run may rest on it. */
function openLocked(context: CommandContext, locked: LockedRun): Promise<ObjectStore> {
  const { lost } = takeLock(context, locked);
  return openStore({ ...context.access, signal: AbortSignal.any([context.signal, lost]) }, { create: false });
}

/** One night of the device; the caller holds its lock. */
export const maintainHere = (
  { clock, random }: CommandContext,
  repository: Repository<ObjectStore>,
): Promise<MaintainedDevice> =>
  maintainDevice(
    repository,
    { id: makeRunId(clock.now(), random(4)), settings: FOLDER_SETTINGS, isReported: false },
    { hasTime: () => true },
  );
