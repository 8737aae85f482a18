/** The figures of a cost estimate that a device's repository can tell: its documents, and what became of them. */
import { BackupError, KiB, MiB } from '@backup-agent/core';
import type { FleetFigures } from '@backup-agent/core';
import type { RepositoryStats } from './repository-stats.ts';

type Measurable = 'gbPerUser' | 'filesPerUser' | 'dailyChange' | 'reduction' | 'packMib';

export interface Measured {
  readonly figures: Partial<Pick<FleetFigures, Measurable>>;
  /** Over which growth was measured; undefined: not long enough. */
  readonly growthDays: number | undefined;
}

const GB = KiB * MiB;
const DAY_MS = 86_400_000;
/** Older growth says little: what is still there of it is only what nothing has replaced. */
const GROWTH_DAYS_MAX = 30;

/** Throws CONFIG_INVALID if there is no backup to measure. */
export function measureFleet({ newest, byKind, bytesUnique, growth }: RepositoryStats): Measured {
  const { data } = byKind;
  if (newest === undefined || newest.bytes === 0 || data.bytes === 0)
    throw new BackupError('CONFIG_INVALID', '--from-repo: the device has no backup of any document yet', {
      hint: 'back up first, or give the figures: see "backup-agent cost --help"',
    });
  // With older versions stored as well this is what compression leaves, the most that is certain.
  const reduction = data.bytes / Math.max(newest.bytes, bytesUnique);
  const change = dailyGrowth(growth);
  return {
    figures: {
      gbPerUser: newest.bytes / GB,
      filesPerUser: newest.files,
      reduction,
      packMib: data.bytes / data.objects / MiB,
      ...(change === undefined ? {} : { dailyChange: Math.min(1, change.bytes / (newest.bytes * reduction)) }),
    },
    growthDays: change?.days,
  };
}

/** What the runs of the last weeks added and is still there, by days; undefined if they are less than a day apart. */
function dailyGrowth(growth: RepositoryStats['growth']): { days: number; bytes: number } | undefined {
  const last = growth.at(-1);
  if (last === undefined) return undefined;
  const from = Math.max(
    0,
    growth.findLastIndex(({ landed }) => +last.landed - +landed >= GROWTH_DAYS_MAX * DAY_MS),
  );
  const days = (+last.landed - +(growth[from]?.landed ?? last.landed)) / DAY_MS;
  if (days < 1) return undefined;
  return { days, bytes: growth.slice(from + 1).reduce((sum, { bytes }) => sum + bytes, 0) / days };
}
