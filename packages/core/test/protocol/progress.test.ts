/** What is never unsafe, and still must not be: runs that never commit, and packs that never go. */
import { expect, test } from 'vitest';
import { Script } from './model/script.ts';

const DAY_HOURS = 24;

test('V9: a run of days commits at its first attempt, whatever its clock says and others commit beside it', async () => {
  const script = await Script.begin();
  script.device.clockMs = -3 * DAY_HOURS * 3_600_000;
  await script.backup(['/a']);
  const slow = await script.run(['/b'], { chunksPerPack: 1, packsPerCheckpoint: 1 });
  let uploads = 0;
  for (; ; uploads++) {
    await slow.actor.goOn(({ kind, key }) => kind === 'create' && key.includes('/data/'));
    if (slow.actor.outcome !== undefined) break;
    await script.hours(30);
    script.write('/a/x', uploads % 4);
    await script.backup(['/a']);
    await script.wholeNight();
  }
  expect(slow.actor.outcome).toEqual({ value: 'committed' });
  expect(script.times('another pass')).toBe(0);
  expect(uploads).toBe(4); // The chunks of /b, each once.
});

test('a first backup that takes weeks and many runs sends each chunk once', async () => {
  const script = await Script.begin();
  for (let attempt = 0; attempt < 5; attempt++) {
    const run = await script.run(['/a', '/b'], { chunksPerPack: 1, packsPerCheckpoint: 1 });
    await run.until('put pack');
    await run.step();
    if (run.actor.outcome !== undefined) break;
    await script.days(6); // It is cut off, and a week passes.
    await script.wholeNight();
  }
  await script.backup(['/a', '/b'], { chunksPerPack: 1 });
  expect(script.times('committed')).toBe(1);
  expect(script.dataPacks().length).toBe(8);
});

test('V10: runs that never see all of their folders leave no more packs behind after months than after weeks', async () => {
  const script = await Script.begin();
  script.device.disk.missingRoots.add('/b');
  const counts: number[] = [];
  for (let day = 0; day < 60; day++) {
    script.write('/a/x', day);
    const run = await script.run(['/a', '/b']);
    if (day % 3 === 1) await run.until('put index');
    else await run.end();
    await script.hours(DAY_HOURS);
    await script.wholeNight();
    counts.push(script.dataPacks().length);
  }
  expect(Math.max(...counts.slice(40))).toBeLessThanOrEqual(Math.max(...counts.slice(20, 40)));
  expect(await script.violation()).toBeUndefined();
});

test('V11: the only backup of a folder stays while another folder is backed up daily', async () => {
  const script = await Script.begin();
  await script.backup(['/b']);
  for (let day = 0; day < 40; day++) {
    script.write('/a/x', day);
    await script.backup(['/a']);
    await script.hours(DAY_HOURS);
    await script.wholeNight();
  }
  const roots = [...script.world.ledger.snapshots.values()].map((seen) => seen.roots.join());
  expect(roots).toContain('/b');
  expect(roots.length).toBeLessThan(6);
  expect(await script.violation()).toBeUndefined();
});

test('a night that took an hour for its first packs looks again before it goes on', async () => {
  const script = await Script.begin({ removedShareMax: 1 });
  const chunks = Array.from({ length: 300 }, (_, i) => `chunk ${i}`);
  script.device.disk.files.set('/a/x', { chunks, version: 7 });
  await script.backup(['/a'], { chunksPerPack: 1 });
  script.write('/a/x', 0);
  await script.days(1);
  await script.backup(['/a']);
  await script.days(16);
  await script.wholeNight();
  await script.hours(25);
  const night = await script.night();
  await night.until('remove pack');
  night.actor.paceMs = 20_000;
  await night.until('list snapshots');
  const left = script.dataPacks().length;
  expect(left).toBeGreaterThan(2);
  await night.end();
  expect(script.dataPacks().length).toBeLessThan(left);
  expect(await script.violation()).toBeUndefined();
});
