/** `keepLast` and the periods: rules that count finished snapshots of the same folders, from the newest on. */
import type { RetentionPolicy } from '../format/policy.ts';
import type { Period, PeriodNames } from './periods.ts';

interface CountedRule {
  readonly period: Period;
  readonly count: number;
  /** Why a snapshot stays that is the newest of the period of this name. */
  readonly keeps: (name: string) => string;
  /** Why the rule does not keep a snapshot. */
  readonly leaves: string;
}

/** The rules of a policy. Of `keepLast` only the newest of a day counts (docs/decisions/0011). */
export function countedRules(policy: RetentionPolicy): CountedRule[] {
  const last = policy.keepLast === 1 ? 'the last day with backups' : `the last ${policy.keepLast} days with backups`;
  const rule = (period: Period, word: string, count = 0): CountedRule[] =>
    count === 0
      ? []
      : [{ period, count, keeps: (name) => `${word}: ${name}`, leaves: `not one of the newest ${count} ${word}` }];
  return [
    { period: 'day', count: policy.keepLast, keeps: () => `newest of ${last}`, leaves: `not the newest of ${last}` },
    ...rule('hour', 'hourly', policy.keepHourly),
    ...rule('day', 'daily', policy.keepDaily),
    ...rule('week', 'weekly', policy.keepWeekly),
    ...rule('month', 'monthly', policy.keepMonthly),
    ...rule('year', 'yearly', policy.keepYearly),
  ];
}

/**
 * Asked for one finished snapshot after the other, newest first: why each stays. A snapshot is kept if it is the first of
 * its period and the period is among the first so many.
 */
export function countFromNewest(rules: readonly CountedRule[]): (periods: PeriodNames) => string[] {
  const counted = rules.map((rule) => ({ rule, taken: new Set<string>() }));
  return (periods) =>
    counted.flatMap(({ rule, taken }) => {
      const name = periods[rule.period];
      if (taken.size >= rule.count || taken.has(name)) return [];
      taken.add(name);
      return [rule.keeps(name)];
    });
}
