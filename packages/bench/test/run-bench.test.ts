import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ensureCorpus } from '../src/corpus/corpus.ts';
import type { BenchOptions } from '../src/options.ts';
import { runBench } from '../src/run-bench.ts';
import { standInTool, type StandInBehaviour } from './kit/stand-in-tool.ts';
import { temporaryFolder } from './kit/temporary-folder.ts';
import { describeTree } from './kit/trees.ts';

const SCALE = 1 / 1000;

function benchOf(rounds: number, restores: StandInBehaviour['restores']) {
  const folder = temporaryFolder();
  const logFile = path.join(folder, 'log');
  const options: BenchOptions = {
    corpora: ['B'],
    corpusFolder: undefined,
    scale: SCALE,
    targets: ['local'],
    tools: ['agent', 'restic'],
    rounds,
    workFolder: path.join(folder, 'work'),
    restoreFolder: path.join(folder, 'restored'),
    s3: undefined,
    jsonFile: undefined,
  };
  const run = (signal = new AbortController().signal) =>
    runBench(options, {
      tools: [standInTool('agent', { restores: 'well', logFile }), standInTool('restic', { restores, logFile })],
      benchId: 'bench',
      signal,
      now: () => new Date(0),
      settle: () => Promise.resolve(),
      report: () => {},
    });
  return { options, run, log: () => readFileSync(logFile, 'utf8').trim().split('\n') };
}

test('tools take turns in every step of every round', async () => {
  const { run, log } = benchOf(2, 'well');
  const [group] = await run();
  const round = ['backup agent', 'backup restic', 'backup agent', 'backup restic'];
  const rest = ['restore agent', 'restore restic', 'backup agent', 'backup restic'];
  expect(log()).toEqual([...round, ...rest, ...round, ...rest]);
  expect(group!.samples.map(({ round: number, tool, step }) => `${number} ${tool} ${step}`)).toEqual(
    [1, 2].flatMap((number) =>
      ['first', 'unchanged', 'restore', 'change'].flatMap((step) => [
        `${number} agent ${step}`,
        `${number} restic ${step}`,
      ]),
    ),
  );
});

test('what a repository holds is told after every step, beginning with an empty one in every round', async () => {
  const [group] = await benchOf(2, 'well').run();
  const { files } = group!.corpus;
  const objects = group!.samples.filter(({ tool }) => tool === 'agent').map(({ stored }) => stored.objects);
  // The stand-in stores every file of every snapshot; the change adds as many files as it removes here.
  const oneRound = [files, 2 * files, 2 * files, 3 * files];
  expect(objects).toEqual([...oneRound, ...oneRound]);
});

test('a bench leaves the corpus as it was and nothing else behind', async () => {
  const { options, run } = benchOf(1, 'well');
  const corpora = path.join(options.workFolder, 'corpora');
  const { root } = await ensureCorpus('B', SCALE, corpora);
  const before = describeTree(root);
  await run();
  expect(describeTree(root)).toEqual(before);
  expect(existsSync(options.restoreFolder)).toBe(false);
  expect(readdirSync(path.join(options.workFolder, 'repositories'))).toEqual([]);
  expect(readdirSync(corpora)).toEqual([path.basename(root), `${path.basename(root)}.json`]);
});

test('a wrong restore fails the bench, names what is wrong, and still tidies up', async () => {
  const { options, run } = benchOf(1, 'badly');
  await expect(run()).rejects.toMatchObject({
    code: 'FAILED',
    message: 'what restic restored is not corpus B: 1 difference: odd is not in the source',
  });
  expect(existsSync(options.restoreFolder)).toBe(false);
  expect(readdirSync(path.join(options.workFolder, 'repositories'))).toEqual([]);
});

test('an interrupted bench says so and tidies up', async () => {
  const { options, run } = benchOf(1, 'well');
  await expect(run(AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(readdirSync(path.join(options.workFolder, 'repositories'))).toEqual([]);
});
