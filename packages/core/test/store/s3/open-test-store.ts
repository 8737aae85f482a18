import { afterEach, beforeEach } from 'vitest';
import type { ObjectStore } from '../../../src/store/ports.ts';
import { openS3Store } from '../../../src/store/s3/index.ts';
import type { S3RequestEvent, S3Store, S3StoreOptions } from '../../../src/store/s3/index.ts';
import { startS3Endpoint } from '../../kit/s3-endpoint/start-s3-endpoint.ts';
import type { S3Endpoint, S3EndpointOptions } from '../../kit/s3-endpoint/start-s3-endpoint.ts';

/** An endpoint of its own for each test; a test whose faults were not all met fails. */
export function useEndpoint(options: S3EndpointOptions = {}): () => S3Endpoint {
  let endpoint: S3Endpoint | undefined;
  const current = (): S3Endpoint => {
    if (endpoint === undefined) throw new Error('the endpoint is not started');
    return endpoint;
  };
  beforeEach(async () => {
    endpoint = await startS3Endpoint(options);
  });
  afterEach(async () => {
    await current().close();
    current().faults.verifyAllHit();
  });
  return current;
}

/** The options of a store on the endpoint, that waits for nothing. */
export function testOptions(endpoint: S3Endpoint, changes: Partial<S3StoreOptions> = {}): S3StoreOptions {
  return {
    bucket: 'bucket',
    prefix: '',
    endpoint: endpoint.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    signal: new AbortController().signal,
    random: () => 0,
    ...changes,
  };
}

export const openTestStore = (endpoint: S3Endpoint, changes: Partial<S3StoreOptions> = {}): Promise<S3Store> =>
  openS3Store(testOptions(endpoint, changes));

/** A store, and what it tells of its attempts: `PutObject 1 retried SlowDown`. */
export async function openWatchedStore(
  endpoint: S3Endpoint,
  changes: Partial<S3StoreOptions> = {},
): Promise<{ readonly store: ObjectStore; readonly attempts: string[] }> {
  const attempts: string[] = [];
  const onRequest = ({ operation, attempt, outcome, problem }: S3RequestEvent): void => {
    attempts.push([operation, attempt, outcome, ...(problem === undefined ? [] : [problem])].join(' '));
  };
  return { store: await openTestStore(endpoint, { onRequest, ...changes }), attempts };
}
