import { expect, test } from 'vitest';
import { renderReport, type BenchReport } from '../../src/report/render-report.ts';
import type { Measurement } from '../../src/measure/measure-command.ts';
import { STEPS, type Sample, type Step } from '../../src/rounds/run-round.ts';
import type { ToolName } from '../../src/tools/tool.ts';

const MiB = 2 ** 20;
const BYTES_AFTER: Record<Step, number> = { first: 5e6, unchanged: 5e6 + 500, restore: 5e6 + 500, change: 5.25e6 };
const OBJECTS_AFTER: Record<Step, number> = { first: 6, unchanged: 7, restore: 7, change: 10 };

const samplesOf = (tool: ToolName, wallS: readonly number[]): Sample<Measurement>[] =>
  wallS.flatMap((seconds, index) =>
    STEPS.map((step) => ({
      round: index + 1,
      tool,
      step,
      figures: { wallMs: seconds * 1000, cpuMs: 500, peakBytes: 64 * MiB },
      stored: { bytes: BYTES_AFTER[step], objects: OBJECTS_AFTER[step] },
    })),
  );

const machine = {
  cpu: 'A CPU',
  cores: 2,
  memoryBytes: 8 * 1024 ** 3,
  system: 'A system',
  node: 'v24',
  workFileSystem: 'ext4',
  restoreFileSystem: 'tmpfs',
  loadBefore: 0.1,
};

function reportOf(given: Partial<BenchReport['groups'][number]> & { versions?: BenchReport['versions'] }): BenchReport {
  const { versions = { agent: '1.0', restic: '0.14' }, ...group } = given;
  const corpus = { name: 'B', description: 'small files', files: 2000, bytes: 4_994_326 };
  return {
    machine,
    versions,
    scale: 0.02,
    rounds: 3,
    groups: [{ corpus, target: 'local', samples: [], requests: [], ...group }],
  };
}

test('a report has the machine, medians, spread and ratios', () => {
  const samples = [...samplesOf('agent', [1, 3, 2]), ...samplesOf('restic', [4, 4, 4])];
  expect(renderReport(reportOf({ samples }))).toMatchInlineSnapshot(`
    "2 cores (A CPU), 8 GiB; A system; Node v24;
    corpora and local repositories on ext4, restores to tmpfs;
    load before: 0.10.
    agent: 1.0. restic: 0.14.
    Medians of 3 rounds (smallest - largest); ratio = agent / restic. Corpora at 0.02 of their size: figures to try the bench out, not to compare.

    ### B (small files), local repository

    2,000 files, 4.99 MB

    |  | wall s: agent | wall s: restic | ratio | CPU s: agent | CPU s: restic | ratio | peak MiB: agent | peak MiB: restic | ratio |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | first backup | 2 (1 - 3) | 4 | 0.50 | 0.50 | 0.50 | 1.00 | 64 | 64 | 1.00 |
    | nothing changed | 2 (1 - 3) | 4 | 0.50 | 0.50 | 0.50 | 1.00 | 64 | 64 | 1.00 |
    | small change | 2 (1 - 3) | 4 | 0.50 | 0.50 | 0.50 | 1.00 | 64 | 64 | 1.00 |
    | restore | 2 (1 - 3) | 4 | 0.50 | 0.50 | 0.50 | 1.00 | 64 | 64 | 1.00 |

    |  | agent | restic | ratio |
    | --- | ---: | ---: | ---: |
    | stored by the first backup, MB | 5 | 5 | 1.00 |
    | objects of the first backup | 6 | 6 | 1.00 |
    | added by nothing changed, kB | 0.50 | 0.50 | 1.00 |
    | objects added by nothing changed | 1 | 1 | 1.00 |
    | added by small change, kB | 250 | 250 | 1.00 |
    | objects added by small change | 3 | 3 | 1.00 |
    "
  `);
});

test('the column of a tool that is missing says so and stays empty', () => {
  const report = renderReport(
    reportOf({ samples: samplesOf('agent', [1]), versions: { agent: '1.0', restic: 'not found on the PATH' } }),
  );
  expect(report).toContain('restic: not found on the PATH.');
  expect(report).toContain('| first backup | 1 | – | – |');
});

test('what the system does not tell stays empty', () => {
  const samples = samplesOf('agent', [1]).map((sample) => ({
    ...sample,
    figures: { ...sample.figures, cpuMs: undefined, peakBytes: undefined },
  }));
  expect(renderReport(reportOf({ samples }))).toContain('| first backup | 1 | – | – | – | – | – | – | – | – |');
});

test('requests are summed over their kinds, on S3', () => {
  const counted = (tool: ToolName, counts: Record<string, number>) => ({
    round: 1,
    tool,
    step: 'first' as const,
    figures: counts,
    stored: { objects: 0, bytes: 0 },
  });
  const requests = [counted('agent', { PUT: 3, LIST: 2 }), counted('restic', { PUT: 8, GET: 2 })];
  const report = renderReport(reportOf({ target: 's3', requests }));
  expect(report).toContain('(small files), S3');
  expect(report).toContain('| requests: first backup | 5 | 10 | 0.50 |');
});
