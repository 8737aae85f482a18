/** Sends a run's figures to CloudWatch. It loads a client of the SDK: import it when there are figures to send. */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { BackupError, DEVICE_METRIC_NAMESPACE, METRIC_DIMENSION } from '@backup-agent/core';
import type { RunMetric } from './run-metrics.ts';

export interface MetricsTarget {
  /** Value of the only dimension. */
  readonly environment: string;
  /** Default: what the SDK finds. */
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly signal: AbortSignal;
}

/** Whoever backs up does not wait longer for it. */
const SEND_MS_MAX = 15_000;
const ATTEMPTS_MAX = 2;

/** Throws FAILED. */
export async function putRunMetrics(
  metrics: readonly RunMetric[],
  { environment, region, profile, signal }: MetricsTarget,
): Promise<void> {
  const client = new CloudWatchClient({
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    maxAttempts: ATTEMPTS_MAX,
  });
  const input = {
    Namespace: DEVICE_METRIC_NAMESPACE,
    MetricData: metrics.map(({ name, unit, value }) => ({
      MetricName: name,
      Unit: unit,
      Value: value,
      Dimensions: [{ Name: METRIC_DIMENSION, Value: environment }],
    })),
  };
  try {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(SEND_MS_MAX)]);
    await client.send(new PutMetricDataCommand(input), { abortSignal });
  } catch (error) {
    signal.throwIfAborted();
    // The SDK's own words may repeat what the request held.
    const name = error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'unknown error';
    throw new BackupError('FAILED', `CloudWatch did not take the figures of this run (${name})`);
  } finally {
    client.destroy();
  }
}
