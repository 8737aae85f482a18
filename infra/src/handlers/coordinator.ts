/** Begins a night: one message for each device, and one that summarises. */
import { createHash } from 'node:crypto';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { BackupError, makeRunId, readFleet, readRepositoryFile, repositoryKey } from '@backup-agent/core';
import type { RunId } from '@backup-agent/core';
import { encodeMessage } from './messages.ts';
import type { NightMessage } from './messages.ts';
import { surroundings } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';

/** What EventBridge sends, as far as it matters. */
export interface ScheduledEvent {
  readonly id: string;
  readonly time: string;
}

/** SQS takes no more in one call. */
const BATCH_MAX = 10;
/** The first look for results; more follow as long as some are missing. */
const SUMMARY_DELAY_SECONDS = 120;
const MINUTE_MS = 60_000;

export async function handler(event: ScheduledEvent): Promise<{ readonly night: RunId; readonly devices: number }> {
  const { openStore, log, ...rest } = surroundings();
  const store = await openStore(AbortSignal.timeout(10 * MINUTE_MS));
  await readRepositoryFile(store);
  const fleet = await readFleet(store);
  const night = nightOf(event);
  const began = (await store.list(repositoryKey())).began.toISOString();
  const ofNight = { night, began, round: 0 };
  const messages: NightMessage[] = [
    ...fleet.maintained.map((device) => ({ type: 'device' as const, ...ofNight, device })),
    { type: 'summarise', ...ofNight },
  ];
  for (let at = 0; at < messages.length; at += BATCH_MAX) await send(messages.slice(at, at + BATCH_MAX), rest);
  log.info({ night, devices: fleet.maintained.length, expected: fleet.expected.length }, 'the night has begun');
  return { night, devices: fleet.maintained.length };
}

/** The same for each attempt of one event, so a repeated attempt begins no second night. */
function nightOf({ id, time }: ScheduledEvent): RunId {
  return makeRunId(new Date(time), createHash('sha256').update(id).digest());
}

async function send(
  messages: readonly NightMessage[],
  { queue, settings }: Pick<Surroundings, 'queue' | 'settings'>,
): Promise<void> {
  const { Failed: failed = [] } = await queue.send(
    new SendMessageBatchCommand({
      QueueUrl: settings.queueUrl,
      Entries: messages.map((message, i) => ({
        Id: String(i),
        MessageBody: encodeMessage(message),
        ...(message.type === 'summarise' ? { DelaySeconds: SUMMARY_DELAY_SECONDS } : {}),
      })),
    }),
  );
  // The function is tried again by its caller; devices that have their message get it twice, which does no harm.
  if (failed.length > 0)
    throw new BackupError(
      'FAILED',
      `the queue refused ${failed.length} messages: ${failed[0]?.Message ?? 'no reason'}`,
    );
}
