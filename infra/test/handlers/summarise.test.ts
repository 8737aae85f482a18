import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  METRIC_UNITS,
  encodeRepositoryFile,
  makeRunId,
  memoryStore,
  newRepositoryFile,
  parseDeviceId,
  repositoryKey,
  writeDeviceWord,
} from '@backup-agent/core';
import type { ObjectStore } from '@backup-agent/core';
import { mockClient } from 'aws-sdk-client-mock';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../src/handlers/settings.ts';
import { summarise } from '../../src/handlers/summarise.ts';

const [queue, topic, metrics] = [mockClient(SQSClient), mockClient(SNSClient), mockClient(CloudWatchClient)];
const BEGAN = new Date(Date.UTC(2026, 0, 1, 2));
const HOUR_MS = 3_600_000;
const MESSAGE = {
  type: 'summarise' as const,
  night: makeRunId(BEGAN, Buffer.alloc(4)),
  began: BEGAN.toISOString(),
  round: 0,
};
const settings = readSettings({ BACKUP_BUCKET: 'b', BACKUP_ENVIRONMENT: 'prod', QUEUE_URL: 'q', TOPIC_ARN: 't' });

/** A fleet of one device, of which no result has come. */
async function silentFleet(hoursLater: number): Promise<ObjectStore> {
  const store = memoryStore({ now: () => new Date(+BEGAN + hoursLater * HOUR_MS) });
  await store.create(repositoryKey(), [encodeRepositoryFile(newRepositoryFile(BEGAN))]);
  const said = { device: parseDeviceId('desk-1'), by: 'admin', state: 'enrolled' as const };
  await writeDeviceWord(said, { store, now: BEGAN, random: (bytes) => Buffer.alloc(bytes) });
  return store;
}

const deps = (store: ObjectStore) => ({
  store,
  settings,
  log: pino({ level: 'silent' }),
  queue: new SQSClient({ region: 'us-west-2' }),
  topic: new SNSClient({ region: 'us-west-2' }),
  metrics: new CloudWatchClient({ region: 'us-west-2' }),
});

describe('the summary', () => {
  beforeEach(() => {
    for (const mock of [queue, topic, metrics]) mock.reset();
  });

  test('waits for results that are missing, and tells nobody yet', async () => {
    await summarise(MESSAGE, deps(await silentFleet(1)));
    const [sent] = queue.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
    expect(JSON.parse(sent?.MessageBody ?? '')).toEqual({ ...MESSAGE, round: 1 });
    // SQS holds no message back for longer than 15 minutes.
    expect(sent?.DelaySeconds).toBeLessThanOrEqual(900);
    expect([topic.calls(), metrics.calls()].flat()).toEqual([]);
  });

  test('names who was not heard of when the time is up', async () => {
    await summarise(MESSAGE, deps(await silentFleet(4.1)));
    expect(queue.calls()).toEqual([]);
    const [mail] = topic.commandCalls(PublishCommand).map(({ args }) => args[0].input);
    expect(mail).toMatchObject({ TopicArn: 't', Subject: 'Backups: No result of this night for desk-1' });
    const [put] = metrics.commandCalls(PutMetricDataCommand).map(({ args }) => args[0].input);
    expect(put?.MetricData?.map(({ MetricName }) => MetricName)).toEqual(Object.keys(METRIC_UNITS));
    const completed = put?.MetricData?.find(({ MetricName }) => MetricName === 'MaintenanceCompleted');
    expect(completed).toMatchObject({ Value: 0, Dimensions: [{ Name: 'Environment', Value: 'prod' }] });
  });

  test('that could not be mailed is mailed by the next delivery, and by that alone', async () => {
    const store = await silentFleet(4.1);
    topic.on(PublishCommand).rejectsOnce(new Error('throttled')).resolves({});
    await expect(summarise(MESSAGE, deps(store))).rejects.toThrow('throttled');
    await summarise(MESSAGE, deps(store));
    await summarise(MESSAGE, deps(store));
    expect(topic.commandCalls(PublishCommand)).toHaveLength(2);
  });
});
