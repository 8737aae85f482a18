/** What records and snapshots of the model's runs say besides what matters to the protocol: a quiet day. */
import type { Committed, DeviceId, RunRecord } from '../../../src/index.ts';
import type { BackupPlan } from './backup.ts';

export const MACHINE = { id: 'machine', host: 'desk-1', user: 'user', system: 'model', agent: 'model' };

const COUNTS = {
  filesNew: 0,
  filesChanged: 0,
  filesUnchanged: 1000,
  filesDeleted: 0,
  filesUnreadable: 0,
  folders: 10,
  chunksNew: 0,
  chunksIncompressible: 0,
  packs: 0,
  objects: 2,
};

export const recordOf = (
  { run, roots }: BackupPlan,
  device: DeviceId,
  outcome: 'finished' | 'failed',
  committed: Committed | undefined,
): RunRecord => ({
  version: 1,
  run,
  device,
  machine: MACHINE,
  started: '2026-01-01T00:00:00.000Z',
  ended: '2026-01-01T00:00:00.000Z',
  outcome,
  exitCode: outcome === 'finished' ? 0 : 1,
  ...(committed === undefined ? {} : { committed: committed.committed }),
  roots: [...roots],
  counts: COUNTS,
  bytes: { total: 0, read: 0, new: 0, uploaded: 0 },
  problemCount: 0,
  problems: [],
});
