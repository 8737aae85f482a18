/** Run records as a test writes them: what is left out is that of a quiet day. */
import { parseDeviceId, parseRunId } from '../../src/index.ts';
import type { LandedRunRecord, RunRecord } from '../../src/index.ts';

const QUIET = {
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

export interface RecordSketch {
  readonly landed: Date;
  readonly record?: Partial<RunRecord>;
  readonly counts?: Partial<RunRecord['counts']>;
}

export const landedRecord = ({ landed, record, counts }: RecordSketch): LandedRunRecord => ({
  landed,
  record: {
    version: 1,
    run: parseRunId('20260101T000000Z-00000000'),
    device: parseDeviceId('desk-1'),
    machine: { id: 'machine', host: 'desk-1', user: 'ada', system: 'linux', agent: 'test' },
    started: landed.toISOString(),
    ended: landed.toISOString(),
    outcome: 'finished',
    exitCode: 0,
    roots: ['/home/ada'],
    counts: { ...QUIET, ...counts },
    bytes: { total: 0, read: 0, new: 0, uploaded: 0 },
    problemCount: 0,
    problems: [],
    ...record,
  },
});
