/** Plays a schedule, and ends it: everything stops, and what must then hold is looked at. */
import fc from 'fast-check';
import type { NightSettings } from '../../../src/maintenance/night.ts';
import { commandOf } from './command.ts';
import type { Command, CommandKind } from './command.ts';
import { NIGHT_COMMANDS } from './night-commands.ts';
import { RUN_COMMANDS } from './run-commands.ts';
import { Stage } from './stage.ts';
import { FIRST_POLICY, WORLD_COMMANDS, usualDays } from './world-commands.ts';

export const KINDS: readonly CommandKind[] = [...RUN_COMMANDS, ...NIGHT_COMMANDS, ...WORLD_COMMANDS];
const BY_NAME = new Map(KINDS.map((kind) => [kind.kind, kind]));
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface Schedule {
  readonly settings: Partial<NightSettings>;
  /** So many usual days went before. */
  readonly history: number;
  readonly commands: readonly Command[];
}

/** Those that one deploys, and tighter ones: a rule that is needed must not be hidden by a margin. */
const SETTINGS: readonly Partial<NightSettings>[] = [
  {},
  { removedShareMax: 1 },
  { resumeMs: 0, removedShareMax: 1 },
  { graceMs: 46 * MINUTE_MS, resumeMs: 0 },
  { graceMs: 46 * MINUTE_MS, resumeMs: DAY_MS, removedShareMax: 1 },
];

/** Schedules in which now runs, now nights, now the world is busier. */
export const scheduleOf = (lengthMax: number): fc.Arbitrary<Schedule> =>
  fc.record({
    settings: fc.constantFrom(...SETTINGS),
    history: fc.constantFrom(0, 0, 0, 2),
    commands: fc.oneof(
      ...[
        [1, 1, 1],
        [2, 1, 1],
        [1, 2, 1],
        [1, 1, 0.4],
      ].map(([runs = 1, nights = 1, world = 1]) =>
        fc.noBias(fc.array(anyOf(runs, nights, world), { minLength: 1, maxLength: lengthMax, size: 'max' })),
      ),
    ),
  });

const anyOf = (runs: number, nights: number, world: number): fc.Arbitrary<Command> =>
  fc.oneof(...weighted(RUN_COMMANDS, runs), ...weighted(NIGHT_COMMANDS, nights), ...weighted(WORLD_COMMANDS, world));

const weighted = (kinds: readonly CommandKind[], times: number) =>
  kinds.map((kind) => ({ weight: Math.round(kind.weight * 4 * times), arbitrary: commandOf(kind) }));

/** Ends early at the first violation. */
export async function play({ settings, history, commands }: Schedule): Promise<Stage> {
  const stage = new Stage(settings);
  await stage.world.words.policy(FIRST_POLICY);
  await usualDays(stage, history, 0, 0);
  for (const command of commands) {
    stage.say(`${command.kind} ${command.a} ${command.b} ${command.c}`);
    await BY_NAME.get(command.kind)?.perform(stage, command);
    if (stage.world.ledger.violation !== undefined) break;
  }
  return stage;
}
