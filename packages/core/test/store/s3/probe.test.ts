import { expect, test } from 'vitest';
import { probeKey } from '../../../src/keys.ts';
import { probeS3 } from '../../../src/store/s3/index.ts';
import type { S3LookFirst, S3Weakness } from '../../../src/store/s3/index.ts';
import type { S3EndpointOptions } from '../../kit/s3-endpoint/start-s3-endpoint.ts';
import { runNumber } from '../../kit/store-contract/subjects.ts';
import { testOptions, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();
const words = { small: runNumber(1), large: runNumber(2) };

test('a server that can do everything has no weakness, and two objects stay', async () => {
  const probe = await probeS3(testOptions(endpoint(), { prefix: 'office', kmsKey: 'key-1' }), words);
  expect(probe).toEqual({
    conditionalPut: true,
    conditionalCompletion: true,
    checksumKept: true,
    sseKms: true,
    versions: true,
    lookFirst: 'never',
    weaknesses: [],
    keys: [probeKey(words.small), probeKey(words.large)],
  });
  for (const key of probe.keys) expect(endpoint().object('bucket', `office/${key}`)).toBeDefined();
  expect(endpoint().pendingUploads('bucket')).toEqual([]);
  expect(endpoint().count('DeleteObject')).toBe(0);
});

test.each<[S3Weakness, S3EndpointOptions, S3LookFirst]>([
  ['replaces-objects', { conditionalPut: false }, 'always'],
  ['replaces-large-objects', { conditionalCompletion: false }, 'large'],
  ['forgets-checksums', { keepsChecksums: false }, 'never'],
  ['no-versions', { versions: false }, 'never'],
])('%s', async (weakness, settings, lookFirst) => {
  Object.assign(endpoint().settings, settings);
  const probe = await probeS3(testOptions(endpoint(), { kmsKey: 'key-1' }), words);
  expect(probe).toMatchObject({ weaknesses: [weakness], lookFirst });
});

test('without a configured key a bucket without KMS is no weakness, but told', async () => {
  const probe = await probeS3(testOptions(endpoint()), words);
  expect(probe).toMatchObject({ sseKms: false, weaknesses: [] });
});

test('what is denied is an error, not a weakness', async () => {
  endpoint().settings.denies = ({ operation }) => operation === 'CreateMultipartUpload';
  await expect(probeS3(testOptions(endpoint()), words)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
});
