/** Makes the alarms: each tells the topic when it fires and when it is over, and where to read what to do. */
import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import type { Names } from '../../names.ts';
import type { AlarmSpec, Watched } from './alarm-spec.ts';
import { bucketAlarms } from './bucket-alarms.ts';
import { jobAlarms } from './job-alarms.ts';
import { nightAlarms } from './night-alarms.ts';

const OPERATORS = {
  above: ComparisonOperator.GREATER_THAN_THRESHOLD,
  'at-least': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  below: ComparisonOperator.LESS_THAN_THRESHOLD,
} as const satisfies Record<AlarmSpec['fires'], ComparisonOperator>;

const alarmSpecs = (watched: Watched): AlarmSpec[] => [
  ...nightAlarms(watched),
  ...jobAlarms(watched),
  ...bucketAlarms(watched),
];

/** By the name in its spec. */
export function createAlarms(scope: Construct, names: Names, watched: Watched): ReadonlyMap<string, Alarm> {
  // A scope of their own: queues and functions have taken ids that alarms would like.
  const alarms = new Construct(scope, 'Alarms');
  const action = new SnsAction(watched.topic);
  const created = alarmSpecs(watched).map((spec): [string, Alarm] => {
    const alarm = new Alarm(alarms, spec.name, {
      alarmName: `${names.prefix}-${spec.name}`,
      alarmDescription: `${spec.meaning} What to do: ${watched.config.runbookUrl}#${spec.article.toLowerCase()}`,
      metric: spec.metric,
      comparisonOperator: OPERATORS[spec.fires],
      threshold: spec.threshold,
      evaluationPeriods: spec.periods,
      datapointsToAlarm: spec.badPeriods ?? spec.periods,
      treatMissingData: spec.missing,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return [spec.name, alarm];
  });
  return new Map(created);
}
