/** Works off the messages of a night: a device each, and the summary when all devices are done or the time is up. */
import { isBackupError } from '@backup-agent/core';
import { decodeMessage } from './messages.ts';
import type { NightMessage } from './messages.ts';
import { maintain } from './maintain.ts';
import { summarise } from './summarise.ts';
import { surroundings } from './surroundings.ts';

/** What SQS and Lambda hand over, as far as it matters. */
export interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}
export interface BatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** So much time is left for what is under way, and for sending the rest on. */
const RESERVE_MS = 60_000;

/** One bad message never fails another: each that failed is reported, comes again, and at last lies in the dead-letter queue. */
export async function handler(event: QueueEvent, context: InvocationContext): Promise<BatchResponse> {
  const { log } = surroundings();
  const batchItemFailures: BatchResponse['batchItemFailures'] = [];
  for (const { messageId, body } of event.Records) {
    try {
      await workOff(decodeMessage(body), context);
    } catch (error) {
      const code = isBackupError(error) ? error.code : undefined;
      log.error({ messageId, body: body.slice(0, 500), code, err: error }, 'the message could not be worked off');
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

async function workOff(message: NightMessage, context: InvocationContext): Promise<void> {
  const { openStore, ...deps } = surroundings();
  const leftMs = (): number => context.getRemainingTimeInMillis() - RESERVE_MS;
  const store = await openStore(AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MS / 2)));
  if (message.type === 'device') await maintain(message, { ...deps, store, hasTime: () => leftMs() > 0 });
  else await summarise(message, { ...deps, store });
}
