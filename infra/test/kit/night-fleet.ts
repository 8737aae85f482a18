/** A fleet for a night: mostly healthy devices, and one for each thing that can be wrong. Written through core's codecs. */
import {
  encodeDeviceWord,
  encodeMarks,
  encodePolicy,
  encodeRunRecord,
  deviceWordKey,
  marksKey,
  makeRunId,
  packKey,
  parseDeviceId,
  parseRunId,
  policyKey,
  runOfSnapshot,
  runRecordKey,
  snapshotKey,
  snapshotName,
} from '@backup-agent/core';
import type {
  DeviceId,
  DeviceWord,
  ObjectKey,
  ObjectStore,
  PackPlace,
  RunRecord,
  SnapshotName,
} from '@backup-agent/core';
import { RepositoryBuilder, landedRecord } from '@backup-agent/core/test-kit';

export interface FleetDeps {
  readonly store: ObjectStore;
  /** What is written from now on is so old. */
  setAge(ms: number): void;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const SCRIPT = '<script>document.title="owned"</script>';
const NOW = new Date(Date.UTC(2026, 5, 1));

/** The devices with something about them; all others are `desk-<nn>` and healthy. */
export const DEVICES = {
  stale: ['away-1', 'away-2', 'away-3'].map(parseDeviceId),
  never: parseDeviceId('never-1'),
  corrupt: parseDeviceId('corrupt-1'),
  missing: parseDeviceId('missing-1'),
  flagged: parseDeviceId('flagged-1'),
  expiring: parseDeviceId('expiring-1'),
  retired: parseDeviceId('retired-1'),
  failed: parseDeviceId('failed-1'),
  marksDamaged: parseDeviceId('marks-1'),
  crowded: parseDeviceId('crowded-1'),
} as const;
const FLEET_SIZE = 50;
export const HEALTHY = Array.from({ length: FLEET_SIZE - Object.values(DEVICES).flat().length }, (_, i) =>
  parseDeviceId(`desk-${String(i + 1).padStart(2, '0')}`),
);
export const CROWD = 2_001;

/** Of the device whose history has expired, and of the flagged one, which is the same. */
export const AGED = {
  /** Packs that no snapshot names, marked for longer than the grace; the third does not fit into one night. */
  dead: [0, 1, 2].map((number): PackPlace => ({ kind: 'data', run: parseRunId('20251201T000000Z-0000dead'), number })),
  expired: [1, 2, 3].map(nameOfRun),
  kept: [4, 5, 6].map(nameOfRun),
  /** Marked for longer than the grace, and yet a snapshot needs it. */
  neededAndMarked: { kind: 'data', run: runOfSnapshot(nameOfRun(4)), number: 0 } satisfies PackPlace,
} as const;

/** The name that RepositoryBuilder gives its n-th snapshot, from 1. */
function nameOfRun(n: number): SnapshotName {
  return snapshotName(makeRunId(new Date(Date.UTC(2026, 0, 1, 0, 0, n - 1)), Buffer.from([0, 0, 0, n])), 0);
}

export async function writeFleet(deps: FleetDeps): Promise<void> {
  await at(deps, 90 * DAY_MS, (store) => writePolicy(store));
  for (const device of HEALTHY) await backedUp(deps, device, [26, 2]);
  for (const device of DEVICES.stale) await backedUp(deps, device, [11 * 24, 10 * 24]);
  await at(deps, 20 * DAY_MS, (store) => say(store, DEVICES.never, 'enrolled'));
  await backedUp(deps, DEVICES.corrupt, [26, 2]);
  await flipByteOf(deps, DEVICES.corrupt, nameOfRun(2));
  await backedUp(deps, DEVICES.missing, [26, 2]);
  await deps.store.remove(packKey(DEVICES.missing, { kind: 'data', run: runOfSnapshot(nameOfRun(1)), number: 0 }));
  await aged(deps, DEVICES.expiring);
  await aged(deps, DEVICES.flagged);
  await encrypted(deps, DEVICES.flagged);
  await backedUp(deps, DEVICES.retired, [40 * 24]);
  await at(deps, 5 * DAY_MS, (store) => say(store, DEVICES.retired, 'retired'));
  await backedUp(deps, DEVICES.failed, [20]);
  await failing(deps, DEVICES.failed);
  await backedUp(deps, DEVICES.marksDamaged, [26, 2]);
  await at(deps, 3 * DAY_MS, (store) => store.create(marksKey(DEVICES.marksDamaged, 1), [Buffer.from('{"marks":')]));
  await crowded(deps, DEVICES.crowded);
  deps.setAge(0);
}

async function at<Result>({ store, setAge }: FleetDeps, ageMs: number, write: (store: ObjectStore) => Promise<Result>) {
  setAge(ageMs);
  return write(store);
}

const writePolicy = (store: ObjectStore): Promise<unknown> =>
  store.create(policyKey(makeRunId(NOW, Buffer.alloc(4))), [
    encodePolicy({
      version: 1,
      written: NOW.toISOString(),
      by: 'admin',
      policy: { keepWithinDays: 30, keepLast: 3 },
    }),
  ]);

const say = (store: ObjectStore, device: DeviceId, state: DeviceWord['state']): Promise<unknown> =>
  store.create(deviceWordKey(device, makeRunId(NOW, Buffer.alloc(4))), [
    encodeDeviceWord({ version: 1, written: NOW.toISOString(), by: 'admin', state }),
  ]);

interface Backups {
  readonly runsBefore?: number;
}

/** A finished run with its record for each age, in hours. What each has is its own. */
async function backedUp(
  deps: FleetDeps,
  device: DeviceId,
  agesHours: readonly number[],
  { runsBefore = 0 }: Backups = {},
): Promise<void> {
  const builder = new RepositoryBuilder({ store: deps.store, device, runsBefore });
  const host = device === DEVICES.failed ? SCRIPT : device;
  for (const ageHours of agesHours) {
    deps.setAge(ageHours * HOUR_MS);
    const content = Buffer.from(`${device} ${ageHours} `.repeat(400));
    const name = await builder.snapshot([{ path: 'a' }, { path: 'a/letter.txt', content }], { host });
    await writeRecord(deps.store, { run: runOfSnapshot(name), device, machine: { ...machineOf(host) } });
  }
}

const machineOf = (host: string): RunRecord['machine'] => ({
  id: 'machine',
  host,
  user: 'ann',
  system: 'test',
  agent: '0',
});

async function writeRecord(
  store: ObjectStore,
  record: Partial<RunRecord> & Pick<RunRecord, 'run' | 'device'>,
  counts: Partial<RunRecord['counts']> = {},
): Promise<void> {
  const roots = ['/home/ann'];
  const whole = landedRecord({ landed: NOW, record: { roots, ...record }, counts }).record;
  await store.create(runRecordKey(record.device, record.run), [encodeRunRecord(whole)]);
}

async function flipByteOf({ store, setAge }: FleetDeps, device: DeviceId, name: SnapshotName): Promise<void> {
  const key = snapshotKey(device, name);
  const bytes = await store.read(key, 1 << 20);
  bytes[20] = (bytes[20] as number) ^ 1;
  setAge(2 * HOUR_MS);
  await store.remove(key);
  await store.create(key, [bytes]);
}

/** Three snapshots that have expired and three that have not, and packs that no snapshot names, marked 30 hours ago. */
async function aged(deps: FleetDeps, device: DeviceId): Promise<void> {
  await backedUp(deps, device, [60 * 24, 50 * 24, 40 * 24]);
  for (const [i, pack] of AGED.dead.entries())
    await at(deps, 70 * DAY_MS, (store) =>
      store.create(packKey(device, pack), [Buffer.alloc([300, 200, 9000][i] ?? 0, i)]),
    );
  await backedUp(deps, device, [20 * 24, 26, 2], { runsBefore: 3 });
  const marks = [...AGED.dead, AGED.neededAndMarked].map((pack) => ({
    pack: `${pack.kind}/${pack.run}/${String(pack.number).padStart(5, '0')}`,
    state: 'dead' as const,
    since: null,
  }));
  await at(deps, 30 * HOUR_MS, (store) =>
    store.create(marksKey(device, 1), [encodeMarks({ version: 1, sequence: 1, marks })]),
  );
}

/** Quiet runs, then one after which everything has another name and does not compress. */
async function encrypted(deps: FleetDeps, device: DeviceId): Promise<void> {
  const run = (n: number) => makeRunId(new Date(Date.UTC(2026, 1, n)), Buffer.from([0, 0, 1, n]));
  for (let n = 1; n <= 6; n++) await at(deps, (8 - n) * DAY_MS, (store) => writeRecord(store, { run: run(n), device }));
  const newEndings = [{ ending: '.<script>', files: 900 }];
  await at(deps, HOUR_MS, (store) =>
    writeRecord(
      store,
      { run: run(7), device, newEndings },
      { filesUnchanged: 100, filesDeleted: 900, filesNew: 900, chunksNew: 900, chunksIncompressible: 900 },
    ),
  );
}

async function failing(deps: FleetDeps, device: DeviceId): Promise<void> {
  const run = makeRunId(new Date(Date.UTC(2026, 1, 1)), Buffer.from([0, 0, 1, 0]));
  const error = { code: SCRIPT, message: `cannot read /home/ann/${SCRIPT}/letter.txt` };
  await at(deps, 3 * HOUR_MS, (store) =>
    writeRecord(store, { run, device, machine: machineOf(SCRIPT), outcome: 'failed', exitCode: 1, error }),
  );
}

/** More snapshots than a night reads. What is in them does not matter: none is. */
async function crowded({ store, setAge }: FleetDeps, device: DeviceId): Promise<void> {
  setAge(90 * DAY_MS);
  const key = (n: number): ObjectKey =>
    snapshotKey(device, snapshotName(makeRunId(new Date(Date.UTC(2025, 0, 1, 0, n)), Buffer.alloc(4)), 0));
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let n = writer; n < CROWD; n += 8) await store.create(key(n), [Buffer.from('unread')]);
  });
  await Promise.all(writers);
  for (const pack of AGED.dead) await store.create(packKey(device, pack), [Buffer.from('dead')]);
}
