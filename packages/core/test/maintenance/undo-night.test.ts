import { describe, expect, test } from 'vitest';
import {
  BUCKET_SETTINGS,
  COMMIT_WINDOW_MS,
  listUsablePacks,
  maintainDevice,
  makeRunId,
  packKey,
  packText,
  parseRunId,
  readHold,
  readMarks,
  readPins,
  snapshotKey,
  undoNight,
} from '../../src/index.ts';
import type { NightResult, ObjectKey, UndoDeps, UndoneNight } from '../../src/index.ts';
import { DAY_MS, HOUR_MS, NightBench } from './night-bench.ts';

/** A device whose old snapshot has gone with all its packs, in nights that are given back. */
async function collected() {
  const at = new NightBench();
  await at.policy({ keepWithinDays: 1, keepLast: 1 });
  const old = await at.run({ data: [1000] });
  at.pass(20 * DAY_MS);
  const young = await at.run({ data: [50_000] });
  at.pass(2 * HOUR_MS);
  const first = await at.night({ removedShareMax: 1 });
  at.pass(25 * HOUR_MS);
  const second = await at.night({ removedShareMax: 1 });
  at.pass(HOUR_MS);
  expect(second.packs.removed.packs).toBe(2);
  return { at, old, young, first, second };
}

function depsOf(at: NightBench): UndoDeps {
  const { now, random } = at.wordDeps();
  const wait = async (ms: number): Promise<void> => Promise.resolve(at.pass(ms));
  return { now, random, by: 'test', wait };
}

const undo = (at: NightBench, night: NightResult): Promise<UndoneNight> =>
  undoNight(at.repository, night.night, depsOf(at));

test('brings back the packs that a night removed', async () => {
  const { at, old, second } = await collected();
  expect(await undo(at, second)).toEqual({ packs: 2, snapshots: [], gone: [], removedMeanwhile: 0 });
  expect(await at.packs()).toEqual(expect.arrayContaining(old.packs.map(packText)));
});

test('brings back the snapshot that a night let go, with the packs that a later one removed', async () => {
  const { at, old, first } = await collected();
  expect(await undo(at, first)).toEqual({ packs: 2, snapshots: [old.name], gone: [], removedMeanwhile: 0 });
  expect(await at.packs()).toEqual(expect.arrayContaining(old.packs.map(packText)));
  expect(await at.snapshots()).toContain(old.name);
});

test('holds the device and pins the snapshots', async () => {
  const { at, old, first } = await collected();
  await undo(at, first);
  expect((await readHold(at.store, at.device))?.word).toMatchObject({
    state: 'held',
    reason: expect.stringContaining(first.night),
  });
  expect(await readPins(at.store, at.device)).toEqual(new Set([old.name]));
});

describe('no run builds on a pack that was brought back', () => {
  const marksOf = async (at: NightBench) => (await readMarks(at.repository)).marks;

  test('for it is marked', async () => {
    const { at, old, second } = await collected();
    at.pass(2 * DAY_MS);
    await at.night(); // The marks of packs that are gone are dropped.
    expect((await marksOf(at)).size).toBe(0);
    await undo(at, second);
    expect([...(await marksOf(at)).keys()].sort()).toEqual(old.packs.map(packText).sort());
    const { usable, marked } = await listUsablePacks(at.repository);
    for (const pack of old.packs) {
      expect(usable.has(packText(pack))).toBe(false);
      expect(marked.has(packText(pack))).toBe(true);
    }
  });

  test('also if a night that had listed packs before writes its marks after', async () => {
    const { at, old, second } = await collected();
    const { sequence } = await readMarks(at.repository);
    await undo(at, second);
    // One state before the packs are back and one after: a night in between cannot be the next of either.
    expect((await readMarks(at.repository)).sequence).toBeGreaterThan(sequence);
    const after = (await readMarks(at.repository)).sequence;
    await undo(at, second);
    expect((await marksOf(at)).has(packText(old.packs[0] as never))).toBe(true);
    expect((await readMarks(at.repository)).sequence).toBe(after);
  });
});

test('packs come back only when no run can commit any more that has not seen their marks', async () => {
  const { at, second } = await collected();
  const { listed } = await readMarks(at.repository);
  const back: Date[] = [];
  const undelete = async (key: ObjectKey) => {
    back.push((await at.store.list(key)).began);
    return at.store.undelete(key);
  };
  await undoNight({ ...at.repository, store: { ...at.store, undelete } }, second.night, depsOf(at));
  expect(+(back[0] as Date)).toBeGreaterThan(+listed + COMMIT_WINDOW_MS);
});

