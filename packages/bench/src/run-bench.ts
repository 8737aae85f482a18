import path from 'node:path';
import { copyAsCorpus, ensureCorpus, removeCorpusCopy, type Corpus } from './corpus/corpus.ts';
import { warmTree } from './corpus/walk-tree.ts';
import { measureCommand, type Command, type Measurement } from './measure/measure-command.ts';
import type { BenchOptions, TargetName } from './options.ts';
import { requireSpace } from './rounds/require-space.ts';
import { runRound, type Round, type RoundDeps, type Sample } from './rounds/run-round.ts';
import { localWorkplace, s3Workplace, type Workplace } from './rounds/workplace.ts';
import { ensureBucket, type BucketLocation } from './s3/bucket.ts';
import { startCountingForwarder, type RequestCounts } from './s3/counting-forwarder.ts';
import type { Tool } from './tools/tool.ts';

/** Everything measured with one corpus and one kind of repository. */
export interface Group {
  readonly corpus: Omit<Corpus, 'root' | 'addedFileBytes'>;
  readonly target: TargetName;
  readonly samples: readonly Sample<Measurement>[];
  /** Of one round apart from the timed ones; empty for a local repository. */
  readonly requests: readonly Sample<RequestCounts>[];
}

export interface BenchDeps {
  readonly tools: readonly Tool[];
  /** Names this bench's objects in the bucket. */
  readonly benchId: string;
  readonly signal: AbortSignal;
  now(): Date;
  /** Waits until no file's times are so young that a tool has to read it again. */
  settle(): Promise<void>;
  /** Has the system write out what earlier commands left in memory. */
  sync(): Promise<void>;
  report(text: string): void;
}

/** Measures every corpus with every kind of repository. */
export async function runBench(options: BenchOptions, deps: BenchDeps): Promise<Group[]> {
  const groups: Group[] = [];
  if (options.targets.includes('s3') && options.s3) await ensureBucket(options.s3, deps.now);
  for await (const corpus of corporaOf(options, deps)) {
    await requireSpace(corpus, { ...options, repositories: deps.tools.length });
    const { root: _root, addedFileBytes: _bytes, ...described } = corpus;
    for (const target of options.targets) {
      const samples = await timedRounds({ corpus, target }, options, deps);
      const requests = target === 's3' && options.s3 ? await countedRound(corpus, options.s3, options, deps) : [];
      groups.push({ corpus: described, target, samples, requests });
    }
  }
  return groups;
}

async function* corporaOf(options: BenchOptions, deps: BenchDeps): AsyncGenerator<Corpus> {
  const folder = path.join(options.workFolder, 'corpora');
  if (options.corpusFolder !== undefined) {
    deps.report(`copying ${options.corpusFolder}`);
    try {
      yield await copyAsCorpus(options.corpusFolder, folder);
    } finally {
      await removeCorpusCopy(folder);
    }
    return;
  }
  for (const name of options.corpora) {
    deps.report(`making corpus ${name}, unless it is there from an earlier time`);
    yield await ensureCorpus(name, options.scale, folder);
  }
}

interface Subject {
  readonly corpus: Corpus;
  readonly target: TargetName;
}

async function timedRounds({ corpus, target }: Subject, options: BenchOptions, deps: BenchDeps) {
  const measure = async (command: Command) => {
    await deps.sync();
    return measureCommand(command, deps.signal);
  };
  const samples: Sample<Measurement>[] = [];
  await deps.settle();
  for (let number = 1; number <= options.rounds; number++) {
    warmTree(corpus.root);
    const workplaces =
      target === 's3' && options.s3
        ? s3Workplaces(options.s3, options.s3.endpoint, { name: `${corpus.name}/${number}`, options, deps })
        : deps.tools.map((tool) => localWorkplace(tool, path.join(options.workFolder, 'repositories', tool.name)));
    const restored = number === 1 ? 'compared' : 'not-compared';
    const round: Round = { number, corpus, workplaces, restoreFolder: options.restoreFolder, restored };
    samples.push(...(await runRound(round, roundDeps(measure, deps))));
  }
  return samples;
}

/** A round through the forwarder. Its times are not kept: the forwarder costs CPU of the same machine. */
async function countedRound(corpus: Corpus, s3: BucketLocation, options: BenchOptions, deps: BenchDeps) {
  const forwarder = await startCountingForwarder(s3.endpoint);
  const measure = async (command: Command) => {
    forwarder.takeCounts();
    await measureCommand(command, deps.signal);
    return forwarder.takeCounts();
  };
  try {
    const workplaces = s3Workplaces(s3, forwarder.endpoint, { name: `${corpus.name}/counted`, options, deps });
    const round: Round = {
      number: 1,
      corpus,
      workplaces,
      restoreFolder: options.restoreFolder,
      restored: 'not-compared',
    };
    return await runRound(round, roundDeps(measure, { ...deps, report: (text) => deps.report(`${text}, counted`) }));
  } finally {
    await forwarder.close();
  }
}

interface S3Naming {
  /** Of the corpus and round. */
  readonly name: string;
  readonly options: BenchOptions;
  readonly deps: BenchDeps;
}

function s3Workplaces(bucket: BucketLocation, endpoint: string, { name, options, deps }: S3Naming): Workplace[] {
  return deps.tools.map((tool) => {
    const prefix = `${deps.benchId}/${name}/${tool.name}`;
    const folder = path.join(options.workFolder, 'repositories', tool.name);
    return s3Workplace(tool, { bucket, prefix, endpoint, folder }, deps.now);
  });
}

const roundDeps = <Figures>(measure: RoundDeps<Figures>['measure'], deps: BenchDeps): RoundDeps<Figures> => ({
  measure,
  run: (command) => measureCommand(command, deps.signal),
  settle: deps.settle,
  report: deps.report,
});
