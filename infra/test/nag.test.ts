import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { buildApp } from './kit/synthesize.ts';
import { CERTIFICATE_AUTHORITY } from './kit/certificate-authority.ts';

test.each([
  ['as it is by default', {}],
  [
    'with everything that is optional',
    {
      rolesAnywhere: { certificateAuthorityPem: CERTIFICATE_AUTHORITY },
      objectLock: { days: 7 },
      dashboard: true,
      scheduleTimeZone: 'America/Los_Angeles',
      packTiering: 'glacier',
    },
  ],
] as const)('the rules of cdk-nag find nothing that is not acknowledged with a reason: %s', (_, change) => {
  const app = buildApp(change);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  expect(() => app.synth()).not.toThrow();
});
