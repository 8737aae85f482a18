/**
 * One device is one machine: if two backed up under the same name, each would take the other's files for deleted. The
 * newest run record tells which machine was last; `adopt` makes this one the next.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BackupError, isNodeError, makeFolders, readRunRecords } from '@backup-agent/core';
import type { LandedRunRecord, Repository } from '@backup-agent/core';

export interface OwnerCheck {
  /** This machine, as machineId gives it. */
  readonly machine: string;
  /** Where this machine keeps what it knows of this device and repository. */
  readonly stateFolder: string;
}

/** Throws OTHER_MACHINE if another machine was the last to back up as this device and was not adopted since. */
export async function requireOwnDevice(repository: Repository, { machine, stateFolder }: OwnerCheck): Promise<void> {
  const last = await lastOfOther(repository, machine);
  // What was adopted is the state of then: if the other machine has run again since, it is not given up.
  if (last === undefined || readAdopted(stateFolder) === last.record.run) return;
  const { host } = last.record.machine;
  const until = last.landed.toISOString().slice(0, 10);
  throw new BackupError('OTHER_MACHINE', `device ${repository.device} was backed up until ${until} by ${host}`, {
    hint: '"backup-agent adopt" moves this device here; otherwise choose another name with --device',
  });
}

/** Moves the device to this machine. The record of the other machine's last run, or undefined if there was none. */
export async function adoptDevice(
  repository: Repository,
  { machine, stateFolder }: OwnerCheck,
): Promise<LandedRunRecord | undefined> {
  const last = await lastOfOther(repository, machine);
  if (last === undefined) return undefined;
  makeFolders(stateFolder, 0o700);
  writeFileSync(adoptedFile(stateFolder), `${last.record.run}\n`, { mode: 0o600 });
  return last;
}

async function lastOfOther(repository: Repository, machine: string): Promise<LandedRunRecord | undefined> {
  const [last] = (await readRunRecords(repository, { newest: 1 })).records;
  return last?.record.machine.id === machine ? undefined : last;
}

const adoptedFile = (stateFolder: string): string => path.join(stateFolder, 'adopted');

function readAdopted(stateFolder: string): string | undefined {
  try {
    return readFileSync(adoptedFile(stateFolder), 'utf8').trim();
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
