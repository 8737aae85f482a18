/** Plays many schedules; the first that breaks something is shortened and told so that it can be replayed. */
import fc from 'fast-check';
import { KINDS, play, scheduleOf } from './play.ts';
import type { Schedule } from './play.ts';
import { checkAll, quiesce } from './quiesce.ts';
import { shorten } from './shorten.ts';
import type { Stage } from './stage.ts';
import { Tally } from './tally.ts';

export interface ExplorationOptions {
  readonly sequences: number;
  readonly seed: number;
  readonly lengthMax: number;
  /** Of so many sequences one is followed by quiet nights, see quiesce. */
  readonly quiesceEvery: number;
}

export interface Exploration {
  readonly sequences: number;
  readonly lengthMedian: number;
  readonly commands: number;
  /** Ordered pairs of kinds of commands that followed one another. */
  readonly pairs: number;
  readonly pairsPossible: number;
  readonly milliseconds: number;
  readonly reached: Readonly<Record<string, number>>;
  readonly violation: string | undefined;
}

export async function explore(options: ExplorationOptions): Promise<Exploration> {
  const tally = new Tally();
  const pairs = new Set<string>();
  const lengths: number[] = [];
  const began = performance.now();
  const random = fc.sample(scheduleOf(options.lengthMax), { numRuns: options.sequences, seed: options.seed });
  let violation: string | undefined;
  for (const [number, schedule] of random.entries()) {
    const stage = await playAll(schedule, number % options.quiesceEvery === 0);
    const { commands } = schedule;
    lengths.push(commands.length);
    for (let i = 1; i < commands.length; i++) pairs.add(`${commands[i - 1]?.kind} > ${commands[i]?.kind}`);
    tally.add(stage.world.tally.counts);
    if (stage.world.ledger.violation === undefined) continue;
    violation = await told(schedule, `sequence ${number} of seed ${options.seed}`, number % options.quiesceEvery === 0);
    break;
  }
  return {
    sequences: lengths.length,
    lengthMedian: lengths.sort((a, b) => a - b)[lengths.length >> 1] ?? 0,
    commands: lengths.reduce((sum, length) => sum + length, 0),
    pairs: pairs.size,
    pairsPossible: KINDS.length ** 2,
    milliseconds: Math.round(performance.now() - began),
    reached: Object.fromEntries(tally.sorted()),
    violation,
  };
}

async function playAll(schedule: Schedule, isQuiesced: boolean): Promise<Stage> {
  const stage = await play(schedule);
  if (stage.world.ledger.violation !== undefined) return stage;
  await checkAll(stage);
  if (isQuiesced) await quiesce(stage);
  return stage;
}

/** What happens in a schedule, with quiet nights at its end. */
export async function replay(schedule: Schedule): Promise<string> {
  const { world, log } = await playAll(schedule, true);
  return [...log, world.ledger.violation ?? 'nothing is wrong'].join('\n');
}

async function told(schedule: Schedule, which: string, isQuiesced: boolean): Promise<string> {
  const breaks = async (shorter: Schedule): Promise<boolean> =>
    (await playAll(shorter, isQuiesced)).world.ledger.violation !== undefined;
  const short = await shorten(schedule, breaks);
  return [
    `${which}, ${short.commands.length} of ${schedule.commands.length} commands, ${JSON.stringify(short.settings)}:`,
    await replay(short),
    `to replay, give run-exploration.ts: ${JSON.stringify(short)}`,
  ].join('\n');
}
