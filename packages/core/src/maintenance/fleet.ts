/** Which devices a night maintains, and which of them one expects to hear from. */
import type { DeviceId } from '../ids.ts';
import type { ObjectReader } from '../store/ports.ts';
import { listDevices, readDeviceWords } from './read-words.ts';

export interface Fleet {
  /** Those that have objects, and those that were enrolled and never came. Sorted. */
  readonly maintained: readonly DeviceId[];
  /** Of these, all but the retired. */
  readonly expected: readonly DeviceId[];
  readonly retired: readonly DeviceId[];
}

/** Throws OBJECT_DAMAGED for a device word that cannot be read, and what the store throws. */
export async function readFleet(store: ObjectReader): Promise<Fleet> {
  const words = await readDeviceWords(store);
  const isRetired = (device: DeviceId): boolean => words.get(device)?.word.state === 'retired';
  const seen = await listDevices(store);
  const enrolled = [...words.keys()].filter((device) => !isRetired(device));
  const maintained = [...new Set([...seen, ...enrolled])].sort();
  return {
    maintained,
    expected: maintained.filter((device) => !isRetired(device)),
    retired: [...words.keys()].filter(isRetired).sort(),
  };
}
