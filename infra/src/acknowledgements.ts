/** Findings of cdk-nag that are meant to be as they are. Each says why; a wildcard without a reason here ends the synthesis. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** By the Sid of the statement that reaches more than one object by name. */
const WHY_WILDCARDS: Readonly<Record<string, string>> = {
  ReadOwn: 'a device reads all that it has stored, and its tag in the path keeps it there',
  GiveUpOwnPacks: 'an upload in parts that is given up has a name that no one knew beforehand',
  AddToOwn: 'a device adds objects whose names no one knows beforehand, below five folders of its own part',
  TagOwnPacks: 'the tag that lets a lifecycle rule move a pack, on packs of the device itself',
  ThawOwnPacks: 'a restore thaws packs of the device itself',
  PublishMetrics: 'CloudWatch knows no resources for PutMetricData; a condition limits the namespace',
  ReadAll: 'the restore operator restores any device',
  ThawPacks: 'the restore operator restores any device',
  ReadHowItIs: 'the administrator sees how any device is: no documents and no catalogs',
  WriteWords: 'what the administrator says are objects of their own, each with a name of its own',
  ReadDeviceWords: 'the words about devices are objects of their own, each with a name of its own',
  GiveUpProbe: 'what "init" tries out has a name that no one knew beforehand',
  ReadHowDevicesAre: 'the nightly job works for all devices: no documents, from which a Deny keeps it, and no catalogs',
  GiveUpReport: 'each night has a report of its own',
  WriteMarksAndRecords: 'the nightly job works for all devices: marks, compacted indexes and its own records',
  RemoveSoftly: 'the nightly job works for all devices; what it removes gets a delete marker and can be brought back',
};

export function acknowledgeWildcards(policy: IConstruct, statements: readonly PolicyStatement[]): void {
  for (const statement of statements) {
    const { Effect, Resource } = statement.toStatementJson() as { Effect: string; Resource: unknown };
    if (Effect !== 'Allow') continue;
    for (const resource of [Resource].flat().map((one) => flatten(Stack.of(policy).resolve(one)))) {
      if (!resource.includes('*')) continue;
      const reason = WHY_WILDCARDS[statement.sid ?? ''];
      if (reason === undefined) throw new Error(`nobody has said why ${statement.sid} needs ${resource}`);
      Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
    }
  }
}

/** A resource as cdk-nag writes it in its findings. */
function flatten(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved.replaceAll(/\$\{([^}]*)\}/g, '<$1>');
  const [[name, value] = ['', undefined]] = Object.entries(resolved as Readonly<Record<string, unknown>>);
  switch (name) {
    case 'Fn::Join': {
      const [separator, parts] = value as [string, unknown[]];
      return parts.map(flatten).join(separator);
    }
    case 'Fn::GetAtt':
      return `<${(value as string[]).join('.')}>`;
    case 'Ref':
      return `<${String(value)}>`;
    case 'Fn::ImportValue':
      return flatten(value);
    default:
      throw new Error(`a resource is named by ${name}: teach it to src/acknowledgements.ts`);
  }
}

/** Other findings, by what they are about. */
const WHY = {
  function: {
    'Serverless-LambdaTracing':
      'each night leaves its result, report and log: traces of two functions would add a permission and tell nothing more',
    'Serverless-LambdaDLQ':
      'the coordinator has a destination for failures, which tells more than a dead-letter queue; the worker is called by a queue that has one',
  },
  jobRole: {
    'Serverless-LambdaStarPermissions':
      'CloudWatch knows no resources for PutMetricData; a condition limits the namespace',
  },
  mapping: {
    'Serverless-LambdaEventSourceMappingDestination':
      'queues as sources know no destination: what fails five times goes to the dead-letter queue',
  },
  deadLetters: {
    'Serverless-SQSRedrivePolicy': 'this is the dead-letter queue: an alarm tells of the first message in it',
  },
  subscription: {
    'Serverless-SNSRedrivePolicy':
      'mail has no consumer that could work off a queue; an alarm tells of failed notifications',
  },
  coldRule: {
    'CloudFormation-Validate::W9003': 'CDK writes the size as a number; CloudFormation takes it',
  },
  logBucket: { 'AwsSolutions-S1': 'this bucket is where the access log goes: one that logged itself would never end' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

export function acknowledge(construct: IConstruct, about: keyof typeof WHY): void {
  for (const [id, reason] of Object.entries(WHY[about])) Validations.of(construct).acknowledge({ id, reason });
}
