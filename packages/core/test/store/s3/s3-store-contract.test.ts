import { afterAll } from 'vitest';
import type { S3StoreOptions } from '../../../src/store/s3/index.ts';
import { describeObjectStore } from '../../kit/store-contract.ts';
import type { StoreCapabilities } from '../../kit/store-contract.ts';
import { startS3Endpoint } from '../../kit/s3-endpoint/start-s3-endpoint.ts';
import type { S3Endpoint, S3EndpointOptions } from '../../kit/s3-endpoint/start-s3-endpoint.ts';
import { openTestStore } from './open-test-store.ts';

const EVERYTHING: StoreCapabilities = {
  conditionalPut: true,
  conditionalCompletion: true,
  checksumKept: true,
  sseKms: true,
  versions: true,
  undeletes: true,
  persistent: true,
};

// The condition alone must do: nothing looks before a completion.
describeEndpoint('the S3 store', EVERYTHING, {}, { lookFirst: 'never' });
describeEndpoint(
  'the S3 store on a weak server with small pages',
  { ...EVERYTHING, conditionalCompletion: false, checksumKept: false, versions: false, undeletes: false },
  { conditionalCompletion: false, keepsChecksums: false, versions: false, pageSize: 7 },
);

function describeEndpoint(
  name: string,
  capabilities: StoreCapabilities,
  settings: S3EndpointOptions,
  changes: Partial<S3StoreOptions> = {},
): void {
  let endpoint: S3Endpoint | undefined;
  afterAll(() => endpoint?.close());
  describeObjectStore(name, capabilities, async () => {
    endpoint ??= await startS3Endpoint(settings);
    const store = await openTestStore(endpoint, { prefix: 'office/backups', kmsKey: 'key-1', ...changes });
    return { store, close: () => Promise.resolve() };
  });
}
