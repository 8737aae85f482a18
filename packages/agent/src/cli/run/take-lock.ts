/** The lock of a run: in a local repository beside the data, for S3 in this machine's state folder. */
import path from 'node:path';
import { isNodeError } from '@backup-agent/core';
import type { DeviceId } from '@backup-agent/core';
import { bootId } from '../../state/machine.ts';
import { openProcessTable } from '../../state/processes.ts';
import { takeRunLock } from '../../state/run-lock.ts';
import type { RunLock } from '../../state/run-lock.ts';
import type { CommandContext } from '../context.ts';

export interface LockedRun {
  readonly machine: string;
  readonly device: DeviceId;
  readonly stateFolder: string;
}

/** Released when the command ends. Throws RUN_ACTIVE. */
export function takeLock(context: CommandContext, { machine, device, stateFolder }: LockedRun): RunLock {
  const place = context.repositoryPlace();
  const file =
    place.type === 'local' ? path.join(place.path, 'tmp', `${device}.lock`) : path.join(stateFolder, 'run.lock');
  const { surroundings, clock, random } = context;
  const { platform, host } = surroundings;
  const processes = openProcessTable({ platform, boot: bootId(platform), now: clock.now() });
  const lock = takeRunLock(file, { machine, host, processes, random });
  context.onEnd(() => {
    try {
      lock.release();
    } catch (error) {
      // A repository that can no longer be reached keeps a lock that the next run finds stale.
      if (!isNodeError(error)) throw error;
    }
  });
  return lock;
}
