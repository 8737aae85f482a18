/** A retention policy on the command line: the same flags for `init` and `maintain --set-policy`. */
import { BackupError, DEFAULT_POLICY, isTimeZone, retentionPolicySchema } from '@backup-agent/core';
import type { RetentionPolicy } from '@backup-agent/core';
import type { ArgumentValues } from './define-command.ts';
import { formatCountOf } from './units.ts';

const periods = { type: 'number', value: 'n', min: 0, max: 10_000 } as const;
/** Flags of a retention policy; what is not given has its default. */
export const POLICY_ARGS = {
  keepWithinDays: { type: 'number', value: 'days', min: 1, max: 36_500, describe: 'keep all snapshots so long (30)' },
  keepLast: {
    type: 'number',
    value: 'n',
    min: 1,
    max: 10_000,
    describe: 'keep the newest of so many days with backups (3)',
  },
  keepHourly: { ...periods, describe: 'keep the newest of each hour, so many hours' },
  keepDaily: { ...periods, describe: 'keep the newest of each day, so many days' },
  keepWeekly: { ...periods, describe: 'keep the newest of each week, so many weeks' },
  keepMonthly: { ...periods, describe: 'keep the newest of each month, so many months' },
  keepYearly: { ...periods, describe: 'keep the newest of each year, so many years' },
  keepTag: { type: 'list', value: 'text', describe: 'keep all snapshots with this tag' },
  timeZone: { type: 'text', value: 'zone', describe: 'where days begin, for instance Europe/Berlin (UTC)' },
} as const;

/** Throws CONFIG_INVALID for a time zone that there is not. */
export function policyOf(args: ArgumentValues<typeof POLICY_ARGS>): RetentionPolicy {
  const { keepWithinDays = DEFAULT_POLICY.keepWithinDays, keepLast = DEFAULT_POLICY.keepLast, keepTag } = args;
  const { timeZone, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly } = args;
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw new BackupError('CONFIG_INVALID', `--time-zone: "${timeZone}" is not a time zone`, {
      hint: 'use a name such as Europe/Berlin or UTC',
    });
  return retentionPolicySchema.parse(
    withoutUndefined({
      keepWithinDays,
      keepLast,
      keepHourly,
      keepDaily,
      keepWeekly,
      keepMonthly,
      keepYearly,
      timeZone,
      keepTags: keepTag.length > 0 ? keepTag : undefined,
    }),
  );
}

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));

/** `all snapshots of 30 days, and the newest of 3 days with backups, 12 monthly`. */
export function formatPolicy(policy: RetentionPolicy): string {
  const rows = [
    [policy.keepHourly, 'hourly'],
    [policy.keepDaily, 'daily'],
    [policy.keepWeekly, 'weekly'],
    [policy.keepMonthly, 'monthly'],
    [policy.keepYearly, 'yearly'],
  ] as const;
  const periods = rows.flatMap(([count, name]) => (count === undefined ? [] : [`, ${count} ${name}`])).join('');
  const within = formatCountOf(policy.keepWithinDays, 'day');
  const last = formatCountOf(policy.keepLast, 'day');
  return `all snapshots of ${within}, and the newest of ${last} with backups${periods}${tagsOf(policy)}`;
}

const tagsOf = ({ keepTags = [] }: RetentionPolicy): string =>
  keepTags.length === 0 ? '' : `, and those tagged ${keepTags.map((tag) => `"${tag}"`).join(' or ')}`;
