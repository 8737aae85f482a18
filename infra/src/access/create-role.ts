import type { Duration } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledgements.ts';

export interface RoleInput {
  readonly name: string;
  readonly description: string;
  /** Who may take it. */
  readonly trust: readonly PolicyStatement[];
  /** What it may do: all of it. */
  readonly statements: readonly PolicyStatement[];
  readonly maxSessionDuration?: Duration;
}

/**
 * A role whose statements are exactly those given, each with a Sid. CDK would write the trust by itself, without Sids and
 * one statement for each action.
 */
export function createRole(scope: Construct, id: string, input: RoleInput): Role {
  const role = new Role(scope, id, {
    roleName: input.name,
    description: input.description,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'), // Replaced below.
    inlinePolicies: { [input.name]: new PolicyDocument({ statements: [...input.statements] }) },
    ...(input.maxSessionDuration === undefined ? {} : { maxSessionDuration: input.maxSessionDuration }),
  });
  (role.node.defaultChild as CfnRole).assumeRolePolicyDocument = new PolicyDocument({ statements: [...input.trust] });
  acknowledgeWildcards(role, input.statements);
  return role;
}
