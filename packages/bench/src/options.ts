import { parseArgs } from 'node:util';
import path from 'node:path';
import { BackupError } from '@backup-agent/core';
import { CORPUS_NAMES, type CorpusName } from './corpus/corpus.ts';
import type { BucketLocation } from './s3/bucket.ts';
import { TOOL_NAMES, type ToolName } from './tools/tool.ts';

const TARGET_NAMES = ['local', 's3'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

export interface BenchOptions {
  readonly corpora: readonly CorpusName[];
  /** Measured instead of the corpora. */
  readonly corpusFolder: string | undefined;
  /** 1 is full size. */
  readonly scale: number;
  readonly targets: readonly TargetName[];
  readonly tools: readonly ToolName[];
  readonly rounds: number;
  readonly workFolder: string;
  readonly restoreFolder: string;
  readonly s3: BucketLocation | undefined;
  readonly jsonFile: string | undefined;
}

export interface Surroundings {
  /** What relative paths are relative to. */
  readonly folder: string;
  readonly temporaryFolder: string;
  /** A file system in memory, where there is one. */
  readonly memoryFolder: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

const QUICK_SCALE = 1 / 50;
const ROUNDS_DEFAULT = 3;
const ROUNDS_MAX = 100;

export const HELP = `pnpm bench [options]: measures this agent and restic, alternately, on the same files

  --only A,B,C            corpora to measure (default: all)
  --corpus-folder <dir>   measure a copy of this folder instead
  --quick                 corpora at 1/50 of their size, to try the bench out
  --rounds <n>            rounds to take medians of (default: ${ROUNDS_DEFAULT})
  --tools agent,restic    tools to measure (default: both)
  --targets local,s3      repositories to measure (default: local, and s3 if an endpoint is given)
  --s3-endpoint <url>     an S3-compatible server that is addressed by path
  --s3-access-key <id>    default: AWS_ACCESS_KEY_ID
  --s3-secret-key <key>   default: AWS_SECRET_ACCESS_KEY
  --s3-bucket <name>      default: backup-agent-bench; made if it is missing
  --s3-region <name>      default: us-east-1
  --work <dir>            for corpora (kept for the next time) and repositories (removed)
  --restore-to <dir>      where restores go (default: memory, where there is a file system in it)
  --json <file>           write every figure to this file
  --help
`;

const OPTIONS = {
  only: { type: 'string' },
  'corpus-folder': { type: 'string' },
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  tools: { type: 'string' },
  targets: { type: 'string' },
  's3-endpoint': { type: 'string' },
  's3-access-key': { type: 'string' },
  's3-secret-key': { type: 'string' },
  's3-bucket': { type: 'string' },
  's3-region': { type: 'string' },
  work: { type: 'string' },
  'restore-to': { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/**
 * The options of a command line, or 'help'.
 * @throws BackupError CONFIG_INVALID with one sentence for whatever does not fit.
 */
export function parseOptions(argv: readonly string[], around: Surroundings): BenchOptions | 'help' {
  const values = parseValues(argv);
  if (values.help) return 'help';
  const resolve = (given: string) => path.resolve(around.folder, given);
  const work = values.work === undefined ? around.temporaryFolder : resolve(values.work);
  const workFolder = path.join(work, 'backup-agent-bench');
  const s3 = parseS3(values, around.env);
  const targets = parseList('--targets', values.targets, TARGET_NAMES) ?? (s3 ? TARGET_NAMES : ['local']);
  if (targets.includes('s3') && !s3) throw invalid('the target s3 needs --s3-endpoint');
  if (values['corpus-folder'] !== undefined && (values.only !== undefined || values.quick)) {
    throw invalid('--corpus-folder takes the place of the corpora, so --only and --quick do not go with it');
  }
  const restore = values['restore-to'] === undefined ? around.memoryFolder : resolve(values['restore-to']);
  return {
    corpora: parseList('--only', values.only, CORPUS_NAMES) ?? CORPUS_NAMES,
    corpusFolder: values['corpus-folder'] === undefined ? undefined : resolve(values['corpus-folder']),
    scale: values.quick ? QUICK_SCALE : 1,
    targets,
    tools: parseList('--tools', values.tools, TOOL_NAMES) ?? TOOL_NAMES,
    rounds: parseRounds(values.rounds),
    workFolder,
    // Emptied before every restore, so it is always a folder of the bench's own.
    restoreFolder: path.join(restore ?? workFolder, 'backup-agent-bench-restored'),
    s3,
    jsonFile: values.json === undefined ? undefined : resolve(values.json),
  };
}

function parseValues(argv: readonly string[]) {
  // `pnpm bench -- --quick` hands on the two hyphens.
  const args = argv[0] === '--' ? argv.slice(1) : argv;
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

type Values = ReturnType<typeof parseValues>;

function parseS3(values: Values, env: NodeJS.ProcessEnv): BucketLocation | undefined {
  const endpoint = values['s3-endpoint'];
  if (endpoint === undefined) return undefined;
  const accessKey = values['s3-access-key'] ?? env['AWS_ACCESS_KEY_ID'];
  const secretKey = values['s3-secret-key'] ?? env['AWS_SECRET_ACCESS_KEY'];
  if (!accessKey || !secretKey) throw invalid('--s3-endpoint needs --s3-access-key and --s3-secret-key');
  return {
    endpoint: parseEndpoint(endpoint),
    region: values['s3-region'] ?? 'us-east-1',
    bucket: values['s3-bucket'] ?? 'backup-agent-bench',
    accessKey,
    secretKey,
  };
}

function parseEndpoint(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw invalid(`the endpoint "${text}" is not of the form http://host:port`);
  }
  return url.origin;
}

function parseRounds(text: string | undefined): number {
  if (text === undefined) return ROUNDS_DEFAULT;
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX) return rounds;
  throw invalid(`--rounds is "${text}", but has to be a whole number from 1 to ${ROUNDS_MAX}`);
}

function parseList<T extends string>(option: string, text: string | undefined, known: readonly T[]): T[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!known.some((one) => one === name))
      throw invalid(`${option} has "${name}", but only knows ${known.join(', ')}`);
  }
  return known.filter((one) => names.includes(one));
}

const invalid = (sentence: string) =>
  new BackupError('CONFIG_INVALID', sentence, { hint: '"pnpm bench --help" lists the options' });
