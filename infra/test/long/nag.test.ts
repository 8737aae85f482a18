import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { buildApp } from '../kit/synthesize.ts';
import { ALL_OPTIONS } from '../kit/all-options.ts';

test.each([
  ['as it is by default', {}],
  ['with everything that is optional', ALL_OPTIONS],
  [
    'in a small account without alarms by mail',
    { environment: 'dev', alarmEmail: undefined, breakGlassRoleArn: undefined },
  ],
] as const)(
  'the rules of cdk-nag find nothing that is not acknowledged with a reason: %s',
  (_, change) => {
    const app = buildApp(change);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    expect(() => app.synth()).not.toThrow();
  },
  300_000,
);
