import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openConnection } from '../../../src/store/s3/open-s3-store.ts';
import { noise } from '../../kit/store-contract/subjects.ts';
import { testOptions, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint();

test('the signature takes the checksum that is sent along for the payload’s hash, and hashes nothing itself', async () => {
  const { client } = await openConnection(testOptions(endpoint()));
  const wrong = noise(32, 9);
  const put = new PutObjectCommand({
    Bucket: 'bucket',
    Key: 'key',
    Body: Buffer.from('other bytes'),
    ChecksumSHA256: wrong.toString('base64'),
  });
  await expect(client.send(put)).rejects.toMatchObject({ name: 'XAmzContentSHA256Mismatch' });
  expect(endpoint().log[0]?.headers['x-amz-content-sha256']).toBe(wrong.toString('hex'));
  client.destroy();
});

test('connections are kept, and an error that is not repeated by the SDK comes once', async () => {
  const { client } = await openConnection(testOptions(endpoint()));
  endpoint().faults.add({ on: 'PutObject', effect: { type: 'answer', status: 503, code: 'SlowDown' } });
  const put = (): Promise<unknown> => client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'x' }));
  await expect(put()).rejects.toMatchObject({ name: 'SlowDown' });
  await put();
  expect(endpoint().log.map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'keep-alive']);
  expect(endpoint().count('PutObject')).toBe(2);
  client.destroy();
});

const refusal = (name: string): object =>
  expect.objectContaining({
    code: 'CONFIG_INVALID',
    message: `"${name}" is not the name of a region`,
    hint: expect.stringContaining('eu-central-1') as string,
  }) as object;

test.each(['Frankfurt!', 'eu central', '-x', '*', '', 'eu-central-1\n'])('%j is no region', async (region) => {
  await expect(openConnection({ ...testOptions(endpoint()), region })).rejects.toEqual(refusal(region));
});

test('nor is it one in the environment', async () => {
  vi.stubEnv('AWS_REGION', 'Frankfurt!');
  onTestFinished(() => void vi.unstubAllEnvs());
  const elsewhere = { ...testOptions(endpoint()), endpoint: undefined, region: undefined };
  await expect(openConnection(elsewhere)).rejects.toEqual(refusal('Frankfurt!'));
});

test('other servers than Amazon have other regions', async () => {
  const { client } = await openConnection({ ...testOptions(endpoint()), region: 'RegionOne' });
  expect(await client.config.region()).toBe('RegionOne');
  client.destroy();
});
