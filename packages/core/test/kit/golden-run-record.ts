/** A run record with all members that may be absent: what an agent writes that counts the endings of new files. */
import { encodeRunRecord } from '../../src/index.ts';
import { GOLDEN_DEVICE, GOLDEN_RUNS } from './golden-repository.ts';

export const goldenRunRecord = (): Buffer =>
  encodeRunRecord({
    version: 1,
    run: GOLDEN_RUNS[1],
    device: GOLDEN_DEVICE,
    machine: { id: '2f1c7f5e0d3a4b52', host: 'desk-1.example', user: 'ada', system: 'linux 6.1 x64', agent: '0.2.0' },
    started: '2026-01-06T08:00:10.000Z',
    ended: '2026-01-06T08:09:30.000Z',
    outcome: 'failed',
    exitCode: 1,
    error: { code: 'STORE_UNREACHABLE', message: 'the store did not answer' },
    roots: ['/home/ada/Documents'],
    counts: {
      filesNew: 1250,
      filesChanged: 3,
      filesUnchanged: 800,
      filesDeleted: 1234,
      filesUnreadable: 1,
      folders: 40,
      chunksNew: 1300,
      chunksIncompressible: 1290,
      packs: 9,
      objects: 10,
    },
    bytes: { total: 4_000_000_000, read: 400_000_000, new: 399_000_000, uploaded: 398_000_000 },
    newEndings: [
      { ending: '.locked', files: 1234 },
      { ending: '.txt', files: 12 },
      { ending: '', files: 4 },
    ],
    problemCount: 1,
    problems: [{ path: '/home/ada/Documents/a', reason: 'locked' }],
  });
