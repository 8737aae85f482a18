/** What EventBridge, SQS and Lambda do between the functions, over a real queue; and the mails that come of it. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { Cloud } from './cloud.ts';
import type { LambdaFunction } from './lambda-function.ts';

export interface NightQueue {
  readonly queueUrl: string;
  readonly topicArn: string;
  /** Bodies that were given up, taken out. */
  takeGivenUp(): Promise<string[]>;
  takeMails(): Promise<{ readonly subject: string; readonly body: string }[]>;
  send(body: string): Promise<void>;
  /**
   * Hands messages to the worker, a batch at a time, until none is left, also none that is held back or comes again. The
   * bodies in the order in which they were worked off.
   */
  drain(worker: LambdaFunction): Promise<string[]>;
}

/** A message that failed so often is given up. */
const RECEIVES_MAX = 3;
const VISIBILITY_SECONDS = 900;

/** Where the messages of a night go, whoever made it. */
export interface NightPlaces {
  readonly queueUrl: string;
  readonly givenUpUrl: string;
  readonly topicArn: string;
  /** So many messages are handed to the worker at once. */
  readonly batchMax: number;
}

/** The most that SQS gives at once: fewer calls. */
const BATCH_MAX = 10;

/** `hurry`: messages that are held back come so much earlier. */
export async function makeNightQueue(cloud: Cloud, hurry: (ms: number) => void): Promise<NightQueue> {
  const sqs = new SQSClient(cloud);
  const givenUp = await makeQueue(sqs, 'given-up', {});
  const queue = await makeQueue(sqs, 'night', {
    VisibilityTimeout: String(VISIBILITY_SECONDS),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: givenUp.arn, maxReceiveCount: RECEIVES_MAX }),
  });
  const { TopicArn: topicArn = '' } = await new SNSClient(cloud).send(new CreateTopicCommand({ Name: 'night' }));
  const places = { queueUrl: queue.url, givenUpUrl: givenUp.url, topicArn, batchMax: BATCH_MAX };
  return openNightQueue(cloud, places, hurry);
}

/** Over queues and a topic that are there, to which it adds one subscription: a queue of mails. */
export async function openNightQueue(
  cloud: Cloud,
  { queueUrl, givenUpUrl, topicArn, batchMax }: NightPlaces,
  hurry: (ms: number) => void,
): Promise<NightQueue> {
  const sqs = new SQSClient(cloud);
  const mails = await makeQueue(sqs, 'mails', {});
  await new SNSClient(cloud).send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: mails.arn }));
  const { Attributes: { VisibilityTimeout: hiddenSeconds } = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
  );

  const receive = async (url: string): Promise<Message[]> =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: batchMax }))).Messages ?? [];
  const remove = (url: string, { ReceiptHandle }: Message): Promise<unknown> =>
    sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  const takeAll = async (url: string): Promise<string[]> => {
    const bodies: string[] = [];
    for (let batch = await receive(url); batch.length > 0; batch = await receive(url)) {
      for (const message of batch) {
        bodies.push(message.Body ?? '');
        await remove(url, message);
      }
    }
    return bodies;
  };
  /** What is there, held back or in somebody's hands. */
  const count = async (): Promise<number> => {
    const names = ['', 'Delayed', 'NotVisible'].map((kind) => `ApproximateNumberOfMessages${kind}` as const);
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: names as ['ApproximateNumberOfMessages'] }),
    );
    return Object.values(Attributes).reduce((sum, number) => sum + Number(number), 0);
  };
  return {
    queueUrl,
    topicArn,
    takeGivenUp: () => takeAll(givenUpUrl),
    takeMails: async () =>
      (await takeAll(mails.url)).map((text) => {
        const { Subject: subject, Message: body } = JSON.parse(text) as { Subject: string; Message: string };
        return { subject, body };
      }),
    send: async (body) => void (await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }))),
    async drain(worker) {
      const done: string[] = [];
      for (;;) {
        const batch = await receive(queueUrl);
        if (batch.length === 0) {
          if ((await count()) === 0) return done;
          hurry(Number(hiddenSeconds) * 1000);
          continue;
        }
        const failed = await workOff(worker, batch);
        for (const message of batch) {
          if (failed.has(message.MessageId ?? '')) continue;
          await remove(queueUrl, message);
          done.push(message.Body ?? '');
        }
      }
    },
  };
}

async function workOff(worker: LambdaFunction, batch: readonly Message[]): Promise<Set<string>> {
  const Records = batch.map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body }));
  const { batchItemFailures } = (await worker.invoke({ Records })) as {
    batchItemFailures: { itemIdentifier: string }[];
  };
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}

async function makeQueue(
  sqs: SQSClient,
  name: string,
  attributes: Record<string, string>,
): Promise<{ readonly url: string; readonly arn: string }> {
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  return { url, arn: Attributes?.['QueueArn'] ?? '' };
}
