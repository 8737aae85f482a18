/** One device's night. If the time runs out, the rest is a message of its own. */
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { isBackupError, maintainDevice } from '@backup-agent/core';
import type { ObjectStore } from '@backup-agent/core';
import { encodeMessage } from './messages.ts';
import type { NightMessage } from './messages.ts';
import type { Surroundings } from './surroundings.ts';

export interface MaintainDeps extends Pick<Surroundings, 'settings' | 'log' | 'queue'> {
  readonly store: ObjectStore;
  readonly hasTime: () => boolean;
}

/** A device that is not done after so many functions' lifetimes is looked at by a person: its message is not sent on. */
const ROUNDS_MAX = 20;

export async function maintain(
  message: Extract<NightMessage, { readonly type: 'device' }>,
  { store, settings, hasTime, log, queue }: MaintainDeps,
): Promise<void> {
  const { device, began } = message;
  const night = { id: message.night, settings: settings.night, began: new Date(began), isReported: true };
  try {
    const { result } = await maintainDevice({ store, device, voidRule: true }, night, { hasTime });
    const { packs, snapshots, refusals } = result;
    log.info(
      { night: night.id, device, removed: packs.removed, snapshotsRemoved: snapshots.removed.length, refusals },
      'the device is done',
    );
  } catch (error) {
    if (!isBackupError(error, 'STOPPED_EARLY') || message.round >= ROUNDS_MAX) throw error;
    await queue.send(
      new SendMessageCommand({
        QueueUrl: settings.queueUrl,
        MessageBody: encodeMessage({ ...message, round: message.round + 1 }),
      }),
    );
    log.info({ night: night.id, device, round: message.round + 1 }, 'the rest of the device is sent on');
  }
}
