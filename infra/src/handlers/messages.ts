/** What the coordinator and the workers tell each other through the queue. */
import { isDeviceId, isRunId } from '@backup-agent/core';
import type { DeviceId, RunId } from '@backup-agent/core';

interface OfNight {
  readonly night: RunId;
  /** Store time, ISO 8601: when the coordinator began. */
  readonly began: string;
  /** How often this message was sent on by a worker. */
  readonly round: number;
}

export type NightMessage =
  (OfNight & { readonly type: 'device'; readonly device: DeviceId }) | (OfNight & { readonly type: 'summarise' });

export const encodeMessage = (message: NightMessage): string => JSON.stringify(message);

/** Throws a TypeError for anything that encodeMessage does not make. */
export function decodeMessage(text: string): NightMessage {
  const value = JSON.parse(text) as Partial<Record<'type' | 'night' | 'began' | 'round' | 'device', unknown>>;
  const { type, night, began, round, device } = value;
  if (typeof night !== 'string' || !isRunId(night)) throw new TypeError('the message names no night');
  if (typeof began !== 'string' || Number.isNaN(Date.parse(began))) throw new TypeError('the message has no time');
  if (typeof round !== 'number' || !Number.isSafeInteger(round)) throw new TypeError('the message has no round');
  if (type === 'summarise') return { type, night, began, round };
  if (type === 'device' && typeof device === 'string' && isDeviceId(device))
    return { type, night, began, round, device };
  throw new TypeError('the message is of no known type');
}
