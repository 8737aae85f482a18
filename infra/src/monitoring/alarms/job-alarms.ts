/** Alarms on the machinery of the night: its functions, its queue, and the topic that tells of all this. */
import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { COORDINATOR_TIMEOUT, WORKER_TIMEOUT } from '../../service/functions.ts';
import type { AlarmSpec, Watched } from './alarm-spec.ts';

const FIVE_MINUTES = Duration.minutes(5);
const HOUR = Duration.hours(1);
/** What is nearer to its end than this may be cut off next time. */
const NEAR_SHARE = 0.8;
/**
 * A worker uses its time on purpose and sends the rest on when a minute is left. Only one that is still at work 30 seconds
 * before its end did not.
 */
const WORKER_NEAR_MS = WORKER_TIMEOUT.toMilliseconds() - 30_000;

export function jobAlarms({ job, topic }: Watched): AlarmSpec[] {
  const quiet = { periods: 1, missing: TreatMissingData.NOT_BREACHING } as const;
  const functions = [
    { name: 'coordinator', created: job.coordinator, nearMs: COORDINATOR_TIMEOUT.toMilliseconds() * NEAR_SHARE },
    { name: 'worker', created: job.worker, nearMs: WORKER_NEAR_MS },
  ];
  return [
    ...functions.flatMap(({ name, created, nearMs }): AlarmSpec[] => [
      {
        name: `${name}-errors`,
        article: 'FunctionErrors',
        meaning: `The ${name} failed: it threw, ran out of memory or of time.`,
        metric: created.metricErrors({ statistic: 'Sum', period: FIVE_MINUTES }),
        fires: 'at-least',
        threshold: 1,
        ...quiet,
      },
      {
        name: `${name}-throttled`,
        article: 'Throttled',
        meaning: `The ${name} was not allowed to run: the account's limit of functions at once is used up.`,
        metric: created.metricThrottles({ statistic: 'Sum', period: FIVE_MINUTES }),
        fires: 'at-least',
        threshold: 1,
        ...quiet,
      },
      {
        name: `${name}-near-timeout`,
        article: 'NearTimeout',
        meaning: `The ${name} ran for nearly as long as it may.`,
        metric: created.metricDuration({ statistic: 'Maximum', period: HOUR }),
        fires: 'above',
        threshold: nearMs,
        ...quiet,
      },
    ]),
    {
      name: 'dead-letters',
      article: 'DeadLetters',
      meaning: 'A part of a night failed five times, or the night could not be begun.',
      metric: job.queues.dead.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: FIVE_MINUTES }),
      fires: 'at-least',
      threshold: 1,
      ...quiet,
    },
    {
      name: 'notifications-failed',
      article: 'NotificationsFailed',
      meaning: 'An alarm or a mail could not be delivered.',
      metric: topic.metricNumberOfNotificationsFailed({ statistic: 'Sum', period: HOUR }),
      fires: 'at-least',
      threshold: 1,
      ...quiet,
    },
  ];
}