test('what is not kept any more is told', async () => {
  const { at, old, first, second } = await collected();
  const forgetful = { ...at.store, undelete: () => Promise.resolve('gone' as const) };
  const deps = depsOf(at);
  const undone = await undoNight({ ...at.repository, store: forgetful }, second.night, deps);
  expect(undone).toMatchObject({ packs: 0, snapshots: [] });
  expect(undone.gone).toHaveLength(2);
  expect((await undoNight({ ...at.repository, store: forgetful }, first.night, deps)).gone.at(-1)).toContain(old.name);
});

test('what the night names and a bucket without versions does not know any more is told, too', async () => {
  const { at, old, first, second } = await collected();
  const plain = { ...at.repository, store: { ...at.store, listRemoved: () => Promise.resolve([]) } };
  const keysOf = async (night: NightResult) => (await undoNight(plain, night.night, depsOf(at))).gone;
  expect(await keysOf(first)).toEqual([snapshotKey(at.device, old.name)]);
  expect([...(await keysOf(second))].sort()).toEqual(old.packs.map((pack) => packKey(at.device, pack)).sort());
});

test('what somebody removes while the undo waits is told, and comes back with another undo', async () => {
  const { at, young, first } = await collected();
  const [pack] = young.packs;
  const key = packKey(at.device, pack as never);
  const deps = depsOf(at);
  const wait = async (ms: number): Promise<void> => {
    await deps.wait(ms);
    await at.store.remove(key);
  };
  expect(await undoNight(at.repository, first.night, { ...deps, wait })).toMatchObject({
    gone: [],
    removedMeanwhile: 1,
  });
  expect(await undo(at, first)).toMatchObject({ packs: 1, removedMeanwhile: 0 });
  expect(await at.packs()).toContain(packText(pack as never));
});

test('a snapshot is pinned before it is back: no undo that is cut off leaves one that may go again', async () => {
  const { at, old, first } = await collected();
  const undelete = async (key: ObjectKey) => {
    const outcome = await at.store.undelete(key);
    if (key === snapshotKey(at.device, old.name)) throw new Error('cut off');
    return outcome;
  };
  const cutOff = { ...at.repository, store: { ...at.store, undelete } };
  await expect(undoNight(cutOff, first.night, depsOf(at))).rejects.toThrow('cut off');
  expect(await at.snapshots()).toContain(old.name);
  expect(await readPins(at.store, at.device)).toEqual(new Set([old.name]));
});

/** Ends when it has removed one object. */
async function cutOffNight(at: NightBench): Promise<void> {
  let removed = 0;
  const remove = (key: ObjectKey): Promise<void> => {
    removed++;
    return at.store.remove(key);
  };
  const night = { id: makeRunId(at.now, Buffer.from('cut!')), settings: BUCKET_SETTINGS, isReported: true };
  const repository = { ...at.repository, store: { ...at.store, remove } };
  await expect(maintainDevice(repository, night, { hasTime: () => removed === 0 })).rejects.toMatchObject({
    code: 'STOPPED_EARLY',
  });
}

describe('a night that was cut off leaves no result, and what it removed', () => {
  test('comes back with the next one that left one', async () => {
    const at = new NightBench();
    await at.policy({ keepWithinDays: 1, keepLast: 1 });
    const old = await at.run({ data: [1000] });
    at.pass(20 * DAY_MS);
    await at.run({ data: [50_000] });
    at.pass(2 * HOUR_MS);
    await cutOffNight(at);
    expect(await at.snapshots()).not.toContain(old.name);
    at.pass(25 * HOUR_MS);
    const next = await at.night({ removedShareMax: 1 });
    expect(next.snapshots.removed).toEqual([]);
    expect(await undo(at, next)).toMatchObject({ packs: 2, snapshots: [old.name] });
    expect(await at.packs()).toEqual(expect.arrayContaining(old.packs.map(packText)));
  });

  test('is not what the result of the night before tells of', async () => {
    const { at } = await collected();
    at.pass(DAY_MS);
    expect(await undo(at, await at.night())).toMatchObject({ packs: 0, snapshots: [] });
  });
});

test('a night that left no result is named', async () => {
  const { at } = await collected();
  const night = parseRunId('20260105T020000Z-0a1b2c3d');
  await expect(undoNight(at.repository, night, depsOf(at))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(night),
  });
});
