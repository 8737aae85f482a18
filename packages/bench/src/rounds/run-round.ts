import { mkdir, rm } from 'node:fs/promises';
import { BackupError } from '@backup-agent/core';
import { applyChange } from '../change/apply-change.ts';
import { revertChange } from '../change/stash.ts';
import { compareTrees } from '../compare-trees.ts';
import type { Corpus } from '../corpus/corpus.ts';
import type { Command } from '../measure/measure-command.ts';
import type { Stored } from '../s3/bucket.ts';
import type { ToolName } from '../tools/tool.ts';
import type { Workplace } from './workplace.ts';

/** What is measured, in the order of the report. */
export const STEPS = ['first', 'unchanged', 'change', 'restore'] as const;
export type Step = (typeof STEPS)[number];

export interface Sample<Figures> {
  readonly round: number;
  readonly tool: ToolName;
  readonly step: Step;
  readonly figures: Figures;
  /** What the repository held afterwards. */
  readonly stored: Stored;
}

export interface Round {
  /** From 1. */
  readonly number: number;
  readonly corpus: Corpus;
  readonly workplaces: readonly Workplace[];
  /** Made before and removed after every restore. */
  readonly restoreFolder: string;
  /** Whether restored trees are compared with the source, or only made. */
  readonly restored: 'compared' | 'not-compared';
}

export interface RoundDeps<Figures> {
  measure(command: Command): Promise<Figures>;
  /** Runs a command that is not measured. */
  run(command: Command): Promise<unknown>;
  /** Waits until no file's times are so young that a tool has to read it again. */
  settle(): Promise<void>;
  report(text: string): void;
}

/**
 * One repository per tool, from nothing to the restore; in every step all tools take their turn before the next step
 * begins, so that whatever else the machine does meets them alike. The restore comes before the change, because it is
 * compared with the tree as it is. The change is taken back in any case.
 */
export async function runRound<Figures>(round: Round, deps: RoundDeps<Figures>): Promise<Sample<Figures>[]> {
  const { corpus, workplaces, restoreFolder } = round;
  const samples: Sample<Figures>[] = [];
  const inTurn = async (step: Step, work: (workplace: Workplace) => Promise<Figures>) => {
    for (const workplace of workplaces) {
      const tool = workplace.tool.name;
      deps.report(`${corpus.name} ${workplace.place.repository.kind}, round ${round.number}: ${step} by ${tool}`);
      const figures = await work(workplace);
      samples.push({ round: round.number, tool, step, figures, stored: await workplace.stored() });
    }
  };
  const backUp = ({ tool, place }: Workplace) => deps.measure(tool.backup(place, corpus.root));

  try {
    await inTurn('first', async (workplace) => {
      await workplace.clear();
      const init = workplace.tool.init(workplace.place);
      if (init) await deps.run(init);
      return backUp(workplace);
    });
    await inTurn('unchanged', backUp);
    await inTurn('restore', (workplace) => restore(workplace, round, deps));
    applyChange(corpus, round.number);
    await deps.settle();
    await inTurn('change', backUp);
    return samples;
  } finally {
    revertChange(corpus.root);
    await rm(restoreFolder, { recursive: true, force: true });
    for (const workplace of workplaces) await workplace.remove();
    await deps.settle();
  }
}

async function restore<Figures>({ tool, place }: Workplace, round: Round, deps: RoundDeps<Figures>): Promise<Figures> {
  const { corpus, restoreFolder } = round;
  await mkdir(restoreFolder, { recursive: true });
  const figures = await deps.measure(tool.restore(place, restoreFolder));
  if (round.restored === 'compared') {
    const differences = compareTrees(corpus.root, tool.restoredRoot(restoreFolder, corpus.root));
    if (differences.length > 0) throw wrongRestore(tool.name, corpus, differences);
  }
  await rm(restoreFolder, { recursive: true, force: true });
  return figures;
}

const DIFFERENCES_SHOWN_MAX = 10;

function wrongRestore(tool: ToolName, corpus: Corpus, differences: readonly string[]): BackupError {
  const shown = differences.slice(0, DIFFERENCES_SHOWN_MAX).join('; ');
  const count = `${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}`;
  return new BackupError('FAILED', `what ${tool} restored is not corpus ${corpus.name}: ${count}: ${shown}`);
}
