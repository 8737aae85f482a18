import type { ObjectStore } from '../../../src/store/ports.ts';
import { openS3Store } from '../../../src/store/s3/index.ts';
import type { S3StoreOptions } from '../../../src/store/s3/index.ts';
import type { S3Endpoint } from '../../kit/s3-endpoint/start-s3-endpoint.ts';

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

export const openTestStore = (endpoint: S3Endpoint, changes: Partial<S3StoreOptions> = {}): Promise<ObjectStore> =>
  openS3Store(testOptions(endpoint, changes));
