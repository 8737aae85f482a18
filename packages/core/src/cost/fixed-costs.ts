/** What is paid while nobody backs anything up. List prices, before free tiers. */
import { METRIC_UNITS } from '../maintenance/report/metrics.ts';
import type { CostItem, CostItemId } from './cost-item.ts';
import type { PriceName } from './prices.ts';
import type { Rates } from './rates.ts';

/** What is counted in the templates of the stacks. */
export interface StackParts {
  readonly keys: number;
  readonly metrics: number;
  /** A filter for request metrics of S3 publishes 16 of them. */
  readonly requestFilters: number;
  readonly alarmedMetrics: number;
  readonly dashboards: number;
}

/** As the stacks of this project are by default: a test of infra counts them in what is synthesized. */
export const STACK_PARTS: StackParts = {
  keys: 2,
  metrics: Object.keys(METRIC_UNITS).length,
  requestFilters: 1,
  alarmedMetrics: 25,
  dashboards: 0,
};

/** One key, four alarms; its function logs one line. */
export const REFERENCE_PARTS: StackParts = {
  keys: 1,
  metrics: 0,
  requestFilters: 1,
  alarmedMetrics: 4,
  dashboards: 0,
};

const METRICS_OF_FILTER = 16;

export interface FixedLine {
  readonly id: CostItemId;
  readonly name: string;
  readonly count: number;
  readonly price: PriceName;
}

export const fixedLines = (parts: StackParts): readonly FixedLine[] => [
  { id: 'key', name: 'KMS keys', count: parts.keys, price: 'kmsKey' },
  { id: 'metrics', name: 'metrics of the night', count: parts.metrics, price: 'metric' },
  {
    id: 'request-metrics',
    name: 'request metrics of S3',
    count: parts.requestFilters * METRICS_OF_FILTER,
    price: 'metric',
  },
  { id: 'alarms', name: 'metrics with an alarm', count: parts.alarmedMetrics, price: 'alarmedMetric' },
  { id: 'dashboards', name: 'dashboards', count: parts.dashboards, price: 'dashboard' },
];

export const fixedItems = (parts: StackParts, rates: Rates): CostItem[] =>
  fixedLines(parts).map(({ id, name, count, price }) => ({ id, name, usd: count * rates[price] }));

/** The functions write a few lines for each device and night. */
const LOGS_GB = 2;

export const logsItem = (rates: Rates): CostItem => ({ id: 'logs', name: 'logs', usd: LOGS_GB * rates.logs });
