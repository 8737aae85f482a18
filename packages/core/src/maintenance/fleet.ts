/** Which devices a night maintains, and which of them one expects to hear from. */
import { isBackupError } from '../errors.ts';
import type { DeviceId } from '../ids.ts';
import { deviceWordsPrefix } from '../keys.ts';
import { decodeDeviceWord } from '../format/words.ts';
import type { DeviceWord } from '../format/words.ts';
import type { ObjectReader } from '../store/ports.ts';
import { readNewestWords } from './newest-word.ts';
import { listDevices } from './read-words.ts';

export interface Fleet {
  /** Those that have objects, and those that were enrolled and never came. Sorted. */
  readonly maintained: readonly DeviceId[];
  /** Of these, all but the retired. */
  readonly expected: readonly DeviceId[];
  readonly retired: readonly DeviceId[];
}

/** A word that cannot be read keeps no night from its devices: its own is expected. Throws what the store throws. */
export async function readFleet(store: ObjectReader): Promise<Fleet> {
  const words = await readNewestWords(store, deviceWordsPrefix(), {
    aboutOf: (parsed) => (parsed.type === 'device-word' ? parsed.device : undefined),
    decode: stateOf,
  });
  const isRetired = (device: DeviceId): boolean => words.get(device)?.word === 'retired';
  const seen = await listDevices(store);
  const enrolled = [...words.keys()].filter((device) => !isRetired(device));
  const maintained = [...new Set([...seen, ...enrolled])].sort();
  return {
    maintained,
    expected: maintained.filter((device) => !isRetired(device)),
    retired: [...words.keys()].filter(isRetired).sort(),
  };
}

function stateOf(bytes: Uint8Array, key: string): DeviceWord['state'] {
  try {
    return decodeDeviceWord(bytes, key).state;
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    return 'enrolled';
  }
}
