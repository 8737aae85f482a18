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
import type { LambdaFunction } from './lambda-function.ts';

export interface NightQueue {
  readonly queueUrl: string;
  readonly topicArn: string;
  /** Bodies that were given up, taken out. */
  takeGivenUp(): Promise<string[]>;
  takeMails(): Promise<{ readonly subject: string; readonly body: string }[]>;
  send(body: string): Promise<void>;
  /**
   * Hands messages to the worker, ten at a time, until none is left, also none that is held back or comes again. The
   * bodies in the order in which they were worked off.
   */
  drain(worker: LambdaFunction): Promise<string[]>;
}

/** A message that failed so often is given up. */
const RECEIVES_MAX = 3;
const VISIBILITY_SECONDS = 900;

interface Client {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** `hurry`: messages that are held back come so much earlier. */
export async function makeNightQueue(client: Client, hurry: (ms: number) => void): Promise<NightQueue> {
  const sqs = new SQSClient(client);
  const sns = new SNSClient(client);
  const givenUp = await makeQueue(sqs, 'given-up', {});
  const queue = await makeQueue(sqs, 'night', {
    VisibilityTimeout: String(VISIBILITY_SECONDS),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: givenUp.arn, maxReceiveCount: RECEIVES_MAX }),
  });
  const mails = await makeQueue(sqs, 'mails', {});
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'night' }));
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: mails.arn }));

  const receive = async (url: string): Promise<Message[]> =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }))).Messages ?? [];
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
      new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: names as ['ApproximateNumberOfMessages'] }),
    );
    return Object.values(Attributes).reduce((sum, number) => sum + Number(number), 0);
  };
  return {
    queueUrl: queue.url,
    topicArn,
    takeGivenUp: () => takeAll(givenUp.url),
    takeMails: async () =>
      (await takeAll(mails.url)).map((text) => {
        const { Subject: subject, Message: body } = JSON.parse(text) as { Subject: string; Message: string };
        return { subject, body };
      }),
    send: async (body) => void (await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }))),
    async drain(worker) {
      const done: string[] = [];
      for (;;) {
        const batch = await receive(queue.url);
        if (batch.length === 0) {
          if ((await count()) === 0) return done;
          hurry(VISIBILITY_SECONDS * 1000);
          continue;
        }
        const failed = await workOff(worker, batch);
        for (const message of batch) {
          if (failed.has(message.MessageId ?? '')) continue;
          await remove(queue.url, message);
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
