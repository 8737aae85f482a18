/** Who may do what, decided by a simulator of IAM on the policies as they are synthesized. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { actionsOf, policiesOf, policyNamed } from '../kit/policies.ts';
import { BUCKET_ARN, deploy } from '../kit/resolve-template.ts';
import { callsOf } from '../kit/s3-calls.ts';
import type { RecordedRequest } from '../kit/s3-calls.ts';
import { simulatorOf } from '../kit/simulate.ts';
import type { Call } from '../kit/simulate.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import { BUCKET_POLICY, KEY_POLICY } from './rows/bucket-rows.ts';
import { CERTIFICATES, DEVICE, TRICKS } from './rows/device-rows.ts';
import { JOB, PEOPLE } from './rows/role-rows.ts';
import { MARKS, own } from './rows/row.ts';
import type { Row } from './rows/row.ts';

const byDefault = simulatorOf(BY_DEFAULT);
const withAll = simulatorOf(WITH_ALL);

const nameOf = ([verdict, who, action, resource, context]: Row): string =>
  `${who} is ${verdict} ${action} on "${resource.replace(BUCKET_ARN, '')}"${context === undefined ? '' : ` with ${JSON.stringify(context, (_, value: unknown) => value ?? 'nothing')}`}`;

describe.each([
  ['a device', DEVICE, byDefault],
  ['tricks with names', TRICKS, byDefault],
  ['a device with a certificate, packs in Glacier', CERTIFICATES, withAll],
  ['the bucket policy', BUCKET_POLICY, byDefault],
  ['the key policy', KEY_POLICY, byDefault],
  ['the nightly job', JOB, byDefault],
  ['people', PEOPLE, byDefault],
] as const)('%s', (_, rows, simulate) => {
  test.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
    const [verdict, principal, action, resource, context] = row;
    expect(await simulate({ principal, action, resource, ...(context === undefined ? {} : { context }) })).toBe(
      verdict,
    );
  });
});

describe('two devices never see each other', () => {
  const actions = actionsOf(policyNamed(policiesOf(deploy(BY_DEFAULT).storage), 'policy smallbiz-prod-backup-device'));
  const onObjects = actions.filter((action) => /^s3:.*Object|^s3:Abort/.test(action));

  test.each(onObjects)('%s', async (action) => {
    for (const folder of ['data', 'meta', 'index', 'snapshots', 'runs', 'marks'])
      expect(await byDefault({ principal: 'device dev-2', action, resource: own(folder) })).toBe('denied');
  });
});

/** What the agent asks of S3, as far as its source says. */
const AGENT: readonly RecordedRequest[] = [
  ...(['v1/repository.json', 'v1/devices/dev-1/data/', 'v1/devices/dev-1/marks/', 'v1/devices/dev-1/'] as const).map(
    (key): RecordedRequest => ({ principal: 'device dev-1', operation: 'ListObjectsV2', key }),
  ),
  { principal: 'device dev-1', operation: 'GetObject', key: 'v1/repository.json' },
  ...['data', 'meta', 'index', 'snapshots', 'runs'].flatMap((folder) =>
    (
      [
        'GetObject',
        'HeadObject',
        'PutObject',
        'CreateMultipartUpload',
        'UploadPart',
        'CompleteMultipartUpload',
        'AbortMultipartUpload',
      ] as const
    ).map((operation): RecordedRequest => ({ principal: 'device dev-1', operation, key: own(folder) })),
  ),
  { principal: 'device dev-1', operation: 'GetObject', key: MARKS },
];
const METRICS: Call = {
  principal: 'device dev-1',
  action: 'cloudwatch:PutMetricData',
  resource: '*',
  context: { 'cloudwatch:namespace': 'BackupAgent/Devices' },
};

describe('the role of a device and the calls of the agent', () => {
  test('all that the agent asks is allowed', async () => {
    for (const call of [...AGENT.flatMap(callsOf), METRICS])
      expect([call, await byDefault(call)]).toEqual([call, 'allowed']);
  });

  test('nothing is allowed that the agent does not ask', () => {
    const allowed = actionsOf(
      policyNamed(policiesOf(deploy(BY_DEFAULT).storage), 'policy smallbiz-prod-backup-device'),
    );
    const asked = [...new Set([...AGENT.flatMap(callsOf), METRICS].map(({ action }) => action))].sort();
    expect(allowed).toEqual(asked);
  });
});

/** Each file: `{"allowed": [RecordedRequest or Call, ...]}`, recorded from real runs, restores and nights. */
const RECORDED = globSync('*.json', { cwd: path.join(import.meta.dirname, '../recorded') });

test.each(RECORDED)('the calls recorded in %s are allowed', async (file) => {
  const text = readFileSync(path.join(import.meta.dirname, '../recorded', file), 'utf8');
  const { allowed } = JSON.parse(text) as { allowed: (RecordedRequest | Call)[] };
  expect(allowed.length).toBeGreaterThan(0);
  for (const call of allowed.flatMap((item) => ('operation' in item ? callsOf(item) : [item])))
    expect([call, await byDefault(call)]).toEqual([call, 'allowed']);
});
