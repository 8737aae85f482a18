import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ensureCorpus } from '../src/corpus/corpus.ts';
import type { BenchOptions } from '../src/options.ts';
import { runBench, type Group } from '../src/run-bench.ts';
import { standInTool, type StandInBehaviour } from './kit/stand-in-tool.ts';
import { describeTree, writeTree } from './kit/trees.ts';

/** 40 files. */
const SCALE = 1 / 2500;

function benchOf(rounds: number, restores: StandInBehaviour['restores']) {
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'bench-test-'));
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
  const run = (signal = new AbortController().signal, chosen = options) =>
    runBench(chosen, {
      tools: [standInTool('agent', { restores: 'well', logFile }), standInTool('restic', { restores, logFile })],
      benchId: 'bench',
      signal,
      now: () => new Date(0),
      settle: () => Promise.resolve(),
      sync: () => Promise.resolve(),
      report: () => {},
    });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { options, run, remove, log: () => readFileSync(logFile, 'utf8').trim().split('\n') };
}

describe('a bench of two rounds', () => {
  let bench: ReturnType<typeof benchOf>;
  let group: Group;
  let root: string;
  let before: string[];

  beforeAll(async () => {
    bench = benchOf(2, 'well');
    ({ root } = await ensureCorpus('B', SCALE, path.join(bench.options.workFolder, 'corpora')));
    before = describeTree(root);
    [group] = (await bench.run()) as [Group];
  });
  afterAll(() => bench.remove());

  test('lets the tools take turns in every step', () => {
    const round = ['backup agent', 'backup restic', 'backup agent', 'backup restic'];
    const rest = ['restore agent', 'restore restic', 'backup agent', 'backup restic'];
    expect(bench.log()).toEqual([...round, ...rest, ...round, ...rest]);
    const samples = group.samples.map(({ round: number, tool, step }) => `${number} ${step} ${tool}`);
    expect(samples).toEqual(
      [1, 2].flatMap((number) =>
        ['first', 'unchanged', 'restore', 'change'].flatMap((step) => [
          `${number} ${step} agent`,
          `${number} ${step} restic`,
        ]),
      ),
    );
  });

  test('begins every round with an empty repository, and tells what it holds after every step', () => {
    const { files } = group.corpus;
    const objects = group.samples.filter(({ tool }) => tool === 'agent').map(({ stored }) => stored.objects);
    // The stand-in stores every file of every snapshot; the change adds as many files as it removes here.
    const oneRound = [files, 2 * files, 2 * files, 3 * files];
    expect(objects).toEqual([...oneRound, ...oneRound]);
  });

  test('leaves the corpus as it was and nothing else behind', () => {
    expect(describeTree(root)).toEqual(before);
    expect(existsSync(bench.options.restoreFolder)).toBe(false);
    expect(readdirSync(path.join(bench.options.workFolder, 'repositories'))).toEqual([]);
    expect(readdirSync(path.dirname(root))).toEqual([path.basename(root), `${path.basename(root)}.json`]);
  });
});

test('a wrong restore fails the bench, names what is wrong, and still tidies up', async () => {
  const { options, run, remove } = benchOf(1, 'badly');
  onTestFinished(remove);
  await expect(run()).rejects.toMatchObject({
    code: 'FAILED',
    message: 'what restic restored is not corpus B: 1 difference: odd is not in the source',
  });
  expect(existsSync(options.restoreFolder)).toBe(false);
  expect(readdirSync(path.join(options.workFolder, 'repositories'))).toEqual([]);
});

test('a folder of the user is measured, left as it was, and its copy does not stay', async () => {
  const { options, run, remove } = benchOf(1, 'well');
  onTestFinished(remove);
  const corpusFolder = path.join(path.dirname(options.workFolder), 'letters');
  writeTree(corpusFolder, { 'a.txt': 'hello', 'b.txt': 'world' });
  const before = describeTree(corpusFolder);
  const [group] = await run(undefined, { ...options, corpusFolder });
  expect(group!.corpus).toMatchObject({ name: 'letters', files: 2, bytes: 10 });
  expect(describeTree(corpusFolder)).toEqual(before);
  expect(readdirSync(path.join(options.workFolder, 'corpora'))).toEqual([]);
});

test('an interrupted bench says so and tidies up', async () => {
  const { options, run, remove } = benchOf(1, 'well');
  onTestFinished(remove);
  await expect(run(AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(readdirSync(path.join(options.workFolder, 'repositories'))).toEqual([]);
});
