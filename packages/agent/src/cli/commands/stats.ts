/** `stats`: sizes, ratios and growth. */
import { EXIT_CODES } from '@backup-agent/core';
import { repositoryStats } from '../../inspect/repository-stats.ts';
import type { ObjectKind, RepositoryStats } from '../../inspect/repository-stats.ts';
import { defineCommand } from '../define-command.ts';
import { inspecting } from '../inspecting.ts';
import { formatBytes, formatCount, formatCountOf, formatTime } from '../units.ts';

const RUNS_SHOWN = 10;
const KIND_NAMES: Readonly<Record<ObjectKind, string>> = {
  data: 'packs of documents',
  meta: 'packs of catalogs',
  index: 'index segments',
  snapshots: 'snapshots',
  runs: 'run records',
  marks: 'marks',
  other: 'unknown',
};

export default defineCommand({
  args: {
    runs: {
      type: 'number',
      value: 'n',
      min: 1,
      max: 100_000,
      describe: `show what the last n runs added (${RUNS_SHOWN})`,
    },
  },
  notes: 'Computed from listings, snapshots and the index: no document is read.',
  async run(args, context) {
    const { out } = context;
    const { deps, damages } = await inspecting(context);
    const stats = await repositoryStats(deps);
    const growth = stats.growth.slice(-(args.runs ?? RUNS_SHOWN));
    const { repository } = deps;
    out.json({ device: repository.device, repository: repository.store.location, ...stats, growth, damaged: damages });
    out.line(`Device ${repository.device} in ${repository.store.location}`);
    for (const line of summary(stats)) out.line(line);
    out.line('');
    out.table(
      [{ title: 'stored' }, { title: 'objects', align: 'right' }, { title: 'size', align: 'right' }],
      Object.entries(stats.byKind)
        .filter(([, { objects }]) => objects > 0)
        .map(([kind, { objects, bytes }]) => [
          KIND_NAMES[kind as ObjectKind],
          formatCount(objects),
          formatBytes(bytes),
        ]),
    );
    if (growth.length > 0) {
      out.line('');
      out.table(
        [{ title: 'run' }, { title: 'last object' }, { title: 'still stored', align: 'right' }],
        growth.map(({ run, landed, bytes }) => [run, formatTime(landed), formatBytes(bytes)]),
      );
    }
    return damages.length === 0 ? 0 : EXIT_CODES.OBJECT_DAMAGED;
  },
});

function summary(stats: RepositoryStats): string[] {
  const { snapshots, newest, bytesInSnapshots, chunks, bytesUnique, bytesStored, deduplication, compression } = stats;
  const inNewest =
    newest === undefined ? '' : `; the newest has ${formatCountOf(newest.files, 'file')}, ${formatBytes(newest.bytes)}`;
  const times = (value: number | undefined): string => (value === undefined ? '-' : `${value.toFixed(2)} times`);
  return [
    `  ${formatCountOf(snapshots, 'snapshot')} of ${formatBytes(bytesInSnapshots)} in all${inNewest}`,
    `  ${formatBytes(bytesUnique)} in ${formatCountOf(chunks, 'different chunk')}: each byte stands for ${times(deduplication)} as much`,
    `  ${formatBytes(bytesStored)} stored; documents compressed ${times(compression)}`,
  ];
}
