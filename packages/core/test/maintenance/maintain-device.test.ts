import { describe, expect, test } from 'vitest';
import {
  REASON_LENGTH_MAX,
  compactedIndexKey,
  decodeIndexSegment,
  encodeIndexSegment,
  encodeMarks,
  indexKey,
  indexPrefix,
  makeRunId,
  marksKey,
  marksPrefix,
  packKey,
  packText,
  readHold,
  readMarks,
  runRecordKey,
  snapshotKey,
  snapshotName,
  writeHold,
  writePin,
} from '../../src/index.ts';
import type { IndexedPack, ObjectKey } from '../../src/index.ts';
import { DAY_MS, HOUR_MS, NightBench } from './night-bench.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** Everything a day old goes but the newest. */
const SHORT = { keepWithinDays: 1, keepLast: 1 };

async function bench(): Promise<NightBench> {
  const made = new NightBench();
  await made.policy(SHORT);
  return made;
}

describe('a pack', () => {
  test('that no snapshot needs is marked, and goes after the grace', async () => {
    const { at, old } = await withOldSnapshot();
    const first = await at.night();
    expect(first.snapshots.removed).toEqual([old.name]);
    expect(first.packs).toMatchObject({ newlyMarked: { packs: 2 }, removed: { packs: 0 } });
    at.pass(23 * HOUR_MS);
    expect((await at.night()).packs.removed.packs).toBe(0);
    at.pass(2 * HOUR_MS);
    expect((await at.night()).packs).toMatchObject({ marked: { packs: 2 }, removed: { packs: 1 } });
    expect(await at.packs()).not.toContain(packText(old.packs[0] as never));
  });

  test('of a run that was cut off stays as long as the run may be continued', async () => {
    const at = await bench();
    const cut = await at.run({ data: [100], cutOff: true });
    at.pass(13 * DAY_MS);
    expect((await at.night()).packs.newlyMarked.packs).toBe(0);
    at.pass(2 * DAY_MS);
    expect((await at.night()).packs.newlyMarked.packs).toBe(2);
    expect(await at.packs()).toContain(packText(cut.packs[0] as never));
  });

  test('of a first backup that takes weeks stays as long as the device goes on', async () => {
    const at = await bench();
    const big = [];
    for (let week = 0; week < 5; week++) {
      big.push(...(await at.run({ data: [100], cutOff: true, roots: ['/big'] })).packs);
      at.pass(7 * DAY_MS);
      await at.run({ data: [100], roots: ['/small'] });
      await at.night();
    }
    const { marks } = await readMarks(at.repository);
    expect(big.map(packText).filter((pack) => marks.has(pack))).toEqual([]);
    expect(marks.size).toBeGreaterThan(0);
  });

  test('of a run whose folders have been backed up since is not waited for', async () => {
    const at = await bench();
    await at.run({ data: [100], cutOff: true, roots: ['/big'] });
    at.pass(10 * DAY_MS);
    const done = await at.run({ data: [100], roots: ['/big'] });
    at.pass(5 * DAY_MS);
    expect((await at.night()).packs.newlyMarked.packs).toBe(2);
    expect(await at.packs()).toContain(packText(done.packs[0] as never));
  });

  test('that a listed snapshot needs is not removed although it is marked', async () => {
    const { at, old } = await withOldSnapshot();
    await at.store.create(marksKey(at.device, 1), [
      encodeMarks({
        version: 1,
        sequence: 1,
        marks: old.packs.map((pack) => ({ pack: packText(pack), state: 'dead', since: null })),
      }),
    ]);
    await writePin({ device: at.device, snapshot: old.name, state: 'pinned', by: 'test' }, at.wordDeps());
    at.pass(3 * DAY_MS);
    expect((await at.night()).packs.removed.packs).toBe(0);
    expect(await at.packs()).toEqual(expect.arrayContaining(old.packs.map(packText)));
  });

  test.each([
    ['a fifth of the bytes at most', 0.2, [5 * MiB, 5 * MiB, 5 * MiB], 3 * MiB, 1],
    ['one pack always', 0.01, [5 * MiB, 5 * MiB], 3 * MiB, 1],
    ['all of them where the limit allows it', 1, [5 * MiB, 5 * MiB], 3 * MiB, 3],
  ])('goes with others, but %s a night', async (_, removedShareMax, dead, live, removed) => {
    const at = await bench();
    await at.run({ data: dead });
    at.pass(20 * DAY_MS);
    await at.run({ data: [live] });
    at.pass(2 * HOUR_MS);
    await at.night();
    at.pass(25 * HOUR_MS);
    const { packs } = await at.night({ removedShareMax });
    expect(packs.removed.packs).toBe(removed);
    expect(packs.deferred.packs).toBe(dead.length + 1 - removed);
  });
});

