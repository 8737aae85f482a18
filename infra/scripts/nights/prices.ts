/** What a night costs, from what was counted: list prices without any free tier. */
import { PRICES, ratesOf } from '@backup-agent/core';

const RATES = ratesOf(PRICES);

/** DeleteObject is free. */
const REQUEST_RATES: Readonly<Record<string, number>> = {
  ListObjectsV2: RATES.put,
  PutObject: RATES.put,
  GetObject: RATES.get,
};

export const dollarsOfRequests = (counts: Readonly<Record<string, number>>): number =>
  Object.entries(counts).reduce((sum, [operation, count]) => sum + count * (REQUEST_RATES[operation] ?? 0), 0);

export function dollarsOfLambda({
  seconds,
  invocations,
  memoryMiB,
}: {
  readonly seconds: number;
  readonly invocations: number;
  readonly memoryMiB: number;
}): number {
  return ((seconds * memoryMiB) / 1024) * RATES.lambda + invocations * RATES.lambdaRequest;
}

/** Each message is sent (up to ten at once), received and deleted. */
export const dollarsOfQueue = (requests: number): number => requests * RATES.queueRequest;
