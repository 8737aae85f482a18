/** AWS's own rules. All options are looked at in long/nag.test.ts. */
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { buildApp } from './kit/synthesize.ts';

test('the rules of cdk-nag find nothing that is not acknowledged with a reason', () => {
  const app = buildApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  expect(() => app.synth()).not.toThrow();
}, 300_000);
