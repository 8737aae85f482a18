/** What both functions work with: opened once per container, used by every invocation in it. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openS3Store } from '@backup-agent/core/s3';
import type { ObjectStore } from '@backup-agent/core';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { readSettings } from './settings.ts';
import type { HandlerSettings } from './settings.ts';

export interface Surroundings {
  readonly settings: HandlerSettings;
  readonly log: Logger;
  readonly queue: SQSClient;
  readonly topic: SNSClient;
  readonly metrics: CloudWatchClient;
  /** A store for one invocation: after `signal` every call of it rejects. */
  openStore(signal: AbortSignal): Promise<ObjectStore>;
}

let opened: Surroundings | undefined;

export function surroundings(): Surroundings {
  opened ??= open(readSettings(process.env));
  return opened;
}

function open(settings: HandlerSettings): Surroundings {
  return {
    settings,
    log: pino({ base: null, messageKey: 'message', formatters: { level: (level) => ({ level }) } }),
    queue: new SQSClient(),
    topic: new SNSClient(),
    metrics: new CloudWatchClient(),
    openStore: (signal) =>
      openS3Store({
        bucket: settings.bucket,
        prefix: '',
        region: settings.region,
        endpoint: settings.s3Endpoint,
        kmsKey: settings.kmsKey,
        signal,
        random: () => Math.random(),
      }),
  };
}
