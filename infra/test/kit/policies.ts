/** Every policy of the stacks, as it would stand in the account. */
import type { Deployed } from './resolve-template.ts';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}
export interface NamedPolicy {
  /** `role smallbiz-prod-backup-worker`, `trust of ...`, `bucket ...`. */
  readonly name: string;
  readonly document: PolicyDocument;
}

export function policiesOf({ Resources }: Deployed): NamedPolicy[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]): NamedPolicy[] => {
    const property = (name: string): PolicyDocument => Properties[name] as PolicyDocument;
    switch (Type) {
      case 'AWS::IAM::Role': {
        const name = Properties['RoleName'] as string;
        const inline = Properties['Policies'] as { PolicyDocument: PolicyDocument }[];
        return [
          { name: `trust of ${name}`, document: property('AssumeRolePolicyDocument') },
          ...inline.map(({ PolicyDocument: document }) => ({ name: `role ${name}`, document })),
        ];
      }
      case 'AWS::IAM::ManagedPolicy':
        return [{ name: `policy ${Properties['ManagedPolicyName'] as string}`, document: property('PolicyDocument') }];
      case 'AWS::IAM::Policy':
        throw new Error(`${id}: somebody let CDK add a policy by itself`);
      case 'AWS::S3::BucketPolicy':
        return [{ name: `bucket ${Properties['Bucket'] as string}`, document: property('PolicyDocument') }];
      case 'AWS::KMS::Key':
        return [{ name: `key ${id.replace(/[0-9A-F]{8}$/, '')}`, document: property('KeyPolicy') }];
      case 'AWS::SNS::TopicPolicy':
        return [{ name: 'topic', document: property('PolicyDocument') }];
      case 'AWS::SQS::QueuePolicy':
        return [{ name: `queue ${id.replace(/Policy[0-9A-F]{8}$/, '')}`, document: property('PolicyDocument') }];
      default:
        return [];
    }
  });
}

export function policyNamed(policies: readonly NamedPolicy[], name: string): PolicyDocument {
  const found = policies.find((policy) => policy.name === name);
  if (found === undefined)
    throw new Error(`there is no policy "${name}", only ${policies.map((p) => p.name).join(', ')}`);
  return found.document;
}

export const actionsOf = ({ Statement: statements }: PolicyDocument): string[] =>
  [...new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action))].sort();
