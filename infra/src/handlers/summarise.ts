/** The end of a night: report, metrics, and one mail if a person should act. */
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  countResults,
  metricsOf,
  readFleet,
  reportNight,
  repositoryKey,
} from '@backup-agent/core';
import type { MailText, NightSummary, ObjectStore } from '@backup-agent/core';
import { encodeMessage } from './messages.ts';
import type { NightMessage } from './messages.ts';
import type { Surroundings } from './surroundings.ts';

export interface SummariseDeps extends Pick<Surroundings, 'settings' | 'log' | 'queue' | 'topic' | 'metrics'> {
  readonly store: ObjectStore;
}

/** Whoever has no result by then is named as unheard. */
const DEADLINE_MS = 4 * 60 * 60_000;
/** The next look for results that are missing; SQS allows 15 minutes. */
const LOOK_AGAIN_SECONDS = 300;

export async function summarise(
  message: Extract<NightMessage, { readonly type: 'summarise' }>,
  deps: SummariseDeps,
): Promise<void> {
  const { store, settings, log } = deps;
  const fleet = await readFleet(store);
  const done = await countResults(store, message.night);
  const now = (await store.list(repositoryKey())).began;
  if (done < fleet.maintained.length && +now - Date.parse(message.began) < DEADLINE_MS) {
    await lookAgain(message, deps);
    log.info({ night: message.night, done, of: fleet.maintained.length }, 'some devices are not done yet');
    return;
  }
  const toReport = {
    night: message.night,
    began: new Date(message.began),
    fleet,
    recordsMs: settings.night.recordsMs,
  };
  const reported = await reportNight(store, toReport, {
    // Twice, if this function fails just after it: better than never.
    tell: async ({ summary, mail }) => {
      await putMetrics(summary, deps);
      if (mail !== undefined) await publish(mail, deps);
    },
  });
  const { totals, actions } = reported.summary;
  log.info({ night: message.night, totals, actions: actions.map(({ title }) => title) }, 'the night is reported');
}

async function lookAgain(message: NightMessage, { queue, settings }: SummariseDeps): Promise<void> {
  await queue.send(
    new SendMessageCommand({
      QueueUrl: settings.queueUrl,
      MessageBody: encodeMessage({ ...message, round: message.round + 1 }),
      DelaySeconds: LOOK_AGAIN_SECONDS,
    }),
  );
}

async function putMetrics(summary: NightSummary, { metrics, settings }: SummariseDeps): Promise<void> {
  await metrics.send(
    new PutMetricDataCommand({
      Namespace: METRIC_NAMESPACE,
      MetricData: metricsOf(summary).map(({ name, unit, value }) => ({
        MetricName: name,
        Unit: unit,
        Value: value,
        Dimensions: [{ Name: METRIC_DIMENSION, Value: settings.environment }],
      })),
    }),
  );
}

async function publish({ subject, body }: MailText, { topic, settings }: SummariseDeps): Promise<void> {
  await topic.send(new PublishCommand({ TopicArn: settings.topicArn, Subject: subject, Message: body }));
}
