/**
 * What an administrator says to maintenance. What holds already is not said again, unless there is a reason to add: a
 * script that says it every day would otherwise leave an object each time.
 */
import {
  isBackupError,
  readDeviceWord,
  readHold,
  readPin,
  writeDeviceWord,
  writeHold,
  writePin,
} from '@backup-agent/core';
import type { DeviceId, DeviceWord, HoldWord, NewestWord, PinWord, SnapshotName, WordDeps } from '@backup-agent/core';

export interface Said<Word> {
  /** `unchanged`: it was so before, and nothing was written. */
  readonly outcome: 'said' | 'unchanged';
  /** The word that holds now; undefined if nothing was ever said and nothing had to be. */
  readonly holding: NewestWord<Word> | undefined;
}

interface Speaker {
  /** For people. */
  readonly by: string;
  readonly reason?: string | undefined;
}

export const sayHold = (
  { device, state, by, reason }: Speaker & { readonly device: DeviceId; readonly state: HoldWord['state'] },
  deps: WordDeps,
): Promise<Said<HoldWord>> =>
  say(state, {
    unsaid: 'released',
    current: () => readHold(deps.store, device),
    insists: reason !== undefined,
    write: () => writeHold({ device, state, by, reason: reason ?? '' }, deps),
  });

export const sayPin = (
  pin: Speaker & { readonly device: DeviceId; readonly snapshot: SnapshotName; readonly state: PinWord['state'] },
  deps: WordDeps,
): Promise<Said<PinWord>> =>
  say(pin.state, {
    unsaid: 'unpinned',
    current: () => readPin(deps.store, pin.device, pin.snapshot),
    insists: pin.reason !== undefined,
    write: () => writePin(pin, deps),
  });

export const sayDeviceWord = (
  word: Speaker & { readonly device: DeviceId; readonly state: DeviceWord['state'] },
  deps: WordDeps,
): Promise<Said<DeviceWord>> =>
  say(word.state, {
    unsaid: undefined,
    current: () => readDeviceWord(deps.store, word.device),
    insists: false,
    write: () => writeDeviceWord(word, deps),
  });

interface Saying<Word extends { readonly state: string }> {
  /** The state as long as nothing was said. */
  readonly unsaid: Word['state'] | undefined;
  current(): Promise<NewestWord<Word> | undefined>;
  readonly insists: boolean;
  write(): Promise<NewestWord<Word>>;
}

async function say<Word extends { readonly state: string }>(
  state: Word['state'],
  { unsaid, current, insists, write }: Saying<Word>,
): Promise<Said<Word>> {
  const before = await readable(current);
  if (before === 'damaged') return { outcome: 'said', holding: await write() };
  if ((before?.word.state ?? unsaid) === state && !insists) return { outcome: 'unchanged', holding: before };
  return { outcome: 'said', holding: await write() };
}

/** A damaged word is mended by saying anew what is to hold. */
async function readable<Value>(read: () => Promise<Value>): Promise<Value | 'damaged'> {
  try {
    return await read();
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
    return 'damaged';
  }
}
