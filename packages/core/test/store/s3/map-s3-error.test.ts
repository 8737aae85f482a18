/** Each row with an error of the SDK's own making: what a server answered, or the system said. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { BackupError } from '../../../src/errors.ts';
import { packKey, snapshotKey } from '../../../src/keys.ts';
import { snapshotName } from '../../../src/ids.ts';
import { faultKindOf, mapS3Error } from '../../../src/store/s3/map-s3-error.ts';
import type { S3ErrorContext } from '../../../src/store/s3/s3-error-facts.ts';
import { deviceFor, MiB, noise, runNumber } from '../../kit/store-contract/subjects.ts';
import { openTestStore, useEndpoint } from './open-test-store.ts';

const endpoint = useEndpoint({ region: 'eu-central-1', kmsKeys: ['good'], kmsKeysDenied: ['denied'] });
const region = 'eu-central-1';
const key = snapshotKey(deviceFor('laptop'), snapshotName(runNumber(1), 0));
const pack = packKey(deviceFor('laptop'), { kind: 'data', run: runNumber(1), number: 0 });

async function failureOf(doing: Promise<unknown>): Promise<BackupError> {
  return doing.then(
    () => expect.unreachable(),
    (error: unknown) => error as BackupError,
  );
}

describe('what a real exchange tells', () => {
  const open = (changes: Parameters<typeof openTestStore>[1]) => openTestStore(endpoint(), { region, ...changes });

  test('the access key is unknown', async () => {
    const store = await open({ credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' } });
    const error = await failureOf(store.list(''));
    expect(error).toMatchObject({
      code: 'ACCESS_DENIED',
      hint: expect.stringContaining('AWS_ACCESS_KEY_ID') as string,
    });
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ does not know the access key that was used$/);
  });

  test('the secret is wrong', async () => {
    const store = await open({ credentials: { accessKeyId: 'test', secretAccessKey: 'wrong' } });
    expect(await failureOf(store.list(''))).toMatchObject({
      code: 'ACCESS_DENIED',
      hint: expect.stringContaining('AWS_SECRET_ACCESS_KEY') as string,
    });
  });

  test.each([
    ['the access key', { accessKeyId: 'AKIA\nTEST', secretAccessKey: 'x' }],
    ['the session token', { accessKeyId: 'test', secretAccessKey: 'x', sessionToken: 'to\rken' }],
  ])('a line break is in %s', async (_, credentials) => {
    const store = await open({ credentials });
    expect(await failureOf(store.list(''))).toMatchObject({
      code: 'ACCESS_DENIED',
      message: 'the credentials for S3 hold a line break or another character that none can hold',
      hint: expect.stringContaining('AWS_ACCESS_KEY_ID') as string,
    });
    expect(endpoint().log).toEqual([]);
  });

  test('the bucket is in another region', async () => {
    const store = await open({ region: 'us-west-2' });
    expect(await failureOf(store.list(''))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'bucket "bucket" is in region eu-central-1, not in us-west-2',
      hint: 'set the region to eu-central-1 (--region)',
    });
  });

  test.each([
    [-42, '42 minutes (it is ahead)'],
    [26 * 60, '26 hours (it is behind)'],
  ])('the clock is wrong (server %i minutes from here)', async (minutes, words) => {
    endpoint().setClock(new Date(Date.now() + minutes * 60_000));
    const store = await open({});
    const error = await failureOf(store.list(''));
    expect(error).toMatchObject({ code: 'CLOCK_WRONG', exitCode: 2 });
    expect(error.message).toContain(`this computer's clock is off by ${words}`);
  });

  test('the bucket is missing', async () => {
    const store = await open({ bucket: 'nowhere' });
    expect(await failureOf(store.create(key, [noise(10, 1)]))).toMatchObject({
      code: 'REPOSITORY_MISSING',
      message: expect.stringMatching(/^there is no bucket "nowhere" at 127/) as string,
    });
  });

  test('the KMS key does not exist', async () => {
    const store = await open({ kmsKey: 'bad' });
    expect(await failureOf(store.create(key, [noise(10, 1)]))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^KMS key bad does not exist/) as string,
    });
    expect(await failureOf(store.create(pack, [noise(9 * MiB, 1)]))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('the KMS key is denied: the hint names both permissions', async () => {
    const store = await open({ kmsKey: 'denied' });
    expect(await failureOf(store.create(key, [noise(10, 1)]))).toMatchObject({
      code: 'ACCESS_DENIED',
      message: `not allowed to write s3://bucket/${key}`,
      hint: 'the role or user needs s3:PutObject on the objects and kms:GenerateDataKey on their key',
    });
  });

  test('the storage class does not exist', async () => {
    endpoint().faults.add({ on: 'PutObject', effect: { type: 'answer', status: 400, code: 'InvalidStorageClass' } });
    const store = await open({ packTiering: 'intelligent' });
    expect(await failureOf(store.create(pack, [noise(10, 1)]))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test.each([
    ['ListObjectsV2', () => open({}).then((store) => store.list('')), 's3:ListBucket'],
    ['DeleteObject', () => open({}).then((store) => store.remove(key)), 's3:DeleteObject'],
    ['UploadPart', () => open({}).then((store) => store.create(pack, [noise(9 * MiB, 1)])), 'kms:Decrypt'],
  ])('%s is not allowed', async (operation, doing, permission) => {
    endpoint().settings.denies = (call) => call.operation === operation;
    const error = await failureOf(doing());
    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.hint).toContain(permission);
  });

  test.each([
    [400, 'ExpiredToken', 'ACCESS_DENIED', 'have expired'],
    [400, 'KMS.DisabledException', 'ACCESS_DENIED', 'disabled'],
    [400, 'KMS.KMSInvalidStateException', 'ACCESS_DENIED', 'about to be deleted'],
    [400, 'KMS.AccessDeniedException', 'ACCESS_DENIED', 'refused'],
    [301, 'PermanentRedirect', 'CONFIG_INVALID', 'is not in region'],
    [501, 'NotImplemented', 'CONFIG_INVALID', 'does not support'],
    [507, 'InsufficientCapacity', 'DISK_FULL', 'no room'],
    [400, 'SomethingNew', 'FAILED', 'refuses (SomethingNew, status 400)'],
    [400, '<b>not a code</b> at all', 'FAILED', 'refuses (status 400)'],
  ])('status %i, %s', async (status, code, expected, words) => {
    endpoint().faults.add({ on: 'PutObject', effect: { type: 'answer', status, code } });
    const store = await open({});
    const error = await failureOf(store.create(key, [noise(10, 1)]));
    expect(error.code).toBe(expected);
    expect(error.message).toContain(words);
  });
});

describe('what the system tells', () => {
  const context: S3ErrorContext = {
    operation: 'PutObject',
    key,
    bucket: 'bucket',
    location: 's3://bucket',
    host: 'Amazon S3 in us-west-2',
    region: 'us-west-2',
    kmsKey: undefined,
  };
  const systemError = (name: string, code: string): Error =>
    Object.assign(new Error('said the system'), { name, code });

  test.each([
    ['ENOTFOUND', 'unreachable', 'cannot reach Amazon S3 in us-west-2 (ENOTFOUND)'],
    ['EAI_AGAIN', 'unreachable', 'cannot reach'],
    ['ENETUNREACH', 'unreachable', 'cannot reach'],
    ['ECONNRESET', 'transient', 'breaks off'],
    ['EPIPE', 'transient', 'breaks off'],
    ['ETIMEDOUT', 'transient', 'breaks off'],
    ['HPE_INVALID_CONSTANT', 'transient', 'breaks off'],
    ['CERT_HAS_EXPIRED', 'final', 'secure connection'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'final', 'secure connection'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'final', 'secure connection'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'final', 'secure connection'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'final', 'secure connection'],
    ['EPROTO', 'final', 'secure connection'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'final', 'secure connection'],
  ])('%s', (code, kind, words) => {
    const error = systemError('Error', code);
    expect(faultKindOf(error)).toBe(kind);
    const mapped = mapS3Error(error, context);
    expect(mapped).toMatchObject({ code: 'STORE_UNREACHABLE', exitCode: 1, key });
    expect(mapped.message).toContain(words);
  });

  test.each([
    ['Amazon S3 in us-west-2', /network connection.*whether there is a region us-west-2 \(--region\)$/],
    ['backup.example', /network connection and the endpoint's name$/],
  ])('%s has no address', (host, hint) => {
    const mapped = mapS3Error(systemError('Error', 'ENOTFOUND'), { ...context, host });
    expect(mapped.hint).toMatch(hint);
  });

  test('no credentials are found', () => {
    const error = systemError('CredentialsProviderError', 'x');
    expect(mapS3Error(error, context)).toMatchObject({
      code: 'ACCESS_DENIED',
      exitCode: 6,
      message: 'no usable credentials for S3 were found',
    });
  });

  test('something that is not even an error', () => {
    expect(mapS3Error('oops', context)).toMatchObject({ code: 'FAILED', cause: expect.any(Error) as Error });
  });
});

describe('secrets', () => {
  const canaries = {
    accessKeyId: 'AKIACANARYCANARY',
    secretAccessKey: 'canary-secret-access-key',
    sessionToken: 'canary-session-token',
  };

  test.each([
    ['an unknown access key', 'InvalidAccessKeyId', { AWSAccessKeyId: canaries.accessKeyId }],
    [
      'a wrong signature',
      'SignatureDoesNotMatch',
      { StringToSign: canaries.secretAccessKey, CanonicalRequest: `x-amz-security-token:${canaries.sessionToken}` },
    ],
    ['an expired token', 'ExpiredToken', { 'Token-0': canaries.sessionToken }],
    ['a code that is a secret with a space', `${canaries.secretAccessKey} x`, {}],
  ])('stay out of every form of the error about %s', async (_, code, fields) => {
    endpoint().faults.add({ on: 'ListObjectsV2', effect: { type: 'answer', status: 403, code, fields } });
    const store = await openTestStore(endpoint(), { region, credentials: canaries });
    const error = await failureOf(store.list(''));
    const forms = [
      error.message,
      error.hint,
      error.stack,
      JSON.stringify(error),
      inspect(error, { depth: 20, showHidden: true }),
    ];
    for (const form of forms) expect(form).not.toMatch(/canary/i);
  });

  test('stay out of what is told of the attempts', async () => {
    const told: string[] = [];
    const store = await openTestStore(endpoint(), {
      region,
      credentials: canaries,
      onRequest: (event) => told.push(JSON.stringify(event)),
    });
    await failureOf(store.create(key, [noise(10, 1)]));
    expect(told).toHaveLength(1);
    expect(told.join()).not.toMatch(/canary/i);
  });
});