describe('marks', () => {
  test('are a chain: what was marked stays marked until it is gone, since the same time', async () => {
    const { at } = await withOldSnapshot();
    await at.night();
    const first = await readMarks(at.repository);
    at.pass(HOUR_MS);
    const other = await at.run({ data: [50], cutOff: true, withoutIndex: true });
    at.pass(20 * DAY_MS);
    await at.night({ graceMs: 100 * DAY_MS });
    const second = await readMarks(at.repository);
    expect(second.sequence).toBe(first.sequence + 1);
    expect([...second.marks.keys()]).toEqual(
      expect.arrayContaining([...first.marks.keys(), ...other.packs.map(packText)]),
    );
    for (const [pack, { since }] of first.marks) expect(second.marks.get(pack)?.since).toEqual(since);
  });

  test('that do not change are not written again', async () => {
    const { at } = await withOldSnapshot();
    await at.night();
    await at.night();
    expect((await at.store.list(marksPrefix(at.device))).objects).toHaveLength(1);
  });

  test('leave two states behind', async () => {
    const at = await bench();
    for (let i = 0; i < 5; i++) {
      await at.run({ data: [100], cutOff: true });
      at.pass(15 * DAY_MS);
      await at.night({ graceMs: 1000 * DAY_MS });
    }
    const keys = (await at.store.list(marksPrefix(at.device))).objects.map(({ key }) => key);
    expect(keys).toEqual([marksKey(at.device, 4), marksKey(at.device, 5)]);
  });

  test('that cannot be read forbid all removal, and are told', async () => {
    const { at, old } = await withOldSnapshot();
    await at.store.create(marksKey(at.device, 7), [Buffer.from('nonsense')]);
    const result = await at.night();
    expect(result.refusals).toMatchObject([{ code: 'OBJECT_DAMAGED' }]);
    expect(await at.snapshots()).toContain(old.name);
  });
});

describe('packs to be rewritten', () => {
  /** A run of the wanted packs, and a newer one that needs a little of them. */
  async function hollowed(lengths: readonly number[], share: number, fresh: number) {
    const at = await bench();
    const old = await at.run({ data: lengths });
    at.pass(20 * DAY_MS);
    const live = Object.fromEntries(
      old.packs.map((pack) => [packText(pack), Math.floor((lengths[pack.number] ?? 0) * share)]),
    );
    await at.run({ data: [fresh], also: old.packs, live });
    at.pass(2 * HOUR_MS);
    return { at, old };
  }

  test('are those of which less than 70 % is needed', async () => {
    const few = await hollowed([10 * MiB], 0.4, 40 * MiB);
    expect((await few.at.night()).packs.retiring.packs).toBe(1);
    const most = await hollowed([10 * MiB], 0.8, 40 * MiB);
    expect((await most.at.night()).packs.retiring.packs).toBe(0);
  });

  test('are no more than half of what changes', async () => {
    const { at } = await hollowed([10 * MiB, 10 * MiB, 10 * MiB], 0.4, 10 * MiB);
    // 10 MiB are new, half of it may be sent again, and each pack costs 4.
    expect((await at.night()).packs.retiring.packs).toBe(1);
  });

  test('stay where they are: snapshots need them', async () => {
    const { at, old } = await hollowed([10 * MiB], 0.4, 40 * MiB);
    await at.night();
    at.pass(3 * DAY_MS);
    await at.night();
    expect(await at.packs()).toContain(packText(old.packs[0] as never));
    expect((await readMarks(at.repository)).marks.get(packText(old.packs[0] as never))?.state).toBe('retiring');
  });
});

