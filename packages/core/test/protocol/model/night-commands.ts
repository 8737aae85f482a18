/** What nights and undos do and suffer. */
import type { Point } from './cast.ts';
import { pick } from './command.ts';
import type { CommandKind } from './command.ts';
import { goOn, listSlowly, stepOnce, writeBadly } from './moving.ts';
import type { Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const NIGHT_MS = 24 * HOUR_MS;
const NIGHT_POINTS: readonly Point[] = [
  'end',
  'end',
  'end',
  'list marks',
  'look at the device',
  'list snapshots',
  'put marks',
  'put marks',
  'remove snapshot',
  'remove pack',
  'remove pack',
  'remove index',
  'put index',
  'put result',
];
/** Where a night is left that has just begun. */
const FIRST_POINTS: readonly Point[] = [
  'list packs',
  'put marks',
  'put marks',
  'remove snapshot',
  'remove pack',
  'remove pack',
];
const UNDO_POINTS: readonly Point[] = ['end', 'put marks', 'list packs', 'undelete', 'end'];

export const NIGHT_COMMANDS: readonly CommandKind[] = [
  {
    kind: 'night starts',
    weight: 6,
    max: [3, FIRST_POINTS.length - 1, 0],
    perform: async (stage, { a, b }) => {
      await stage.startNight(a);
      return goOn(stage, stage.nights[a]?.actor, pick(FIRST_POINTS, b), 0);
    },
  },
  {
    kind: 'night goes on',
    weight: 8,
    max: [3, NIGHT_POINTS.length - 1, 4],
    perform: (stage, { a, b, c }) => goOn(stage, stage.nights[a]?.actor, pick(NIGHT_POINTS, b), c),
  },
  {
    kind: 'night goes on by a request',
    weight: 2,
    max: [3, 2, 0],
    perform: (stage, { a, b }) => stepOnce(stage, stage.nights[a]?.actor, b),
  },
  {
    kind: 'write of a night fails',
    weight: 3,
    max: [3, 4, 5],
    perform: (stage, { a, b, c }) => writeBadly(stage, stage.nights[a]?.actor, b, c),
  },
  {
    kind: 'listing of a night is slow',
    weight: 1,
    max: [3, 20, 0],
    perform: (stage, { a, b }) => listSlowly(stage, stage.nights[a]?.actor, b),
  },
  {
    kind: 'night dies',
    weight: 1,
    max: [3, 0, 0],
    perform: async (stage, { a }) => {
      if (stage.nights[a] !== undefined) stage.world.tally.note('night died');
      stage.nights[a] = undefined;
      return Promise.resolve();
    },
  },
  {
    kind: 'night is delivered again',
    weight: 1,
    max: [2, 2, 0],
    perform: (stage, { a, b }) => stage.startNight(a, stage.nightIds[b]),
  },
  {
    kind: 'night runs out of time',
    weight: 1,
    max: [3, 0, 0],
    perform: async (stage, { a }) => {
      const night = stage.nights[a];
      if (night !== undefined) night.hasTime = false;
      return goOn(stage, night?.actor, 'end', 0);
    },
  },
  { kind: 'whole night', weight: 6, max: [3, 0, 0], perform: (stage, { a }) => nightAtOnce(stage, a) },
  {
    kind: 'nights pass',
    weight: 3,
    max: [1, 1, 0],
    perform: async (stage, { a, b }) => {
      for (let night = 0; night <= b; night++) {
        await nightAtOnce(stage, a === 0 ? 2 : 3);
        await stage.world.pass(Math.max(NIGHT_MS, stage.world.settings.graceMs));
      }
    },
  },
  {
    kind: 'nights overlap',
    weight: 2,
    max: [FIRST_POINTS.length - 1, 26, 0],
    perform: async (stage, { a, b }) => {
      for (const slot of [0, 1]) {
        await stage.startNight(slot);
        await goOn(stage, stage.nights[slot]?.actor, 'put marks', 0);
        await stage.world.pass(b * HOUR_MS);
      }
      await goOn(stage, stage.nights[1]?.actor, 'end', 0);
      return goOn(stage, stage.nights[0]?.actor, pick(FIRST_POINTS, a), 0);
    },
  },
  {
    kind: 'undo starts',
    weight: 1,
    max: [0, 2, 0],
    perform: (stage, { b }) => stage.startUndo(stage.world.device(0), b),
  },
  {
    kind: 'undo goes on',
    weight: 2,
    max: [UNDO_POINTS.length - 1, 2, 0],
    perform: (stage, { a, b }) => goOn(stage, stage.undo, pick(UNDO_POINTS, a), b),
  },
];

/** A night from its beginning to its end, if the slot is free. */
export async function nightAtOnce(stage: Stage, slot: number): Promise<void> {
  if (stage.nights.at(slot) !== undefined) return;
  await stage.startNight(slot);
  await goOn(stage, stage.nights[slot]?.actor, 'end', 0);
}
