import { describe, expect, test } from 'vitest';
import { listUsablePacks, packText, parseRunId, readHold, readMarks, readPins, undoNight } from '../../src/index.ts';
import type { NightResult, UndoneNight } from '../../src/index.ts';
import { DAY_MS, HOUR_MS, NightBench } from './night-bench.ts';

/** A device whose old snapshot has gone with all its packs, in nights that are given back. */
async function collected() {
  const at = new NightBench();
  await at.policy({ keepWithinDays: 1, keepLast: 1 });
  const old = await at.run({ data: [1000] });
  at.pass(20 * DAY_MS);
  await at.run({ data: [50_000] });
  at.pass(2 * HOUR_MS);
  const first = await at.night({ removedShareMax: 1 });
  at.pass(25 * HOUR_MS);
  const second = await at.night({ removedShareMax: 1 });
  at.pass(HOUR_MS);
  expect(second.packs.removed.packs).toBe(2);
  return { at, old, first, second };
}

const undo = (at: NightBench, night: NightResult): Promise<UndoneNight> => {
  const { now, random } = at.wordDeps();
  return undoNight(at.repository, night.night, { now, random, by: 'test' });
};

test('brings back the packs of one night and the snapshot of another', async () => {
  const { at, old, first, second } = await collected();
  expect(await undo(at, second)).toEqual({ packs: 2, snapshots: [], gone: [] });
  expect(await undo(at, first)).toEqual({ packs: 0, snapshots: [old.name], gone: [] });
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

test('what is not kept any more is told', async () => {
  const { at, old, first, second } = await collected();
  const forgetful = { ...at.store, undelete: () => Promise.resolve('gone' as const) };
  const { now, random } = at.wordDeps();
  const deps = { now, random, by: 'test' };
  const undone = await undoNight({ ...at.repository, store: forgetful }, second.night, deps);
  expect(undone).toMatchObject({ packs: 0, snapshots: [] });
  expect(undone.gone).toHaveLength(2);
  expect((await undoNight({ ...at.repository, store: forgetful }, first.night, deps)).gone[0]).toContain(old.name);
});

test('a night that left no result is named', async () => {
  const { at } = await collected();
  const night = parseRunId('20260105T020000Z-0a1b2c3d');
  const { now, random } = at.wordDeps();
  await expect(undoNight(at.repository, night, { now, random, by: 'test' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(night),
  });
});
