/** Removes the snapshots that retention lets go, and void ones, which nobody sees. */
import type { SnapshotName } from '../ids.ts';
import { snapshotKey } from '../keys.ts';
import type { Repository } from '../repository/repository.ts';
import type { RetentionDecision } from '../retention/decide-retention.ts';
import type { ObjectStore } from '../store/ports.ts';
import type { DeviceSurvey } from './survey-device.ts';

export async function expireSnapshots(
  { store, device }: Repository<ObjectStore>,
  { snapshots }: DeviceSurvey,
  decisions: readonly RetentionDecision[],
  mayGoOn: () => void,
): Promise<SnapshotName[]> {
  const expired = decisions.filter(({ keep }) => !keep).map(({ name }) => name);
  const removed = [...expired, ...(snapshots?.void ?? []).map(({ name }) => name)];
  for (const name of removed) {
    mayGoOn();
    await store.remove(snapshotKey(device, name));
  }
  return removed;
}
