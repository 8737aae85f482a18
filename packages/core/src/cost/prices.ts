/** List prices of us-west-2 in USD, before free tiers and discounts. Each says when it was looked up and where. */

export interface Price {
  readonly usd: number;
  readonly unit: string;
  /** The month, or the day, in which it was looked up, or which the source names. */
  readonly asOf: string;
  readonly source: string;
}

/** Read by public tools from the list that AWS publishes for programs. */
const PRICE_LIST = 'AWS price list of us-west-2, in scttfrdmn/objectfs rates_generated.go @7c70dc0';
/** Seen for us-east-1 only. Every price that was seen for both is the same in both. */
const PRICE_LIST_EAST = 'AWS price list of us-east-1, quoted in public cost models';
/** What a public tool prints in its tests, from the same list. */
const infracost = (test: string, commit: string): string => `infracost, ${test}_test.golden @${commit}`;
const INFRACOST_S3 = infracost('s3_bucket_lifecycle_configuration', '068dadf');
const INFRACOST_LAMBDA = infracost('lambda_function', '01c59b1');
const REPOST = 'repost.aws/knowledge-center/s3-manage-data-retrieval';
/** "Bulk retrievals are free for objects that are stored in S3 Glacier Flexible Retrieval". */
const RETRIEVAL_OPTIONS = 'docs.aws.amazon.com, S3 user guide, archive retrieval options';
const KMS = 'aws.amazon.com/kms/pricing';

export const PRICES = {
  standardFirst50Tb: { usd: 0.023, unit: 'GB-month', asOf: '2026-11', source: PRICE_LIST },
  standardNext450Tb: { usd: 0.022, unit: 'GB-month', asOf: '2025-10', source: PRICE_LIST_EAST },
  standardOver500Tb: { usd: 0.021, unit: 'GB-month', asOf: '2025-10', source: PRICE_LIST_EAST },
  put: { usd: 0.005, unit: '1,000 PUT or LIST requests', asOf: '2026-11', source: PRICE_LIST },
  get: { usd: 0.0004, unit: '1,000 GET requests', asOf: '2026-11', source: PRICE_LIST },
  tieringFrequent: { usd: 0.023, unit: 'GB-month', asOf: '2026-11', source: PRICE_LIST },
  tieringInfrequent: { usd: 0.0125, unit: 'GB-month', asOf: '2026-11', source: INFRACOST_S3 },
  tieringArchiveInstant: { usd: 0.004, unit: 'GB-month', asOf: '2026-09', source: PRICE_LIST_EAST },
  tieringMonitoring: {
    usd: 0.0025,
    unit: '1,000 objects of 128 KiB or more a month',
    asOf: '2026-11',
    source: INFRACOST_S3,
  },
  glacierIrStorage: { usd: 0.004, unit: 'GB-month', asOf: '2026-11', source: PRICE_LIST },
  glacierIrTransition: { usd: 0.02, unit: '1,000 transitions', asOf: '2026-08', source: PRICE_LIST_EAST },
  glacierIrGet: { usd: 0.01, unit: '1,000 GET requests', asOf: '2026-11', source: PRICE_LIST },
  glacierIrRetrieval: { usd: 0.03, unit: 'GB', asOf: '2026-11', source: PRICE_LIST },
  glacierStorage: { usd: 0.0036, unit: 'GB-month', asOf: '2026-11', source: PRICE_LIST },
  glacierTransition: { usd: 0.03, unit: '1,000 transitions', asOf: '2026-11', source: INFRACOST_S3 },
  glacierRetrieval: { usd: 0.01, unit: 'GB, standard', asOf: '2026-11', source: REPOST },
  glacierRetrievalRequest: { usd: 0.05, unit: '1,000 restored objects, standard', asOf: '2026-11', source: REPOST },
  glacierBulkRetrieval: { usd: 0, unit: 'GB, bulk', asOf: '2026-11', source: RETRIEVAL_OPTIONS },
  glacierBulkRetrievalRequest: {
    usd: 0,
    unit: '1,000 restored objects, bulk',
    asOf: '2026-11',
    source: RETRIEVAL_OPTIONS,
  },
  glacierExpeditedRetrieval: { usd: 0.03, unit: 'GB, expedited', asOf: '2026-11', source: INFRACOST_S3 },
  glacierExpeditedRetrievalRequest: {
    usd: 10,
    unit: '1,000 restored objects, expedited',
    asOf: '2026-11',
    source: REPOST,
  },
  deepArchiveRetrieval: { usd: 0.02, unit: 'GB, standard', asOf: '2026-11', source: INFRACOST_S3 },
  deepArchiveRetrievalRequest: {
    usd: 0.1,
    unit: '1,000 restored objects, standard',
    asOf: '2026-11',
    source: INFRACOST_S3,
  },
  deepArchiveBulkRetrieval: { usd: 0.0025, unit: 'GB, bulk', asOf: '2026-11', source: INFRACOST_S3 },
  deepArchiveBulkRetrievalRequest: {
    usd: 0.025,
    unit: '1,000 restored objects, bulk',
    asOf: '2026-11',
    source: INFRACOST_S3,
  },
  kmsKey: { usd: 1, unit: 'key-month', asOf: '2026-06', source: KMS },
  kmsRequest: { usd: 0.03, unit: '10,000 requests', asOf: '2026-06', source: KMS },
  metric: { usd: 0.3, unit: 'metric-month', asOf: '2026-02', source: 'aws.amazon.com/cloudwatch/pricing' },
  alarmedMetric: {
    usd: 0.1,
    unit: 'alarm-metric-month',
    asOf: '2026-11',
    source: infracost('cloudwatch_metric_alarm', '2599472'),
  },
  dashboard: { usd: 3, unit: 'dashboard-month', asOf: '2026-11', source: infracost('cloudwatch_dashboard', '5cdfa4b') },
  logs: { usd: 0.5, unit: 'GB taken in', asOf: '2026-11', source: infracost('cloudwatch_log_group', '2599472') },
  lambda: { usd: 0.0000133334, unit: 'GB-second, arm64', asOf: '2026-11', source: INFRACOST_LAMBDA },
  lambdaRequest: { usd: 0.2, unit: '1,000,000 requests', asOf: '2026-11', source: INFRACOST_LAMBDA },
  queueRequest: { usd: 0.4, unit: '1,000,000 requests', asOf: '2026-11', source: infracost('sqs_queue', '34467f6') },
  egress: { usd: 0.09, unit: 'GB to the internet', asOf: '2026-11', source: PRICE_LIST },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
export type Prices = Readonly<Record<PriceName, Price>>;
export const PRICE_NAMES = Object.keys(PRICES) as readonly PriceName[];
