/** One page: are the devices well, is the job well, what does it cost. Off by default: the report of a night says most of it. */
import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, GraphWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from '@backup-agent/core';
import type { MetricName } from '@backup-agent/core';
import type { Names } from '../names.ts';
import type { Watched } from './alarms/alarm-spec.ts';

const DAY = Duration.days(1);
const WIDTH = 12;

export function createDashboard(
  scope: Construct,
  names: Names,
  watched: Watched,
  alarms: ReadonlyMap<string, Alarm>,
): Dashboard {
  const figure = (metricName: MetricName): Metric =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      statistic: 'Maximum',
      period: DAY,
      dimensionsMap: { [METRIC_DIMENSION]: watched.config.environment },
    });
  const graph = (title: string, left: readonly IMetric[]): GraphWidget =>
    new GraphWidget({ title, left: [...left], width: WIDTH });
  const { coordinator, worker, queues } = watched.job;
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: names.prefix,
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms.values()], width: 2 * WIDTH })],
      [
        graph('Nights and late devices', [figure('MaintenanceCompleted'), figure('StaleDevices')]),
        graph('Trouble', [figure('VerificationFailures'), figure('MissingPacks'), figure('MassChangeDevices')]),
      ],
      [
        graph('Bytes sent by devices', [figure('UploadedBytes')]),
        graph('Largest share removed of a device, %', [figure('GcDeletedPercent')]),
      ],
      [
        graph('Functions, ms', [coordinator.metricDuration(), worker.metricDuration({ statistic: 'Maximum' })]),
        graph('Dead letters', [queues.dead.metricApproximateNumberOfMessagesVisible()]),
      ],
      [
        graph('Bytes in all storage classes', watchedBy(alarms, 'bucket-size')),
        graph(
          'Requests to S3: all, refused, removals',
          watchedBy(alarms, 'requests', 'client-errors', 'delete-requests'),
        ),
      ],
    ],
  });
}

/** What these alarms look at. */
const watchedBy = (alarms: ReadonlyMap<string, Alarm>, ...names: readonly string[]): IMetric[] =>
  names.flatMap((name) => alarms.get(name)?.metric ?? []);
