import { describe, expect, test } from 'vitest';
import {
  BUCKET_SETTINGS,
  decodeNightSummary,
  deviceWordKey,
  encodeDeviceWord,
  encodeNightResult,
  isBackupError,
  maintainFleet,
  makeRunId,
  nightResultKey,
  nightsPrefix,
  parseDeviceId,
  readFleet,
  reportKey,
  reportsPrefix,
  snapshotKey,
  snapshotName,
} from '../../src/index.ts';
import type { DeviceId, DeviceWord, NightResult, ObjectKey, ReportedNight } from '../../src/index.ts';
import { DAY_MS, HOUR_MS, NightBench } from './night-bench.ts';

const MiB = 1024 * 1024;
const OTHER = parseDeviceId('desk-2');

class Fleet {
  readonly at = new NightBench();
  #words = 0;

  async say(device: DeviceId, state: DeviceWord['state']): Promise<void> {
    const key = deviceWordKey(device, makeRunId(this.at.now, Buffer.from([0, 0, 0, this.#words++])));
    await this.at.store.create(key, [
      encodeDeviceWord({ version: 1, written: this.at.now.toISOString(), by: 'test', state }),
    ]);
  }

  async night(): Promise<ReportedNight & { failed: string[] }> {
    const failed: string[] = [];
    const id = makeRunId(this.at.now, Buffer.from([9, 0, 0, this.#words++]));
    const reported = await maintainFleet(
      this.at.store,
      { id, settings: BUCKET_SETTINGS, isReported: true },
      { hasTime: () => true, onDevice: (device, outcome) => void (isBackupError(outcome) && failed.push(device)) },
    );
    return { ...reported, failed };
  }
}

describe('a fleet', () => {
  test('is all devices that have objects or were enrolled, without the retired ones that one expects nothing of', async () => {
    const fleet = new Fleet();
    await fleet.at.run({ data: [10] });
    await fleet.say(OTHER, 'enrolled');
    const gone = parseDeviceId('desk-3');
    await fleet.say(gone, 'enrolled');
    fleet.at.pass(1000);
    await fleet.say(gone, 'retired');
    expect(await readFleet(fleet.at.store)).toEqual({
      maintained: [fleet.at.device, OTHER],
      expected: [fleet.at.device, OTHER],
      retired: [gone],
    });
  });

  test('has a retired device that still has backups: they are looked after', async () => {
    const fleet = new Fleet();
    await fleet.at.run({ data: [10] });
    await fleet.say(fleet.at.device, 'retired');
    expect(await readFleet(fleet.at.store)).toEqual({
      maintained: [fleet.at.device],
      expected: [],
      retired: [fleet.at.device],
    });
  });

  test('has a device whose word cannot be read', async () => {
    const fleet = new Fleet();
    await fleet.at.store.create(deviceWordKey(OTHER, makeRunId(fleet.at.now, Buffer.alloc(4))), [
      Buffer.from('nonsense'),
    ]);
    expect((await readFleet(fleet.at.store)).expected).toEqual([OTHER]);
  });
});

describe('a night of the fleet', () => {
  test('leaves a result of each device and a report, and asks nobody to act while all is well', async () => {
    const fleet = new Fleet();
    await fleet.at.policy({ keepWithinDays: 30, keepLast: 3 });
    await fleet.at.run({ data: [10] });
    const { summary, mail, report } = await fleet.night();
    expect(summary.rows.map(({ device, state }) => [device, state])).toEqual([[fleet.at.device, 'good']]);
    expect(mail).toBeUndefined();
    expect((await fleet.at.store.read(report, MiB)).toString()).toContain('<!doctype html>');
    const stored = await fleet.at.store.read(reportKey(summary.night, 'json'), MiB);
    expect(decodeNightSummary(stored, 'report')).toEqual(summary);
  });

  test('counts growth from the night before', async () => {
    const fleet = new Fleet();
    await fleet.at.policy({ keepWithinDays: 30, keepLast: 3 });
    await fleet.at.run({ data: [10_000] });
    await fleet.night();
    fleet.at.pass(DAY_MS);
    await fleet.at.run({ data: [2_000] });
    const { summary } = await fleet.night();
    expect(summary.previousNight).not.toBeNull();
    expect(summary.rows[0]?.growthBytes).toBe(3_000);
  });

  test('sends one mail that names the device that has gone quiet', async () => {
    const fleet = new Fleet();
    await fleet.at.policy({ keepWithinDays: 30, keepLast: 3 });
    await fleet.at.run({ data: [10] });
    fleet.at.pass(5 * DAY_MS);
    const { mail } = await fleet.night();
    expect(mail?.subject).toMatch(/^Backups: /);
    expect(mail?.body).toContain(fleet.at.device);
  });

  test('reports a device with a damaged snapshot, and does the others', async () => {
    const fleet = new Fleet();
    await fleet.at.policy({ keepWithinDays: 30, keepLast: 3 });
    await fleet.at.run({ data: [10] });
    const name = snapshotName(makeRunId(fleet.at.now, Buffer.alloc(4)), 0);
    await fleet.at.store.create(snapshotKey(OTHER, name), [Buffer.from('nonsense')]);
    const { summary, mail } = await fleet.night();
    const states = new Map(summary.rows.map(({ device, state }) => [device as string, state]));
    expect(states.get(fleet.at.device)).toBe('good');
    expect(states.get(OTHER)).not.toBe('good');
    expect(mail?.body).toContain(OTHER);
  });

  test('a result that cannot be read leaves its device unheard', async () => {
    const fleet = new Fleet();
    await fleet.at.policy({ keepWithinDays: 30, keepLast: 3 });
    await fleet.at.run({ data: [10] });
    const night = makeRunId(fleet.at.now, Buffer.from([7, 7, 7, 7]));
    await fleet.at.store.create(nightResultKey(night, fleet.at.device), [Buffer.from('nonsense')]);
    const failed: DeviceId[] = [];
    const { summary } = await maintainFleet(
      fleet.at.store,
      { id: night, settings: BUCKET_SETTINGS, isReported: true },
      { hasTime: () => true, onDevice: (device, outcome) => void (isBackupError(outcome) && failed.push(device)) },
    );
    expect(failed).toEqual([fleet.at.device]);
    expect(summary.rows[0]?.state).toBe('unheard');
  });
});

test('results and reports go after 400 days, by the store’s word', async () => {
  const fleet = new Fleet();
  await fleet.at.policy({ keepWithinDays: 30, keepLast: 3 });
  await fleet.at.run({ data: [10] });
  const first = (await fleet.night()).summary.night;
  // A night whose name is old and whose objects are not.
  const misnamed = makeRunId(new Date(Date.UTC(2020, 0, 1)), Buffer.alloc(4));
  fleet.at.pass(300 * DAY_MS);
  const key = nightResultKey(misnamed, fleet.at.device);
  await fleet.at.store.create(key, [Buffer.from('young')]);
  fleet.at.pass(101 * DAY_MS + HOUR_MS);
  const last = (await fleet.night()).summary.night;
  expect(await fleet.at.store.listFolders(nightsPrefix())).toEqual([misnamed, last].sort());
  expect(await fleet.at.store.listFolders(reportsPrefix())).toEqual([last]);
  expect(first).not.toBe(last);
});

test('a night’s result is what its device’s night returned', async () => {
  const fleet = new Fleet();
  await fleet.at.policy({ keepWithinDays: 30, keepLast: 3 });
  await fleet.at.run({ data: [10] });
  const result: NightResult = await fleet.at.night();
  const key: ObjectKey = nightResultKey(result.night, fleet.at.device);
  expect(encodeNightResult(result).equals(await fleet.at.store.read(key, MiB))).toBe(true);
});
