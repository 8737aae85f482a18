/** What is paid while nobody backs anything up, and what the nightly job takes. List prices, before free tiers. */
import { METRIC_UNITS } from '../maintenance/report/metrics.ts';
import type { CostItem } from './cost-item.ts';
import { MONTH_DAYS } from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import type { Rates } from './rates.ts';

export interface FixedParts {
  readonly keys: number;
  readonly metrics: number;
  /** A filter for request metrics of S3 publishes 16 of them. */
  readonly requestFilters: number;
  readonly alarmedMetrics: number;
  readonly logsGb: number;
}

/** As the stacks of this project are by default; `synth` prints the same. */
export const STACK_PARTS: FixedParts = {
  keys: 2,
  metrics: Object.keys(METRIC_UNITS).length,
  requestFilters: 1,
  alarmedMetrics: 24,
  logsGb: 2,
};

/** One key, four alarms; its function logs one line. */
export const REFERENCE_PARTS: FixedParts = { keys: 1, metrics: 0, requestFilters: 1, alarmedMetrics: 4, logsGb: 0 };

const METRICS_OF_FILTER = 16;

export const fixedItems = (parts: FixedParts, rates: Rates): CostItem[] => [
  { id: 'key', name: 'KMS keys', usd: parts.keys * rates.kmsKey },
  { id: 'metrics', name: 'metrics of the night', usd: parts.metrics * rates.metric },
  {
    id: 'request-metrics',
    name: 'request metrics of S3',
    usd: parts.requestFilters * METRICS_OF_FILTER * rates.metric,
  },
  { id: 'alarms', name: 'alarms', usd: parts.alarmedMetrics * rates.alarmedMetric },
  { id: 'logs', name: 'logs', usd: parts.logsGb * rates.logs },
];

/** A device's night: 20 seconds with 1 GB. */
const GB_SECONDS = 20;

export const nightsItem = ({ users }: FleetFigures, rates: Rates): CostItem => ({
  id: 'nights',
  name: 'nightly job',
  usd: users * MONTH_DAYS * (GB_SECONDS * rates.lambda + rates.lambdaRequest),
});
