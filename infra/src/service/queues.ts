/** The night's messages, and where those end that nobody could work off. */
import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import { WORKER_TIMEOUT } from './functions.ts';

export interface Queues {
  readonly work: Queue;
  /** For all that fails: messages, events that did not reach the coordinator, and invocations of it. */
  readonly dead: Queue;
}

/** AWS's advice for a queue that Lambda reads, so that a message whose function is throttled does not come twice. */
const VISIBILITY_TIMEOUTS = 6;
/**
 * Four waits of 90 minutes: what fails for an hour or two (S3, KMS, a limit) has passed by then, and the night still ends
 * before the next one begins. Fewer attempts would also count those that Lambda throttled.
 */
const RECEIVES_MAX = 5;
/** The next night does all of it again. */
const WORK_KEPT = Duration.days(2);
const DEAD_KEPT = Duration.days(14);

export function createQueues(scope: Construct): Queues {
  const dead = new Queue(scope, 'DeadLetters', { encryption: QueueEncryption.SQS_MANAGED, retentionPeriod: DEAD_KEPT });
  acknowledge(dead, 'deadLetters');
  const work = new Queue(scope, 'Work', {
    encryption: QueueEncryption.SQS_MANAGED,
    visibilityTimeout: Duration.seconds(WORKER_TIMEOUT.toSeconds() * VISIBILITY_TIMEOUTS),
    retentionPeriod: WORK_KEPT,
    deadLetterQueue: { queue: dead, maxReceiveCount: RECEIVES_MAX },
  });
  for (const queue of [dead, work])
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'DenyPlainHttp',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['sqs:*'],
        resources: [queue.queueArn],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  return { work, dead };
}
