/** Saying something to maintenance. What was said is never changed: each word is an object of its own. */
import { BackupError, isBackupError } from '../errors.ts';
import { decodePolicy, encodePolicy } from '../format/policy.ts';
import type { RetentionPolicy } from '../format/policy.ts';
import { decodeDeviceWord, decodeHold, decodePin, encodeDeviceWord, encodeHold, encodePin } from '../format/words.ts';
import type { DeviceWord, HoldWord, PinWord } from '../format/words.ts';
import { makeRunId } from '../ids.ts';
import type { DeviceId, ObjectKey, RunId, SnapshotName } from '../ids.ts';
import {
  deviceWordKey,
  deviceWordPrefix,
  holdKey,
  holdsPrefix,
  pinKey,
  policyKey,
  policyPrefix,
  snapshotPinsPrefix,
} from '../keys.ts';
import type { ReadWriteStore } from '../store/ports.ts';
import { listWords, wordIdAfter } from './newest-word.ts';
import type { DecodeWord, NewestWord } from './newest-word.ts';

export interface WordDeps {
  readonly store: ReadWriteStore;
  /** The speaker's clock: it goes into the word's name, and decides nothing. */
  readonly now: Date;
  readonly random: (bytes: number) => Uint8Array;
}

/** Who says it, and why. */
interface Said {
  /** At most BY_LENGTH_MAX. */
  readonly by: string;
}

export const writePolicy = (
  { policy, by }: Said & { readonly policy: RetentionPolicy },
  deps: WordDeps,
): Promise<NewestWord<ReturnType<typeof decodePolicy>>> =>
  writeWord(
    {
      prefix: policyPrefix(),
      keyOf: policyKey,
      bytes: encodePolicy({ version: 1, written: deps.now.toISOString(), by, policy }),
      decode: decodePolicy,
    },
    deps,
  );

export const writeHold = (
  { device, state, by, reason }: Said & Pick<HoldWord, 'state' | 'reason'> & { readonly device: DeviceId },
  deps: WordDeps,
): Promise<NewestWord<HoldWord>> =>
  writeWord(
    {
      prefix: holdsPrefix(device),
      keyOf: (id) => holdKey(device, id),
      bytes: encodeHold({ version: 1, written: deps.now.toISOString(), by, state, reason }),
      decode: decodeHold,
    },
    deps,
  );

export const writePin = (
  pin: Said & Pick<PinWord, 'state' | 'reason'> & { readonly device: DeviceId; readonly snapshot: SnapshotName },
  deps: WordDeps,
): Promise<NewestWord<PinWord>> => {
  const { device, snapshot, by, state, reason } = pin;
  const word = { version: 1, written: deps.now.toISOString(), by, state } as const;
  return writeWord(
    {
      prefix: snapshotPinsPrefix(device, snapshot),
      keyOf: (id) => pinKey(device, snapshot, id),
      bytes: encodePin(reason === undefined ? word : { ...word, reason }),
      decode: decodePin,
    },
    deps,
  );
};

export const writeDeviceWord = (
  { device, by, state }: Said & Pick<DeviceWord, 'state'> & { readonly device: DeviceId },
  deps: WordDeps,
): Promise<NewestWord<DeviceWord>> =>
  writeWord(
    {
      prefix: deviceWordPrefix(device),
      keyOf: (id) => deviceWordKey(device, id),
      bytes: encodeDeviceWord({ version: 1, written: deps.now.toISOString(), by, state }),
      decode: decodeDeviceWord,
    },
    deps,
  );

interface NewWord<Word> {
  /** Under which all words about the same thing lie. */
  readonly prefix: string;
  keyOf(id: RunId): ObjectKey;
  readonly bytes: Buffer;
  readonly decode: DecodeWord<Word>;
}

/** Throws CONFIG_INVALID for what could not be read back: as the newest word it would stop all maintenance. */
async function writeWord<Word>(
  { prefix, keyOf, bytes, decode }: NewWord<Word>,
  { store, now, random }: WordDeps,
): Promise<NewestWord<Word>> {
  const key = keyOf(wordIdAfter(makeRunId(now, random(4)), await listWords(store, prefix)));
  const word = decodeOwn(bytes, key, decode);
  const { outcome, date } = await store.create(key, [bytes]);
  if (outcome === 'created') return { word, key, landed: date };
  throw new BackupError('KEY_CONFLICT', `somebody else wrote ${key} at the same time`, { key, hint: 'try again' });
}

function decodeOwn<Word>(bytes: Buffer, key: ObjectKey, decode: DecodeWord<Word>): Word {
  try {
    return decode(bytes, key);
  } catch (cause) {
    if (!isBackupError(cause, 'OBJECT_DAMAGED')) throw cause;
    throw new BackupError('CONFIG_INVALID', `nobody could read what is to be written: ${cause.message}`, {
      key,
      cause,
    });
  }
}
