import type { Measurement } from '../measure/measure-command.ts';
import { STEPS, type Step } from '../rounds/run-round.ts';
import type { Group } from '../run-bench.ts';
import { TOOL_NAMES, type ToolName } from '../tools/tool.ts';
import type { Machine } from './machine.ts';
import { ratio, summarise, type Figure } from './statistics.ts';

/** All that a bench found out; also the content of its JSON file. */
export interface BenchReport {
  readonly machine: Machine;
  /** Of the tools that took part; one asked for but not found says so. */
  readonly versions: Readonly<Partial<Record<ToolName, string>>>;
  readonly scale: number;
  readonly rounds: number;
  readonly groups: readonly Group[];
}

const STEP_NAMES: Readonly<Record<Step, string>> = {
  first: 'first backup',
  unchanged: 'nothing changed',
  change: 'small change',
  restore: 'restore',
};

const ABSENT = '–';
const MB = 1e6;
const MiB = 1024 * 1024;

/** The report in Markdown: medians, with the smallest and largest value in parentheses, and ratios agent/restic. */
export function renderReport(report: BenchReport): string {
  return [
    describe(report),
    ...report.groups.flatMap((group) => [heading(group), timesTable(group), storedTable(group)]),
  ]
    .join('\n\n')
    .concat('\n');
}

function describe({ machine, versions, scale, rounds }: BenchReport): string {
  const memory = `${(machine.memoryBytes / 1024 ** 3).toFixed(0)} GiB`;
  const size = scale === 1 ? '' : ` Corpora at ${scale} of their size: figures to try the bench out, not to compare.`;
  return [
    `${machine.cores} cores (${machine.cpu}), ${memory}; ${machine.system}; Node ${machine.node};`,
    `corpora and local repositories on ${machine.workFileSystem}, restores to ${machine.restoreFileSystem};`,
    `load before: ${machine.loadBefore.toFixed(2)}.`,
    TOOL_NAMES.map((tool) => `${tool}: ${versions[tool] ?? 'did not take part'}.`).join(' '),
    `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} (smallest - largest); ratio = agent / restic.${size}`,
  ].join('\n');
}

function heading({ corpus, target }: Group): string {
  const where = target === 's3' ? 'S3' : 'local repository';
  const files = `${corpus.files.toLocaleString('en')} ${corpus.files === 1 ? 'file' : 'files'}`;
  return `### ${corpus.name} (${corpus.description}), ${where}\n\n${files}, ${number(corpus.bytes / MB)} MB`;
}

function timesTable(group: Group): string {
  const rows = STEPS.map((step) => {
    const column = (pick: (figures: Measurement) => number | undefined) =>
      comparison((tool) => summarise(samplesOf(group.samples, tool, step).map((sample) => pick(sample.figures))));
    return [
      STEP_NAMES[step],
      ...column(({ wallMs }) => wallMs / 1000),
      ...column(({ cpuMs }) => (cpuMs === undefined ? undefined : cpuMs / 1000)),
      ...column(({ peakBytes }) => (peakBytes === undefined ? undefined : peakBytes / MiB)),
    ];
  });
  const columns = ['wall s', 'CPU s', 'peak MiB'].flatMap((unit) => [
    ...TOOL_NAMES.map((tool) => `${unit}: ${tool}`),
    'ratio',
  ]);
  return table(['', ...columns], rows);
}

function storedTable(group: Group): string {
  const rows: string[][] = [];
  const row = (name: string, figure: (tool: ToolName) => Figure | undefined) =>
    rows.push([name, ...comparison(figure)]);
  const stored = (step: Step, pick: (sample: Group['samples'][number]) => number) => (tool: ToolName) =>
    summarise(samplesOf(group.samples, tool, step).map(pick));
  row(
    'stored by the first backup, MB',
    stored('first', (sample) => sample.stored.bytes / MB),
  );
  row(
    'objects of the first backup',
    stored('first', (sample) => sample.stored.objects),
  );
  for (const [step, before] of [
    ['unchanged', 'first'],
    ['change', 'unchanged'],
  ] as const) {
    const added = (unit: 'bytes' | 'objects') =>
      stored(step, ({ round, tool, stored: after }) => {
        const earlier = samplesOf(group.samples, tool, before).find((sample) => sample.round === round);
        return after[unit] - (earlier?.stored[unit] ?? 0);
      });
    row(`added by ${STEP_NAMES[step]}, kB`, (tool) => scaled(added('bytes')(tool), 1 / 1000));
    row(`objects added by ${STEP_NAMES[step]}`, added('objects'));
  }
  for (const step of group.requests.length > 0 ? STEPS : []) {
    row(`requests: ${STEP_NAMES[step]}`, (tool) =>
      summarise(samplesOf(group.requests, tool, step).map(({ figures }) => sum(Object.values(figures)))),
    );
  }
  return table(['', ...TOOL_NAMES, 'ratio'], rows);
}

const samplesOf = <S extends { tool: ToolName; step: Step }>(samples: readonly S[], tool: ToolName, step: Step) =>
  samples.filter((sample) => sample.tool === tool && sample.step === step);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const scaled = (figure: Figure | undefined, factor: number): Figure | undefined =>
  figure && { median: figure.median * factor, min: figure.min * factor, max: figure.max * factor };

/** A cell for each tool, and the ratio of the first to the second. */
function comparison(figureOf: (tool: ToolName) => Figure | undefined): string[] {
  const [own, other] = TOOL_NAMES.map(figureOf);
  const share = ratio(own, other);
  return [cell(own), cell(other), share === undefined ? ABSENT : share.toFixed(2)];
}

function cell(figure: Figure | undefined): string {
  if (figure === undefined) return ABSENT;
  const [middle, min, max] = [figure.median, figure.min, figure.max].map(number);
  return min === max ? middle! : `${middle} (${min} - ${max})`;
}

/** Three digits or more that count. */
function number(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  const decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}
