/** What the stacks cost in a month before a single byte is stored: list prices, without free tiers. */

interface Price {
  readonly usd: number;
  readonly source: string;
}

/** us-west-2, as of 2026-11. */
const FIXED_PRICES = {
  key: { usd: 1, source: 'aws.amazon.com/kms/pricing' },
  metric: { usd: 0.3, source: 'aws.amazon.com/cloudwatch/pricing' },
  alarmedMetric: { usd: 0.1, source: 'aws.amazon.com/cloudwatch/pricing' },
  dashboard: { usd: 3, source: 'aws.amazon.com/cloudwatch/pricing' },
} as const satisfies Record<string, Price>;

/** A filter for request metrics publishes 16 of them. */
const METRICS_OF_FILTER = 16;

export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

export interface CostLine {
  readonly what: string;
  readonly count: number;
  readonly usd: number;
}

/** `metricNames`: how many metrics the nightly job publishes. */
export function fixedCost(templates: readonly Template[], metricNames: number): CostLine[] {
  const resources = templates.flatMap((template) => Object.values(template.Resources));
  const count = (type: string): number => resources.filter(({ Type }) => Type === type).length;
  const filters = resources.flatMap(({ Properties }) => list(Properties, 'MetricsConfigurations')).length;
  const alarmed = resources
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => list(Properties, 'Metrics').filter((metric) => 'MetricStat' in metric).length || 1)
    .reduce((sum, metrics) => sum + metrics, 0);
  const line = (what: string, counted: number, price: Price): CostLine => ({
    what,
    count: counted,
    usd: counted * price.usd,
  });
  return [
    line('KMS keys', count('AWS::KMS::Key'), FIXED_PRICES.key),
    line('metrics of the night', metricNames, FIXED_PRICES.metric),
    line('S3 request metrics', filters * METRICS_OF_FILTER, FIXED_PRICES.metric),
    line('metrics with an alarm', alarmed, FIXED_PRICES.alarmedMetric),
    line('dashboards', count('AWS::CloudWatch::Dashboard'), FIXED_PRICES.dashboard),
  ];
}

function list(properties: unknown, name: string): readonly object[] {
  const value = (properties as Readonly<Record<string, unknown>> | undefined)?.[name];
  return Array.isArray(value) ? value : [];
}
