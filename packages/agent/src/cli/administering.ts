/** What the commands of administrators have in common. */
import { BackupError, BY_LENGTH_MAX, isBackupError, REASON_LENGTH_MAX, parseDeviceId } from '@backup-agent/core';
import type { DeviceId, NewestWord, ObjectReader, ReadWriteStore, Repository, WordDeps } from '@backup-agent/core';
import { knownDevices } from '../administer/fleet.ts';
import type { CommandContext } from './context.ts';
import { didYouMean } from './suggest.ts';

export interface Administering {
  readonly repository: Repository<ReadWriteStore>;
  readonly deps: WordDeps;
  /** Who speaks, for people. */
  readonly by: string;
}

/** Opens the repository for `work`. On S3 a refusal says whose role is needed. */
export async function administering<Value>(
  { openRepositoryForWriting, repositoryPlace, clock, random, surroundings }: CommandContext,
  work: (admin: Administering) => Promise<Value>,
): Promise<Value> {
  try {
    const { repository } = await openRepositoryForWriting();
    const by = `${surroundings.user}@${surroundings.host}`.slice(0, BY_LENGTH_MAX);
    return await work({ repository, by, deps: { store: repository.store, now: clock.now(), random } });
  } catch (cause) {
    if (!isBackupError(cause, 'ACCESS_DENIED') || repositoryPlace().type !== 's3') throw cause;
    const advice = "this command needs the administrator's role on the repository (AWS_PROFILE chooses credentials)";
    throw new BackupError('ACCESS_DENIED', cause.message, {
      cause,
      hint: cause.hint === undefined ? advice : `${advice}; ${cause.hint}`,
      ...(cause.key === undefined ? {} : { key: cause.key }),
    });
  }
}

/** The device of this name. Throws CONFIG_INVALID if the repository knows none: a mistyped one would stay unheld. */
export async function requireDevice(text: string, store: ObjectReader): Promise<DeviceId> {
  const device = parseDeviceId(text);
  const known = await knownDevices(store);
  if (known.includes(device)) return device;
  throw new BackupError('CONFIG_INVALID', `there is no device "${device}" in ${store.location}`, {
    hint: didYouMean(device, known) ?? '"backup-agent device list" shows them',
  });
}

export const REASON_ARG = { type: 'text', value: 'text', describe: 'why, for whoever reads it later' } as const;

/** Throws CONFIG_INVALID for a reason that is too long. */
export function checkedReason(reason: string | undefined): string | undefined {
  if (reason === undefined || reason.length <= REASON_LENGTH_MAX) return reason;
  throw new BackupError('CONFIG_INVALID', `--reason: ${reason.length} characters are more than ${REASON_LENGTH_MAX}`);
}

/** Who said it, when and why, for --json; nulls if nobody did. */
export function sayingJson(
  said: NewestWord<{ readonly by: string; readonly reason?: string | undefined }> | undefined,
): object {
  return { since: said?.landed ?? null, by: said?.word.by ?? null, reason: said?.word.reason ?? null };
}
