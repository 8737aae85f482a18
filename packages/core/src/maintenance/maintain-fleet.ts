/** A night of all devices in one process: what an administrator starts by hand, and the Lambdas do message by message. */
import { isBackupError } from '../errors.ts';
import type { BackupError } from '../errors.ts';
import type { DeviceId } from '../ids.ts';
import { mapConcurrent } from '../repository/map-concurrent.ts';
import type { ObjectStore } from '../store/ports.ts';
import { maintainDevice } from './maintain-device.ts';
import type { MaintainDeps, MaintainedDevice } from './maintain-device.ts';
import { readFleet } from './fleet.ts';
import type { Night } from './night.ts';
import { reportNight } from './report-night.ts';
import type { ReportedNight } from './report-night.ts';

export interface FleetDeps extends MaintainDeps {
  /** Told of each device in turn. */
  readonly onDevice: (device: DeviceId, outcome: MaintainedDevice | BackupError) => void;
}

const DEVICES_AT_ONCE = 4;

/** One bad device never ends the night of the others: it goes without a result, and the report names it. */
export async function maintainFleet(store: ObjectStore, night: Night, deps: FleetDeps): Promise<ReportedNight> {
  const fleet = await readFleet(store);
  const { began } = await store.list('v1/repository.json');
  const maintain = async (device: DeviceId): Promise<[DeviceId, MaintainedDevice | BackupError]> => {
    try {
      return [device, await maintainDevice({ store, device, voidRule: true }, { ...night, began }, deps)];
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING', 'FORMAT_UNKNOWN', 'FAILED')) throw error;
      return [device, error];
    }
  };
  for await (const [device, outcome] of mapConcurrent(fleet.maintained, DEVICES_AT_ONCE, maintain))
    deps.onDevice(device, outcome);
  const toReport = { night: night.id, began, fleet, recordsMs: night.settings.recordsMs };
  // Whoever starts it by hand reads what it returns.
  return reportNight(store, toReport, { tell: () => Promise.resolve() });
}
