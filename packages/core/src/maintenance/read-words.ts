/**
 * What an administrator has said to maintenance, and of which devices there is anything. All of these throw
 * OBJECT_DAMAGED or FORMAT_UNKNOWN if a word that holds cannot be read, and what the store throws.
 */
import { decodePolicy } from '../format/policy.ts';
import type { PolicyWord } from '../format/policy.ts';
import { decodeDeviceWord, decodeHold, decodePin } from '../format/words.ts';
import type { DeviceWord, HoldWord, PinWord } from '../format/words.ts';
import { isDeviceId } from '../ids.ts';
import type { DeviceId, SnapshotName } from '../ids.ts';
import {
  allHoldsPrefix,
  deviceWordPrefix,
  deviceWordsPrefix,
  devicesPrefix,
  holdsPrefix,
  pinsPrefix,
  policyPrefix,
  snapshotPinsPrefix,
} from '../keys.ts';
import type { ObjectReader } from '../store/ports.ts';
import { isNewer, listWords, readNewestWord, readNewestWords, readWord } from './newest-word.ts';
import type { NewestWord, ParsedWord } from './newest-word.ts';

/** Undefined: no policy is stored, so nothing may expire. */
export const readPolicy = (store: ObjectReader): Promise<NewestWord<PolicyWord> | undefined> =>
  readNewestWord(store, policyPrefix(), decodePolicy);

/** The last that was said of holding this device, also that it is released; undefined if nothing ever was. */
export const readHold = (store: ObjectReader, device: DeviceId): Promise<NewestWord<HoldWord> | undefined> =>
  readNewestWord(store, holdsPrefix(device), decodeHold);

/** When the device was last released from a hold, whether it was held again since or not. */
export async function readLastRelease(store: ObjectReader, device: DeviceId): Promise<Date | undefined> {
  const words = (await listWords(store, holdsPrefix(device))).sort((a, b) => (isNewer(a.object, b.object) ? -1 : 1));
  for (const word of words) {
    const { landed, word: said } = await readWord(store, word, decodeHold);
    if (said.state === 'released') return landed;
  }
  return undefined;
}

/** The same of all devices of which anything was said. */
export const readHolds = (store: ObjectReader): Promise<Map<DeviceId, NewestWord<HoldWord>>> =>
  readNewestWords(store, allHoldsPrefix(), { aboutOf: deviceOf, decode: decodeHold });

/** The last that was said of pinning this snapshot; undefined if nothing ever was. */
export const readPin = (
  store: ObjectReader,
  device: DeviceId,
  name: SnapshotName,
): Promise<NewestWord<PinWord> | undefined> => readNewestWord(store, snapshotPinsPrefix(device, name), decodePin);

/** The last that was said of pinning each snapshot of the device, also that it is unpinned. One listing. */
export const readPinWords = (store: ObjectReader, device: DeviceId): Promise<Map<SnapshotName, NewestWord<PinWord>>> =>
  readNewestWords(store, pinsPrefix(device), {
    aboutOf: (parsed) => (parsed.type === 'pin' ? parsed.snapshot : undefined),
    decode: decodePin,
  });

/** The pinned snapshots of the device, whether they exist or not. One listing. */
export async function readPins(store: ObjectReader, device: DeviceId): Promise<ReadonlySet<SnapshotName>> {
  const words = await readPinWords(store, device);
  return new Set([...words].flatMap(([name, { word }]) => (word.state === 'pinned' ? [name] : [])));
}

/** The last that was said of this device; undefined if nothing ever was. */
export const readDeviceWord = (store: ObjectReader, device: DeviceId): Promise<NewestWord<DeviceWord> | undefined> =>
  readNewestWord(store, deviceWordPrefix(device), decodeDeviceWord);

/** What was said last of each device. One listing. A device may have words and no backups, or backups and no words. */
export const readDeviceWords = (store: ObjectReader): Promise<Map<DeviceId, NewestWord<DeviceWord>>> =>
  readNewestWords(store, deviceWordsPrefix(), { aboutOf: deviceOf, decode: decodeDeviceWord });

/** The devices that have objects (ports.ts: or had some), sorted. Folders that are no device's are left out. */
export async function listDevices(store: ObjectReader): Promise<DeviceId[]> {
  return (await store.listFolders(devicesPrefix())).filter(isDeviceId);
}

const deviceOf = (parsed: ParsedWord): DeviceId | undefined => (parsed.type === 'policy' ? undefined : parsed.device);
