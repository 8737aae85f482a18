import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRIC_UNITS } from '@backup-agent/core';
import type { Cloud } from './cloud.ts';

export interface MetricsAsked {
  readonly environment: string;
  readonly statistic: 'SampleCount' | 'Sum';
}

/** More than what a test takes, on either side of now. */
const WINDOW_MS = 3_600_000;
const DAY_SECONDS = 86_400;

/** What was told of each metric of the night, by its name; nothing told is an empty list. */
export async function readMetrics(
  cloud: Cloud,
  { environment, statistic }: MetricsAsked,
): Promise<Readonly<Record<string, number[]>>> {
  const names = Object.keys(METRIC_UNITS);
  const { MetricDataResults: results = [] } = await new CloudWatchClient(cloud).send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - WINDOW_MS),
      EndTime: new Date(Date.now() + WINDOW_MS),
      MetricDataQueries: names.map((MetricName, i) => ({
        Id: `m${i}`,
        Label: MetricName,
        MetricStat: {
          Metric: {
            Namespace: METRIC_NAMESPACE,
            MetricName,
            Dimensions: [{ Name: METRIC_DIMENSION, Value: environment }],
          },
          Period: DAY_SECONDS,
          Stat: statistic,
        },
      })),
    }),
  );
  return Object.fromEntries(results.map(({ Label = '', Values = [] }) => [Label, Values]));
}