describe('nothing is removed', () => {
  const untouched = async (at: NightBench, code: string): Promise<void> => {
    const before = [...(await at.packs()), ...(await at.snapshots())];
    for (let night = 0; night < 3; night++) {
      expect((await at.night()).refusals.map((refusal) => refusal.code)).toContain(code);
      at.pass(2 * DAY_MS);
    }
    expect([...(await at.packs()), ...(await at.snapshots())]).toEqual(before);
    expect((await readMarks(at.repository)).sequence).toBe(0);
  };

  test('without a policy', async () => {
    const at = new NightBench();
    await at.run({ data: [100] });
    at.pass(40 * DAY_MS);
    await at.run({ data: [100] });
    await untouched(at, 'NO_POLICY');
  });

  test('of a device under a hold', async () => {
    const { at } = await withOldSnapshot();
    await writeHold({ device: at.device, state: 'held', by: 'test', reason: 'a look first' }, at.wordDeps());
    await untouched(at, 'HELD');
  });

  test('beside a snapshot that cannot be read', async () => {
    const { at } = await withOldSnapshot();
    const name = snapshotName(makeRunId(new Date(0), Buffer.alloc(4)), 0);
    await at.store.create(snapshotKey(at.device, name), [Buffer.from('nonsense')]);
    await untouched(at, 'OBJECT_DAMAGED');
  });

  test('of a device of which 2,001 snapshots are listed', async () => {
    const { at } = await withOldSnapshot();
    for (let i = 0; i < 2000; i++) {
      const name = snapshotName(makeRunId(new Date(i * 1000), Buffer.alloc(4)), 0);
      await at.store.create(snapshotKey(at.device, name), [Buffer.from('x')]);
    }
    const result = await at.night();
    expect(result.refusals.map(({ code }) => code)).toContain('TOO_MANY_SNAPSHOTS');
    expect(result.snapshots.removed).toEqual([]);
  });
});

test('a device whose files change as by ransomware is held at once', async () => {
  const at = await bench();
  const old = await at.run({ data: [100], files: 1000 });
  at.pass(20 * DAY_MS);
  await at.run({ data: [100], files: 10 });
  at.pass(2 * HOUR_MS);
  const result = await at.night();
  expect(result.massChange.reasons).toHaveLength(1);
  expect(result.hold?.reason.length).toBeLessThan(REASON_LENGTH_MAX);
  expect(await at.snapshots()).toContain(old.name);
  expect((await readHold(at.store, at.device))?.word.state).toBe('held');
  await writeHold({ device: at.device, state: 'released', by: 'test', reason: 'a clean-up' }, at.wordDeps());
  at.pass(HOUR_MS);
  const next = await at.night();
  expect(next.massChange.reasons).toEqual([]);
  expect(next.snapshots.removed).toEqual([old.name]);
});

describe('verification', () => {
  test('names the snapshots whose packs are missing', async () => {
    const at = await bench();
    const { name, packs } = await at.run({ data: [100, 200] });
    await at.store.remove(packKey(at.device, packs[0] as never));
    const { verification } = await at.night();
    expect(verification).toMatchObject({ missingPacks: 1, findingCount: 1 });
    expect(verification.findings).toEqual([
      { key: packKey(at.device, packs[0] as never), what: 'missing', snapshots: [name] },
    ]);
  });

  test('tells a pack that has another length than its uploader wrote', async () => {
    const at = await bench();
    const { packs, name } = await at.run({ data: [100] });
    const key = packKey(at.device, packs[0] as never);
    await at.store.remove(key);
    await at.store.create(key, [Buffer.alloc(99)]);
    const { findings } = (await at.night()).verification;
    expect(findings).toEqual([{ key, what: 'has 99 bytes; its uploader wrote 100', snapshots: [name] }]);
  });

  test('tells a pack with another ETag', async () => {
    const at = await bench();
    const { packs } = await at.run({ data: [100] });
    const key = packKey(at.device, packs[0] as never);
    await at.store.remove(key);
    await at.store.create(key, [Buffer.alloc(100, 9)]);
    const { findings } = (await at.night()).verification;
    expect(findings.map(({ what }) => what)).toEqual(['has another ETag than its uploader saw']);
  });
});

