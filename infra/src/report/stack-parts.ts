/** Counts what is paid for in the templates even while nobody uses it. What it costs, the cost model of core says. */
import { METRIC_UNITS } from '@backup-agent/core';
import type { StackParts } from '@backup-agent/core';

export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

export function stackParts(templates: readonly Template[]): StackParts {
  const resources = templates.flatMap((template) => Object.values(template.Resources));
  const count = (type: string): number => resources.filter(({ Type }) => Type === type).length;
  return {
    keys: count('AWS::KMS::Key'),
    // The nightly job publishes them: no template names them.
    metrics: Object.keys(METRIC_UNITS).length,
    requestFilters: resources.flatMap(({ Properties }) => list(Properties, 'MetricsConfigurations')).length,
    alarmedMetrics: resources
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => list(Properties, 'Metrics').filter((metric) => 'MetricStat' in metric).length || 1)
      .reduce((sum, metrics) => sum + metrics, 0),
    dashboards: count('AWS::CloudWatch::Dashboard'),
  };
}

function list(properties: unknown, name: string): readonly object[] {
  const value = (properties as Readonly<Record<string, unknown>> | undefined)?.[name];
  return Array.isArray(value) ? value : [];
}
