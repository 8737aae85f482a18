/** List prices of us-west-2 in USD, before free tiers and discounts. Each says when it was looked up and where. */

export interface Price {
  readonly usd: number;
  readonly unit: string;
  /** The month, or the day, in which it was looked up, or which the source names. */
  readonly asOf: string;
  readonly source: string;
}

const PAGE = 'aws.amazon.com/s3/pricing, from memory, not confirmed';
const INFRACOST = 'infracost, s3_bucket_lifecycle_configuration_test.golden @068dadf';
const REPOST = 'repost.aws/knowledge-center/s3-manage-data-retrieval';
/** "Bulk retrievals are free for objects that are stored in S3 Glacier Flexible Retrieval". */
const RETRIEVAL_OPTIONS = 'docs.aws.amazon.com, S3 user guide, archive retrieval options';

export const PRICES = {
  standardFirst50Tb: { usd: 0.023, unit: 'GB-month', asOf: '2026-11', source: INFRACOST },
  standardNext450Tb: {
    usd: 0.022,
    unit: 'GB-month',
    asOf: '2023-03',
    source: 'a list of S3 prices, gist.github.com/casouri',
  },
  standardOver500Tb: {
    usd: 0.021,
    unit: 'GB-month',
    asOf: '2023-03',
    source: 'a list of S3 prices, gist.github.com/casouri',
  },
  put: { usd: 0.005, unit: '1,000 PUT or LIST requests', asOf: '2026-11', source: INFRACOST },
  get: { usd: 0.0004, unit: '1,000 GET requests', asOf: '2026-11', source: INFRACOST },
  tieringFrequent: { usd: 0.023, unit: 'GB-month', asOf: '2026-11', source: INFRACOST },
  tieringInfrequent: { usd: 0.0125, unit: 'GB-month', asOf: '2026-11', source: INFRACOST },
  tieringArchiveInstant: { usd: 0.004, unit: 'GB-month', asOf: '2026-11', source: PAGE },
  tieringMonitoring: {
    usd: 0.0025,
    unit: '1,000 objects of 128 KiB or more a month',
    asOf: '2026-11',
    source: INFRACOST,
  },
  glacierIrStorage: { usd: 0.004, unit: 'GB-month', asOf: '2026-11', source: 'prices named in public backup scripts' },
  glacierIrTransition: { usd: 0.02, unit: '1,000 transitions', asOf: '2026-11', source: PAGE },
  glacierIrGet: { usd: 0.01, unit: '1,000 GET requests', asOf: '2026-11', source: PAGE },
  glacierIrRetrieval: { usd: 0.03, unit: 'GB', asOf: '2026-11', source: PAGE },
  glacierStorage: { usd: 0.0036, unit: 'GB-month', asOf: '2026-11', source: INFRACOST },
  glacierTransition: { usd: 0.03, unit: '1,000 transitions', asOf: '2026-11', source: INFRACOST },
  glacierRetrieval: { usd: 0.01, unit: 'GB, standard', asOf: '2026-11', source: REPOST },
  glacierRetrievalRequest: { usd: 0.05, unit: '1,000 restored objects, standard', asOf: '2026-11', source: REPOST },
  glacierBulkRetrieval: { usd: 0, unit: 'GB, bulk', asOf: '2026-11', source: RETRIEVAL_OPTIONS },
  glacierBulkRetrievalRequest: {
    usd: 0,
    unit: '1,000 restored objects, bulk',
    asOf: '2026-11',
    source: RETRIEVAL_OPTIONS,
  },
  glacierExpeditedRetrieval: { usd: 0.03, unit: 'GB, expedited', asOf: '2026-11', source: INFRACOST },
  glacierExpeditedRetrievalRequest: {
    usd: 10,
    unit: '1,000 restored objects, expedited',
    asOf: '2026-11',
    source: REPOST,
  },
  deepArchiveRetrieval: { usd: 0.02, unit: 'GB, standard', asOf: '2026-11', source: INFRACOST },
  deepArchiveRetrievalRequest: {
    usd: 0.1,
    unit: '1,000 restored objects, standard',
    asOf: '2026-11',
    source: INFRACOST,
  },
  deepArchiveBulkRetrieval: { usd: 0.0025, unit: 'GB, bulk', asOf: '2026-11', source: INFRACOST },
  deepArchiveBulkRetrievalRequest: {
    usd: 0.025,
    unit: '1,000 restored objects, bulk',
    asOf: '2026-11',
    source: INFRACOST,
  },
  kmsKey: { usd: 1, unit: 'key-month', asOf: '2026-06', source: 'aws.amazon.com/kms/pricing' },
  kmsRequest: { usd: 0.03, unit: '10,000 requests', asOf: '2026-06', source: 'aws.amazon.com/kms/pricing' },
  metric: { usd: 0.3, unit: 'metric-month', asOf: '2026-11', source: 'aws.amazon.com/cloudwatch/pricing' },
  alarmedMetric: { usd: 0.1, unit: 'alarm-metric-month', asOf: '2026-11', source: 'aws.amazon.com/cloudwatch/pricing' },
  logs: {
    usd: 0.5,
    unit: 'GB taken in',
    asOf: '2026-11',
    source: 'aws.amazon.com/cloudwatch/pricing, from memory, not confirmed',
  },
  lambda: {
    usd: 0.0000133334,
    unit: 'GB-second, arm64',
    asOf: '2026-11',
    source: 'aws.amazon.com/lambda/pricing, from memory, not confirmed',
  },
  lambdaRequest: {
    usd: 0.2,
    unit: '1,000,000 requests',
    asOf: '2026-11',
    source: 'aws.amazon.com/lambda/pricing, from memory, not confirmed',
  },
  egress: {
    usd: 0.09,
    unit: 'GB to the internet',
    asOf: '2026-11',
    source: 'aws.amazon.com/ec2/pricing, from memory, not confirmed',
  },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
export type Prices = Readonly<Record<PriceName, Price>>;
export const PRICE_NAMES = Object.keys(PRICES) as readonly PriceName[];