describe('the index', () => {
  const segments = async (at: NightBench): Promise<string[]> =>
    (await at.store.list(indexPrefix(at.device))).objects.map(({ key }) => key);

  test('is kept short, and what a compacted segment replaces goes a night later', async () => {
    const at = await bench();
    const runs = [];
    for (let i = 0; i < 12; i++) runs.push(await at.run({ data: [100 + i], roots: [`/r${i}`] }));
    const first = await at.night();
    expect(first.index).toMatchObject({ segments: 12, removed: [] });
    const compacted = first.index.compacted as ObjectKey;
    const { info, packs } = decodeIndexSegment(await at.store.read(compacted, MiB), compacted);
    expect(info.replaces.length).toBeGreaterThanOrEqual(5);
    expect(packs).toHaveLength(info.replaces.length * 2);
    at.pass(25 * HOUR_MS);
    const second = await at.night();
    expect(second.index.removed).toEqual(info.replaces.map((name) => `${indexPrefix(at.device)}${name}`));
    expect((await segments(at)).length).toBeLessThanOrEqual(8);
    expect(second.verification.packsCompared).toBe(24);
  });

  test('loses the segments whose packs are all gone', async () => {
    const { at, old } = await withOldSnapshot();
    for (let night = 0; night < 4; night++) {
      await at.night();
      at.pass(25 * HOUR_MS);
    }
    expect(await segments(at)).not.toContain(indexKey(at.device, old.run));
    expect(await segments(at)).toHaveLength(1);
  });

  /** Longer than the pieces in which a night reads it. */
  const LONG = 40_000;
  test.each([
    ['goes', 'whole', 1, undefined],
    ['goes', 'whole and long', LONG, undefined],
    ['stays', 'damaged', 1, -1],
    ['stays', 'damaged at the begin, and long', LONG, 2000],
    ['stays', 'damaged at the end, and long', LONG, -40],
  ] as const)('what a compacted segment replaces %s if that is %s', async (then, _, records, damagedAt) => {
    const at = await bench();
    const { run, packs } = await at.run({ data: [100] });
    const placed = { offset: 0, storedBytes: 1, rawBytes: 1, ids: Buffer.alloc(32 * records), checksum: 0 };
    const bytes = encodeIndexSegment({ made: 'compaction', roots: [], replaces: [run] }, [
      { pack: packs[0] as IndexedPack, segments: [{ ...placed, lengths: new Uint32Array(records).fill(1) } as never] },
    ]);
    const damaged = damagedAt === undefined ? undefined : (damagedAt + bytes.length) % bytes.length;
    if (damaged !== undefined) bytes[damaged] = (bytes[damaged] as number) ^ 1;
    await at.store.create(compactedIndexKey(at.device, makeRunId(new Date(0), Buffer.alloc(4))), [bytes]);
    at.pass(3 * DAY_MS);
    await at.night();
    expect((await segments(at)).includes(indexKey(at.device, run))).toBe(then === 'stays');
  });
});

test('records of runs go after 400 days, unless their snapshot is there', async () => {
  const { at, old } = await withOldSnapshot();
  const [kept] = await at.snapshots();
  await at.night();
  at.pass(401 * DAY_MS);
  await at.night();
  expect(await at.store.find(runRecordKey(at.device, old.run), MiB)).toBeUndefined();
  expect(await at.store.find(runRecordKey(at.device, kept?.slice(0, 25) as never), MiB)).toBeDefined();
});

test('a key that this version does not know is left alone and told', async () => {
  const { at } = await withOldSnapshot();
  const key = `v1/devices/${at.device}/data/notes.txt` as ObjectKey;
  await at.store.create(key, [Buffer.from('mine')]);
  const result = await at.night();
  expect(result.unknownKeys).toEqual({ count: 1, examples: [key] });
  expect(await at.store.find(key, 10)).toBeDefined();
});

test('a second delivery of a night gives the result of the first, and does nothing', async () => {
  const { at } = await withOldSnapshot();
  const { maintainDevice, BUCKET_SETTINGS } = await import('../../src/index.ts');
  const night = { id: makeRunId(at.now, Buffer.alloc(4)), settings: BUCKET_SETTINGS, isReported: true };
  const deps = { hasTime: () => true };
  const first = await maintainDevice(at.repository, night, deps);
  at.pass(30 * HOUR_MS);
  expect((await maintainDevice(at.repository, night, deps)).result).toEqual(first.result);
});

test('a night without time ends cleanly, and the next one goes on', async () => {
  const { at, old } = await withOldSnapshot();
  const { maintainDevice, BUCKET_SETTINGS } = await import('../../src/index.ts');
  const night = { id: makeRunId(at.now, Buffer.alloc(4)), settings: BUCKET_SETTINGS, isReported: true };
  let calls = 0;
  await expect(maintainDevice(at.repository, night, { hasTime: () => ++calls < 2 })).rejects.toMatchObject({
    code: 'STOPPED_EARLY',
  });
  expect((await maintainDevice(at.repository, night, { hasTime: () => true })).result.snapshots.removed).toEqual([
    old.name,
  ]);
});

/** An old snapshot with a data pack and a meta pack of its own, and a newer one that landed two hours ago. */
async function withOldSnapshot() {
  const at = await bench();
  const old = await at.run({ data: [1000] });
  at.pass(20 * DAY_MS);
  await at.run({ data: [5000] });
  at.pass(2 * HOUR_MS);
  return { at, old };
}
