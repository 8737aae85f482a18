/**
 * What a run came to, for graphs of a fleet: one series for each environment, for one of each device would cost more than
 * the backups. Nobody's alarm rests on them: what a device says of itself must not quiet one.
 */
import type { RunRecord } from '@backup-agent/core';

export interface RunMetric {
  readonly name: 'RunsDone' | 'RunsFailed' | 'UnreadableFiles' | 'UploadedBytes' | 'RunSeconds';
  readonly unit: 'Count' | 'Bytes' | 'Seconds';
  readonly value: number;
}

/** Undefined: the run failed. */
export function runMetrics(record: RunRecord | undefined): RunMetric[] {
  const runs = [
    { name: 'RunsDone', unit: 'Count', value: record === undefined ? 0 : 1 },
    { name: 'RunsFailed', unit: 'Count', value: record === undefined ? 1 : 0 },
  ] as const;
  if (record === undefined) return [...runs];
  const seconds = (Date.parse(record.ended) - Date.parse(record.started)) / 1000;
  return [
    ...runs,
    { name: 'UnreadableFiles', unit: 'Count', value: record.counts.filesUnreadable },
    { name: 'UploadedBytes', unit: 'Bytes', value: record.bytes.uploaded },
    // A clock may have been set meanwhile.
    { name: 'RunSeconds', unit: 'Seconds', value: Math.max(0, seconds) },
  ];
}
