/** Opens the repository of a run: a local one is made by the first run, one on S3 never. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BackupError, DEFAULT_POLICY, isBackupError, makeFolders } from '@backup-agent/core';
import type { ReadWriteStore } from '@backup-agent/core';
import { createRepository, refuseForeignFolder } from '../../repository/create-repository.ts';
import type { CommandContext, OpenedRepository } from '../context.ts';
import { openStore, stateFolderOf } from '../open-repository.ts';

/** Throws REPOSITORY_MISSING also for a local repository that was there before: its disk may not be connected. */
export async function openForRun(
  context: CommandContext,
  { dryRun }: { readonly dryRun: boolean },
): Promise<OpenedRepository<ReadWriteStore>> {
  try {
    return await context.openRepositoryForWriting();
  } catch (error) {
    const place = context.repositoryPlace();
    if (place.type !== 'local' || dryRun || !isBackupError(error, 'REPOSITORY_MISSING')) throw error;
    if (wasThere(stateFolderOf(context.access, place, context.folders.state))) throw goneMissing(place.path, error);
    await makeLocal(place.path, context);
    return context.openRepositoryForWriting();
  }
}

async function makeLocal(
  folder: string,
  { access, report, clock, random, surroundings }: CommandContext,
): Promise<void> {
  refuseForeignFolder(folder);
  const store = await openStore(access, { create: true });
  const by = `${surroundings.user}@${surroundings.host}`;
  await createRepository(store, { policy: DEFAULT_POLICY, by, now: clock.now(), random });
  report({ type: 'note', message: `Made a new repository in ${folder}.` });
}

const goneMissing = (folder: string, cause: BackupError): BackupError =>
  new BackupError(
    'REPOSITORY_MISSING',
    `the repository in ${folder} is gone; there was one when this machine last backed up`,
    {
      hint: 'connect its disk; to begin anew, use "backup-agent init"',
      cause,
    },
  );

const markFile = (stateFolder: string): string => path.join(stateFolder, 'backed-up');
const wasThere = (stateFolder: string): boolean => existsSync(markFile(stateFolder));

/** Remembers that the repository exists, so that an empty mount point is not taken for a new one. */
export function rememberRepository(stateFolder: string): void {
  if (wasThere(stateFolder)) return;
  makeFolders(stateFolder, 0o700);
  writeFileSync(markFile(stateFolder), '', { mode: 0o600 });
}
