/** What runs do and suffer. */
import type { Point } from './cast.ts';
import { pick } from './command.ts';
import type { CommandKind } from './command.ts';
import { goOn, listSlowly, stepOnce, writeBadly } from './moving.ts';
import type { Stage } from './stage.ts';

const ROOT_SETS = [['/a', '/b'], ['/a', '/b'], ['/a'], ['/b'], ['/']] as const;
const RUN_POINTS: readonly Point[] = [
  'end',
  'end',
  'list marks',
  'list packs',
  'put pack',
  'put index',
  'list snapshots',
  'put snapshot',
  'put snapshot',
  'look for snapshot',
  'put record',
];

/** Where a run is left that has just begun. */
const FIRST_POINTS: readonly Point[] = ['put pack', 'put index', 'list snapshots', 'put snapshot', 'list packs', 'end'];

const planOf = (roots: number, packs: number) => ({
  roots: pick(ROOT_SETS, roots),
  chunksPerPack: pick([2, 4, 1], packs),
  packsPerCheckpoint: pick([0, 1, 2], packs),
});

export const RUN_COMMANDS: readonly CommandKind[] = [
  {
    kind: 'run starts',
    weight: 6,
    max: [2, ROOT_SETS.length - 1, FIRST_POINTS.length * 3 - 1],
    perform: async (stage, { a, b, c }) => {
      await stage.startRun(a, planOf(b, c));
      return goOn(stage, stage.runs[a], pick(FIRST_POINTS, Math.floor(c / 3)), 0);
    },
  },
  {
    kind: 'run goes on',
    weight: 8,
    max: [2, RUN_POINTS.length - 1, 4],
    perform: (stage, { a, b, c }) => goOn(stage, stage.runs[a], pick(RUN_POINTS, b), c),
  },
  {
    kind: 'run goes on by a request',
    weight: 2,
    max: [2, 2, 0],
    perform: (stage, { a, b }) => stepOnce(stage, stage.runs[a], b),
  },
  {
    kind: 'write of a run fails',
    weight: 3,
    max: [2, 4, 5],
    perform: (stage, { a, b, c }) => writeBadly(stage, stage.runs[a], b, c),
  },
  {
    kind: 'listing of a run is slow',
    weight: 1,
    max: [2, 20, 0],
    perform: (stage, { a, b }) => listSlowly(stage, stage.runs[a], b),
  },
  {
    kind: 'run crashes',
    weight: 1.5,
    max: [2, 0, 0],
    perform: async (stage, { a }) => {
      if (stage.runs[a] !== undefined) stage.world.tally.note('run crashed');
      stage.runs[a] = undefined;
      return Promise.resolve();
    },
  },
  {
    kind: 'backup',
    weight: 5,
    max: [2, ROOT_SETS.length - 1, 2],
    perform: (stage, { a, b, c }) => backUpAtOnce(stage, a, b, c),
  },
];

/** A run from its beginning to its end, if the slot is free. */
export async function backUpAtOnce(stage: Stage, slot: number, roots: number, packs: number): Promise<void> {
  if (stage.runs.at(slot) !== undefined) return;
  await stage.startRun(slot, planOf(roots, packs));
  await goOn(stage, stage.runs[slot], 'end', 0);
}
