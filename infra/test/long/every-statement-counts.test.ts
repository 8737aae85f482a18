/** Without any one statement of the policies some call of the simulation would be decided otherwise: none is there in vain. */
import { describe, expect, test } from 'vitest';
import { policiesOf } from '../kit/policies.ts';
import { callsOf } from '../kit/recording/calls.ts';
import { readRecording } from '../kit/recording/files.ts';
import { serviceArnsOf } from '../kit/recording/service-arns.ts';
import { deploy } from '../kit/resolve-template.ts';
import { simulatorWithout } from '../kit/simulate.ts';
import type { Call } from '../kit/simulate.ts';
import { BY_DEFAULT, WITH_ALL } from '../kit/stacks.ts';
import { BUCKET_POLICY, KEY_POLICY } from '../suites/rows/bucket-rows.ts';
import { CERTIFICATES, DEVICE, TRICKS } from '../suites/rows/device-rows.ts';
import { JOB, PEOPLE } from '../suites/rows/role-rows.ts';
import type { Row } from '../suites/rows/row.ts';

/** Of what AWS does by itself, which no call of ours asks for. */
const OF_OTHERS = new Set(['WriteLog', 'AllowDeliveryOfLogs']);
const NIGHT = readRecording('night')
  .allowed.flatMap((request) => callsOf(request, serviceArnsOf(deploy(BY_DEFAULT).service)))
  .map(({ principal, action, resource, context }): Row => ['allowed', principal, action, resource, context]);

describe.each([
  ['by default', BY_DEFAULT, [...DEVICE, ...TRICKS, ...BUCKET_POLICY, ...KEY_POLICY, ...JOB, ...PEOPLE, ...NIGHT]],
  ['with certificates', WITH_ALL, CERTIFICATES],
] as const)('%s', (label, synthesized, rows) => {
  const { storage, service } = deploy(synthesized);
  const policies = [...policiesOf(storage), ...policiesOf(service)].filter(({ name }) =>
    label === 'by default'
      ? /^(role|policy|key DataKey|bucket )/.test(name)
      : name === 'role smallbiz-prod-backup-device',
  );
  const statements = policies.flatMap(({ name, document }) =>
    document.Statement.flatMap(({ Sid = '' }) => (OF_OTHERS.has(Sid) ? [] : [[name, Sid] as const])),
  );

  test.each(statements)('%s: %s', async (policy, sid) => {
    const simulate = simulatorWithout(synthesized, { policy, sid });
    for (const [verdict, principal, action, resource, context] of rows) {
      const call: Call = { principal, action, resource, ...(context === undefined ? {} : { context }) };
      if ((await simulate(call)) !== verdict) return;
    }
    expect.fail(`nothing is decided otherwise without ${sid}`);
  });
});
