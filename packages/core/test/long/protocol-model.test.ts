/**
 * The deletion protocol, explored: real runs, nights and undos over a store that loses, delays and repeats, two processes
 * at a time. What is modelled and what not is told in docs/collection.md.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Exploration, ExplorationOptions } from '../protocol/model/explore.ts';
import { Tally } from '../protocol/model/tally.ts';

const PROGRAM = join(import.meta.dirname, '../protocol/model/run-exploration.ts');
const SEEDS = [1_000_001, 2_000_003];
const SEQUENCES_EACH = 5_100;
const MINUTES_MAX = 15;

/** What must have happened so often, or nothing was proved about it. */
const REACHED: Readonly<Record<string, number>> = {
  committed: 20_000,
  'run crashed': 500,
  'commit finds marked packs': 500,
  'commit finds missing packs': 200,
  'committed on an anchor': 30,
  'not-anchored': 10,
  'carried forward': 1_000,
  'unfinished committed': 500,
  'snapshot expired': 5_000,
  'void snapshot landed': 1_000,
  'void snapshot removed': 500,
  'late write lands': 1_000,
  'listing of two pages': 500,
  'another was first: marks': 50,
  'pack marked dead': 5_000,
  'pack marked retiring': 2_000,
  'pack removed': 5_000,
  'removal deferred to later nights': 500,
  'night died': 100,
  'night refused: HELD': 1_000,
  'index compacted': 300,
  'index segment removed': 3_000,
  'undo ended': 500,
  'snapshot brought back': 50,
  quiesced: 500,
};

describe('ten thousand schedules', () => {
  let explorations: Exploration[] = [];
  const reached = new Tally();

  beforeAll(async () => {
    explorations = await Promise.all(SEEDS.map(exploreApart));
    for (const exploration of explorations) reached.add(Object.entries(exploration.reached));
    console.log(figuresOf(explorations, reached));
  }, MINUTES_MAX * 60_000);

  test('every listed snapshot restores at every moment, and nothing unreferenced is left', () => {
    for (const { violation } of explorations) expect(violation).toBeUndefined();
  });

  test('there are at least ten thousand, with a median of at least forty commands', () => {
    expect(explorations.reduce((sum, { sequences }) => sum + sequences, 0)).toBeGreaterThanOrEqual(10_000);
    for (const { lengthMedian } of explorations) expect(lengthMedian).toBeGreaterThanOrEqual(40);
  });

  test('every kind of command followed every other', () => {
    for (const { pairs, pairsPossible } of explorations) expect(pairs).toBe(pairsPossible);
  });

  test.each(Object.entries(REACHED))('%s, at least %i times', (event, times) => {
    expect(reached.counts.get(event) ?? 0).toBeGreaterThanOrEqual(times);
  });
});

async function exploreApart(seed: number): Promise<Exploration> {
  const options: ExplorationOptions = { sequences: SEQUENCES_EACH, seed, lengthMax: 88, quiesceEvery: 12 };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [PROGRAM, JSON.stringify(options)], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Exploration;
}

function figuresOf(explorations: readonly Exploration[], reached: Tally): string {
  const sequences = explorations.reduce((sum, exploration) => sum + exploration.sequences, 0);
  const commands = explorations.reduce((sum, exploration) => sum + exploration.commands, 0);
  const seconds = Math.max(...explorations.map(({ milliseconds }) => milliseconds)) / 1000;
  const events = reached.sorted().map(([event, times]) => `  ${times} ${event}`);
  return [`${sequences} sequences, ${commands} commands, ${Math.round(seconds)} s; reached:`, ...events].join('\n');
}
