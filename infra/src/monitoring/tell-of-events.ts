/** A rule that turns events of AWS into a sentence for the mailbox, with a link to what to do. */
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { BackupConfig } from '../config/backup-config.ts';
import type { Names } from '../names.ts';

export interface Teller {
  readonly config: BackupConfig;
  readonly names: Names;
  readonly topic: ITopic;
  /** For what could not be told. */
  readonly dead: Queue;
}

export interface Told {
  /** Of the construct, and of the article in docs/runbook.md. */
  readonly id: string;
  /** Within the environment: `key-in-danger`. */
  readonly name: string;
  readonly description: string;
  readonly pattern: object;
  /** Also events of calls that only read, or that CloudTrail counts among those. */
  readonly alsoReads?: true;
  /** Where in the event the words of the sentence are, by the names that stand in it as `<name>`. */
  readonly words: Readonly<Record<string, string>>;
  readonly sentence: string;
}

export function tellOfEvents(scope: Construct, { config, names, topic, dead }: Teller, told: Told): void {
  const rule = new CfnRule(scope, told.id, {
    name: `${names.prefix}-${told.name}`,
    description: told.description,
    ...(told.alsoReads === true ? { state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' } : {}),
    eventPattern: told.pattern,
    targets: [
      {
        id: 'Alerts',
        arn: topic.topicArn,
        deadLetterConfig: { arn: dead.queueArn },
        inputTransformer: {
          inputPathsMap: told.words,
          inputTemplate: `"${told.sentence} What to do: ${config.runbookUrl}#${told.id.toLowerCase()}"`,
        },
      },
    ],
  });
  dead.addToResourcePolicy(
    new PolicyStatement({
      sid: `Allow${told.id}`,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [dead.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
    }),
  );
}
