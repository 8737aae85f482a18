/** The devices of a repository, whether they have backups or were only spoken of. */
import {
  allHoldsPrefix,
  deviceWordsPrefix,
  isDeviceId,
  listDevices,
  mapConcurrent,
  readDeviceWords,
  readHolds,
} from '@backup-agent/core';
import type { DeviceId, DeviceWord, HoldWord, LandedSnapshot, NewestWord, ObjectReader } from '@backup-agent/core';
import { newestSnapshot } from '../inspect/newest-snapshot.ts';

const DEVICES_AT_ONCE = 8;

export interface FleetDevice {
  readonly device: DeviceId;
  /** The last that was said of it; undefined: it is only seen. */
  readonly word: NewestWord<DeviceWord> | undefined;
  readonly newest: LandedSnapshot | undefined;
  /** Only if it is held. */
  readonly hold: NewestWord<HoldWord> | undefined;
}

/** All of them, sorted. `onTrouble` hears of snapshots that cannot be read: the newest one before is shown. */
export async function describeFleet(
  { store, voidRule }: { readonly store: ObjectReader; readonly voidRule: boolean },
  onTrouble: (message: string) => void,
): Promise<FleetDevice[]> {
  const words = await readDeviceWords(store);
  const holds = await heldDevices(store);
  const devices = sorted([...(await listDevices(store)), ...words.keys(), ...holds.keys()]);
  const describe = async (device: DeviceId): Promise<FleetDevice> => ({
    device,
    word: words.get(device),
    newest: await newestSnapshot({ store, device, voidRule }, onTrouble),
    hold: holds.get(device),
  });
  const fleet: FleetDevice[] = [];
  for await (const row of mapConcurrent(devices, DEVICES_AT_ONCE, describe)) fleet.push(row);
  return fleet;
}

/** The devices that are held, with the word that says so. */
export async function heldDevices(store: ObjectReader): Promise<Map<DeviceId, NewestWord<HoldWord>>> {
  return new Map([...(await readHolds(store))].filter(([, { word }]) => word.state === 'held'));
}

/** The same devices by their names alone: nothing is read, so nothing can be damaged. */
export async function knownDevices(store: ObjectReader): Promise<DeviceId[]> {
  const spokenOf = [
    ...(await store.listFolders(deviceWordsPrefix())),
    ...(await store.listFolders(allHoldsPrefix())),
  ].filter(isDeviceId);
  return sorted([...(await listDevices(store)), ...spokenOf]);
}

const sorted = (devices: readonly DeviceId[]): DeviceId[] => [...new Set(devices)].sort();
