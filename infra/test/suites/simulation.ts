/** Who may do what, decided by a simulator of IAM on the policies as they are synthesized. */
import { describe, expect, test } from 'vitest';
import { actionsOf, policiesOf, policyNamed } from '../kit/policies.ts';
import { BUCKET_ARN, deploy } from '../kit/resolve-template.ts';
import { simulatorOf } from '../kit/simulate.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import { BUCKET_POLICY, KEY_POLICY } from './rows/bucket-rows.ts';
import { CERTIFICATES, DEVICE, TRICKS } from './rows/device-rows.ts';
import { JOB, PEOPLE } from './rows/role-rows.ts';
import { own } from './rows/row.ts';
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
