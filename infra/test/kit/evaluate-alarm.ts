/**
 * CloudWatch's evaluation of an alarm, as its documentation tells it: the last N periods, M of them bad, and what a period
 * without data counts as. One value for each period, oldest first; undefined where there was no data.
 */

export interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly ComparisonOperator: 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly TreatMissingData: 'breaching' | 'notBreaching' | 'ignore';
  readonly MetricName?: string;
  readonly Namespace?: string;
  readonly Statistic?: string;
  readonly Period?: number;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Metrics?: readonly AlarmMetric[];
  readonly AlarmActions: readonly unknown[];
  readonly OKActions: readonly unknown[];
}
export interface AlarmMetric {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: Pick<AlarmProperties, 'Dimensions' | 'MetricName'>;
    readonly Period: number;
  };
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** The state after each period. */
export function statesOf(alarm: AlarmProperties, series: readonly (number | undefined)[]): AlarmState[] {
  const states: AlarmState[] = [];
  for (let end = 1; end <= series.length; end++) {
    const window = Array.from({ length: alarm.EvaluationPeriods }, (_, i) => series[end - alarm.EvaluationPeriods + i]);
    states.push(stateOf(alarm, window, states.at(-1) ?? 'INSUFFICIENT_DATA'));
  }
  return states;
}

function stateOf(
  { DatapointsToAlarm, EvaluationPeriods, TreatMissingData, ...alarm }: AlarmProperties,
  window: readonly (number | undefined)[],
  before: AlarmState,
): AlarmState {
  const isBad = (value: number | undefined): boolean | undefined => {
    if (value !== undefined) return breaches(alarm, value);
    return TreatMissingData === 'ignore' ? undefined : TreatMissingData === 'breaching';
  };
  const judged = window.map(isBad);
  const bad = judged.filter((verdict) => verdict === true).length;
  const good = judged.filter((verdict) => verdict === false).length;
  if (bad >= DatapointsToAlarm) return 'ALARM';
  // So many good ones that, whatever the missing ones were, it could not be an alarm.
  return good > EvaluationPeriods - DatapointsToAlarm ? 'OK' : before;
}

function breaches(alarm: Pick<AlarmProperties, 'ComparisonOperator' | 'Threshold'>, value: number): boolean {
  switch (alarm.ComparisonOperator) {
    case 'GreaterThanThreshold':
      return value > alarm.Threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= alarm.Threshold;
    case 'LessThanThreshold':
      return value < alarm.Threshold;
  }
}
