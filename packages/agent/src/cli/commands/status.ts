/** `status`: how the last runs ended, and how old the newest snapshot is. */
import { readRunRecords } from '@backup-agent/core';
import type { LandedRunRecord } from '@backup-agent/core';
import { newestSnapshot } from '../../inspect/newest-snapshot.ts';
import { defineCommand } from '../define-command.ts';
import { formatBytes, formatCount, formatDuration, formatTime } from '../units.ts';

const RUNS_SHOWN = 10;

export default defineCommand({
  args: {
    runs: { type: 'number', value: 'n', min: 1, max: 1000, describe: `show so many runs (${RUNS_SHOWN})` },
  },
  notes: 'Times of runs are those at which the store had their records. The exit code is 0 whatever the runs did.',
  async run(args, { out, openRepository, report }) {
    const { repository } = await openRepository();
    const { records, damaged, total, now } = await readRunRecords(repository, { newest: args.runs ?? RUNS_SHOWN });
    for (const { error } of damaged) report({ type: 'warning', message: error.message });
    const newest = await newestSnapshot(repository, (message) => report({ type: 'warning', message }));
    const ageMs = newest === undefined ? undefined : Math.max(0, +now - +newest.landed);
    out.json({
      device: repository.device,
      repository: repository.store.location,
      newestSnapshot:
        newest === undefined
          ? null
          : {
              name: newest.name,
              landed: newest.landed,
              ageSeconds: Math.round((ageMs ?? 0) / 1000),
              finished: newest.snapshot.finished,
            },
      runs: records.map(({ landed, record }) => ({ ...record, landed })),
      runsTotal: total,
    });
    out.line(`Device ${repository.device} in ${repository.store.location}`);
    out.line(
      newest === undefined || ageMs === undefined
        ? 'There is no snapshot yet.'
        : `Newest snapshot: ${newest.name}, ${formatTime(newest.landed)}, ${formatDuration(ageMs)} ago.`,
    );
    if (records.length === 0) out.line('No run has left a record yet.');
    else out.table(COLUMNS, records.map(rowOf));
    return 0;
  },
});

const COLUMNS = [
  { title: 'ended' },
  { title: 'outcome' },
  { title: 'exit', align: 'right' },
  { title: 'new', align: 'right' },
  { title: 'changed', align: 'right' },
  { title: 'unreadable', align: 'right' },
  { title: 'uploaded', align: 'right' },
  { title: 'took', align: 'right' },
  { title: 'run' },
] as const;

function rowOf({ landed, record }: LandedRunRecord): string[] {
  const { counts, bytes } = record;
  return [
    formatTime(landed),
    record.outcome,
    String(record.exitCode),
    formatCount(counts.filesNew),
    formatCount(counts.filesChanged),
    formatCount(counts.filesUnreadable),
    formatBytes(bytes.uploaded),
    formatDuration(Date.parse(record.ended) - Date.parse(record.started)),
    record.error === undefined ? record.run : `${record.run}  ${record.error.message}`,
  ];
}
