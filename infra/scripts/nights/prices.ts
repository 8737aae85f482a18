/** What a night costs, from what was counted. US dollars, us-west-2, without any free tier. */

/** As of November 2026. */
const PRICES = {
  listOrPutPer1000: 0.005,
  getPer1000: 0.0004,
  lambdaPerGbSecond: 0.0000133334,
  lambdaPerMillionInvocations: 0.2,
  sqsPerMillionRequests: 0.4,
} as const;

/** DeleteObject is free. */
const REQUEST_KINDS: Readonly<Record<string, 'listOrPut' | 'get' | 'free'>> = {
  ListObjectsV2: 'listOrPut',
  PutObject: 'listOrPut',
  GetObject: 'get',
  DeleteObject: 'free',
};

export function dollarsOfRequests(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce((sum, [operation, count]) => {
    const kind = REQUEST_KINDS[operation];
    if (kind === 'listOrPut') return sum + (count * PRICES.listOrPutPer1000) / 1000;
    return kind === 'get' ? sum + (count * PRICES.getPer1000) / 1000 : sum;
  }, 0);
}

export function dollarsOfLambda({
  seconds,
  invocations,
  memoryMiB,
}: {
  readonly seconds: number;
  readonly invocations: number;
  readonly memoryMiB: number;
}): number {
  const gbSeconds = (seconds * memoryMiB) / 1024;
  return gbSeconds * PRICES.lambdaPerGbSecond + (invocations * PRICES.lambdaPerMillionInvocations) / 1e6;
}

/** Each message is sent (up to ten at once), received and deleted. */
export const dollarsOfQueue = (requests: number): number => (requests * PRICES.sqsPerMillionRequests) / 1e6;
