/**
 * The S3 store on a real server: BACKUP_AGENT_TEST_S3_ENDPOINT, and, unless `test` with the secret `test` will do,
 * BACKUP_AGENT_TEST_S3_ACCESS_KEY, BACKUP_AGENT_TEST_S3_SECRET and BACKUP_AGENT_TEST_S3_KMS_KEY. It makes a bucket of
 * its own and takes it away again.
 */
import { randomBytes } from 'node:crypto';
import { afterAll } from 'vitest';
import { isBackupError } from '../../src/errors.ts';
import { openS3Store, probeS3, S3_WEAKNESSES } from '../../src/store/s3/index.ts';
import type { S3Probe, S3StoreOptions } from '../../src/store/s3/index.ts';
import { skippedSuite } from '../kit/skipped-suite.ts';
import { describeObjectStore } from '../kit/store-contract.ts';
import { runNumber } from '../kit/store-contract/subjects.ts';
import { raceWriters } from './conditional-race.ts';
import type { RaceResult } from './conditional-race.ts';
import { makeBucket, removeBucket } from './s3-bucket.ts';

const { env } = process;
const endpoint = env['BACKUP_AGENT_TEST_S3_ENDPOINT'];
const KMS_KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

if (endpoint === undefined)
  skippedSuite('the S3 store on a real server', 'no S3 server: set BACKUP_AGENT_TEST_S3_ENDPOINT');
else await describeServer(endpoint);

async function describeServer(url: string): Promise<void> {
  const bucket = `backup-agent-test-${randomBytes(4).toString('hex')}`;
  const credentials = {
    accessKeyId: env['BACKUP_AGENT_TEST_S3_ACCESS_KEY'] ?? 'test',
    secretAccessKey: env['BACKUP_AGENT_TEST_S3_SECRET'] ?? 'test',
  };
  const options: S3StoreOptions = {
    bucket,
    prefix: 'probe',
    endpoint: url,
    credentials,
    kmsKey: env['BACKUP_AGENT_TEST_S3_KMS_KEY'] ?? KMS_KEY,
    signal: new AbortController().signal,
    random: Math.random,
  };
  await makeBucket({ endpoint: url, credentials, bucket });
  afterAll(() => removeBucket({ endpoint: url, credentials, bucket }), 120_000);

  const { probe, kmsKey } = await probeWithKey(options);
  const race = await raceWriters({ endpoint: url, credentials, bucket });
  process.stdout.write(table(url, probe, race));
  const capabilities = {
    ...probe,
    conditionalPut: probe.conditionalPut && race.put,
    conditionalCompletion: probe.conditionalCompletion && race.completion,
    undeletes: probe.versions,
    persistent: true,
  };
  describeObjectStore(`the S3 store on ${url}`, capabilities, async () => {
    const store = await openS3Store({
      ...options,
      kmsKey,
      lookFirst: probe.lookFirst,
      prefix: 'contract/of the store',
    });
    return { store, close: () => Promise.resolve() };
  });
}

/** With a KMS key, or, where the server refuses any, without. */
async function probeWithKey(options: S3StoreOptions): Promise<{ probe: S3Probe; kmsKey: string | undefined }> {
  const words = { small: runNumber(1), large: runNumber(2) };
  try {
    return { probe: await probeS3(options, words), kmsKey: options.kmsKey };
  } catch (error) {
    if (!isBackupError(error)) throw error;
    process.stdout.write(`with a KMS key: ${error.message}\n`);
    return { probe: await probeS3({ ...options, kmsKey: undefined }, words), kmsKey: undefined };
  }
}

function table(url: string, probe: S3Probe, race: RaceResult): string {
  const rows = [
    ['conditional put', probe.conditionalPut],
    ['  by writers at once', probe.conditionalPut && race.put],
    ['conditional completion', probe.conditionalCompletion],
    ['  by writers at once', probe.conditionalCompletion && race.completion],
    ['checksum kept', probe.checksumKept],
    ['SSE-KMS', probe.sseKms],
    ['versions', probe.versions],
  ] as const;
  const lines = [
    `capabilities of ${url}`,
    ...rows.map(([name, has]) => `  ${name.padEnd(24)}${has ? 'yes' : 'no'}`),
    ...probe.weaknesses.map((weakness) => `  weakness ${weakness}: the server ${S3_WEAKNESSES[weakness]}`),
  ];
  return `${lines.join('\n')}\n`;
}
