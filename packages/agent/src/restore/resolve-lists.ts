/** Large files name lists of their chunks, which are chunks themselves. */
import { isBackupError } from '@backup-agent/core';
import { ChunkReader } from '../catalog/read-chunks.ts';
import type { FilePlan } from './file-plan.ts';
import type { RestoreRun } from './restore-run.ts';

/** Gives the files their chunks; `onLost` hears of those whose lists are lost. */
export async function resolveLists(
  run: RestoreRun,
  plan: FilePlan,
  onLost: (file: number, reason: string) => void,
): Promise<void> {
  const { listed } = plan;
  if (listed.length === 0) return;
  const reader = new ChunkReader(run.deps.repository, run.locator);
  await reader.locate(listed.flatMap(({ lists }) => lists));
  for (const { file, lists } of listed) {
    try {
      const bytes: Uint8Array[] = [];
      for (const list of lists) bytes.push(await reader.read(list));
      plan.resolveLists(file, bytes);
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
      onLost(file, error.message);
    }
  }
}
