/** What holds of what an administrator has said. */
import { expect, test } from 'vitest';
import {
  DEFAULT_POLICY,
  REASON_LENGTH_MAX,
  encodeHold,
  encodePin,
  holdKey,
  listDevices,
  makeRunId,
  marksKey,
  memoryStore,
  parseDeviceId,
  parseRunId,
  pinKey,
  readDeviceWords,
  readHold,
  readHolds,
  readPinWords,
  readPins,
  readPolicy,
  snapshotName,
  writeDeviceWord,
  writeHold,
  writePin,
  writePolicy,
} from '../../src/index.ts';
import type { DeviceId, HoldWord, ObjectKey, ObjectStore, WordDeps } from '../../src/index.ts';
import { damagedStore } from '../kit/damaged-store.ts';
import { sealedJson } from '../kit/hostile-bytes.ts';

const DESK = parseDeviceId('desk-1');
const LAPTOP = parseDeviceId('laptop');
const MONDAY = snapshotName(parseRunId('20260105T080000Z-0a1b2c3d'), 0);
const TUESDAY = snapshotName(parseRunId('20260106T080000Z-4e5f6071'), 2);
const NOON = new Date('2026-01-07T12:00:00.000Z');

/** Store time stands still: words land within the same second, as on S3. */
const stillStore = (): ObjectStore => memoryStore({ now: () => NOON });
/** A speaker whose dice show `seed`. */
const speaker = (store: ObjectStore, seed = 0x80, now = NOON): WordDeps => ({
  store,
  now,
  random: (bytes) => Buffer.alloc(bytes, seed),
});
const hold = (state: HoldWord['state'], device: DeviceId = DESK) => ({ device, state, by: 'ada', reason: state });
const countKeys = async (store: ObjectStore, prefix: string): Promise<number> =>
  (await store.list(prefix)).objects.length;

/** Puts holds under these names at these store times; the state tells which is which. */
async function holdsLanding(words: readonly (readonly [name: string, landed: string, state: HoldWord['state']])[]) {
  let now = NOON;
  const store = memoryStore({ now: () => now });
  for (const [name, landed, state] of words) {
    now = new Date(`2026-01-07T${landed}Z`);
    const word = { version: 1, written: NOON.toISOString(), by: 'ada', state, reason: '' } as const;
    await store.create(holdKey(DESK, parseRunId(name)), [encodeHold(word)]);
  }
  return store;
}

test.each([
  ['nothing was said', [], undefined],
  ['one word', [['20260107T080000Z-00000001', '08:00:00', 'held']], 'held'],
  [
    'the newest by store time, not by name',
    [
      ['20270101T000000Z-00000001', '08:00:00', 'released'],
      ['20260107T080000Z-00000001', '09:00:00', 'held'],
    ],
    'held',
  ],
  [
    'the newest, whichever was created first',
    [
      ['20260107T080000Z-00000001', '09:00:00', 'held'],
      ['20260107T080000Z-00000002', '08:00:00', 'released'],
    ],
    'held',
  ],
  [
    'of the same time the larger key',
    [
      ['20260107T080000Z-00000002', '08:00:00', 'held'],
      ['20260107T080000Z-00000001', '08:00:00', 'released'],
    ],
    'held',
  ],
] as const)('what holds: %s', async (_, words, state) => {
  const store = await holdsLanding(words);
  expect((await readHold(store, DESK))?.word.state).toBe(state);
  expect((await readHolds(store)).get(DESK)?.word.state).toBe(state);
});

test('a word that holds comes with its key and store time', async () => {
  const store = stillStore();
  const written = await writeHold({ ...hold('held'), reason: 'why' }, speaker(store));
  expect(written).toEqual({
    word: { version: 1, written: NOON.toISOString(), by: 'ada', state: 'held', reason: 'why' },
    key: `v1/system/holds/desk-1/${makeRunId(NOON, Buffer.alloc(4, 0x80))}.json`,
    landed: NOON,
  });
  expect(await readHold(store, DESK)).toEqual(written);
});

test.each([
  ['smaller dice', 0x10, NOON],
  ['the same dice', 0x80, NOON],
  ['a clock that is an hour behind', 0xff, new Date('2026-01-07T11:00:00.000Z')],
])('who speaks last holds also within one second and with %s', async (_, seed, now) => {
  const store = stillStore();
  await writeHold(hold('held'), speaker(store));
  await writeHold(hold('released'), speaker(store, seed, now));
  expect((await readHold(store, DESK))?.word.state).toBe('released');
  await writeHold(hold('held'), speaker(store, seed, now));
  expect((await readHold(store, DESK))?.word.state).toBe('held');
  expect(await countKeys(store, 'v1/system/holds/')).toBe(3);
});

test('the largest of all names is followed by one of its own time', async () => {
  const store = memoryStore();
  const last = parseRunId('99991231T235959Z-ffffffff');
  const word = { version: 1, written: NOON.toISOString(), by: 'ada', state: 'held', reason: '' } as const;
  await store.create(holdKey(DESK, last), [encodeHold(word)]);
  await writeHold(hold('released'), speaker(store));
  expect((await readHold(store, DESK))?.word.state).toBe('released');
});

const damages: readonly (readonly [string, Buffer, string])[] = [
  ['damaged', Buffer.from('{}\n'), 'OBJECT_DAMAGED'],
  ['missing although listed', Buffer.alloc(0), 'OBJECT_MISSING'],
  ['of another version', sealedJson(JSON.stringify({ version: 2 })), 'FORMAT_UNKNOWN'],
  ['too long', Buffer.alloc(9 * 1024 * 1024), 'OBJECT_DAMAGED'],
];
test.each(damages)('a newest word that is %s is told, and no older one holds in its place', async (_, bytes, code) => {
  const store = damagedStore(stillStore());
  await writeHold(hold('held'), speaker(store));
  const { key } = await writeHold(hold('released'), speaker(store));
  store.setDamage(key, bytes.length === 0 ? 'missing' : bytes);
  await expect(readHold(store, DESK)).rejects.toMatchObject({ code, key });
  await expect(readHolds(store)).rejects.toMatchObject({ code, key });
});

test('a damaged word is mended by a newer one, as its error says', async () => {
  const store = damagedStore(stillStore());
  const { key } = await writeHold(hold('held'), speaker(store));
  store.setDamage(key, Buffer.from('{}\n'));
  await expect(readHold(store, DESK)).rejects.toMatchObject({ hint: expect.stringContaining('anew') as string });
  await writeHold(hold('held'), speaker(store));
  expect((await readHold(store, DESK))?.word.state).toBe('held');
});

test('an older damaged word is of no importance', async () => {
  const store = damagedStore(stillStore());
  const { key } = await writeHold(hold('held'), speaker(store));
  await writeHold(hold('released'), speaker(store));
  store.setDamage(key, Buffer.from('{}\n'));
  expect((await readHold(store, DESK))?.word.state).toBe('released');
});

test('what lies among the words and is none is left alone', async () => {
  const store = stillStore();
  await writeHold(hold('held'), speaker(store));
  for (const name of ['zz.json', '99990101T000000Z-00000000', 'z/20260105T080000Z-0a1b2c3d.json'])
    await store.create(`v1/system/holds/desk-1/${name}` as ObjectKey, [Buffer.from('x')]);
  await store.create('v1/system/holds/Desk/20260105T080000Z-0a1b2c3d.json' as ObjectKey, [Buffer.from('x')]);
  expect((await readHold(store, DESK))?.word.state).toBe('held');
  expect([...(await readHolds(store)).keys()]).toEqual([DESK]);
});

test('holds are of one device each', async () => {
  const store = stillStore();
  await writeHold(hold('held'), speaker(store));
  await writeHold(hold('released', LAPTOP), speaker(store));
  expect((await readHold(store, DESK))?.word.state).toBe('held');
  expect((await readHold(store, LAPTOP))?.word.state).toBe('released');
  const states = [...(await readHolds(store))].map(([device, { word }]) => [device, word.state]);
  expect(states).toEqual([
    [DESK, 'held'],
    [LAPTOP, 'released'],
  ]);
});

test('pinned are those snapshots of the device that are pinned by the last word', async () => {
  const store = stillStore();
  const pin = { device: DESK, by: 'ada' };
  expect(await readPins(store, DESK)).toEqual(new Set());
  await writePin({ ...pin, snapshot: MONDAY, state: 'pinned', reason: 'accounts' }, speaker(store));
  await writePin({ ...pin, snapshot: TUESDAY, state: 'pinned' }, speaker(store));
  await writePin({ ...pin, device: LAPTOP, snapshot: TUESDAY, state: 'unpinned' }, speaker(store));
  expect(await readPins(store, DESK)).toEqual(new Set([MONDAY, TUESDAY]));
  await writePin({ ...pin, snapshot: MONDAY, state: 'unpinned' }, speaker(store));
  expect(await readPins(store, DESK)).toEqual(new Set([TUESDAY]));
  const words = [...(await readPinWords(store, DESK))].map(([name, { word }]) => [name, word.state, word.reason]);
  expect(words).toEqual([
    [MONDAY, 'unpinned', undefined],
    [TUESDAY, 'pinned', undefined],
  ]);
});

test('all pins of a device cost one listing, and each snapshot one read', async () => {
  const store = stillStore();
  const word = { version: 1, written: NOON.toISOString(), by: 'ada', state: 'pinned' } as const;
  for (let n = 0; n < 60; n += 1) {
    const name = snapshotName(makeRunId(NOON, Buffer.from([0, 0, 0, n % 20])), 0);
    await store.create(pinKey(DESK, name, makeRunId(NOON, Buffer.from([0, 0, 1, n]))), [encodePin(word)]);
  }
  const calls: string[] = [];
  const counting: ObjectStore = {
    ...store,
    list: (prefix) => (calls.push(`list ${prefix}`), store.list(prefix)),
    read: (key, bytesMax) => (calls.push('read'), store.read(key, bytesMax)),
  };
  expect((await readPins(counting, DESK)).size).toBe(20);
  expect(calls.filter((call) => call !== 'read')).toEqual(['list v1/system/pins/desk-1/']);
  expect(calls).toHaveLength(21);
});

test('a damaged pin is told: without it its snapshot might expire', async () => {
  const store = damagedStore(stillStore());
  const { key } = await writePin({ device: DESK, snapshot: MONDAY, state: 'pinned', by: 'ada' }, speaker(store));
  store.setDamage(key, Buffer.from('{}\n'));
  await expect(readPins(store, DESK)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', key });
});

test('a device has a word, or objects, or both', async () => {
  const store = stillStore();
  await store.create(marksKey(DESK, 1), [Buffer.from('x')]);
  await store.create(marksKey(LAPTOP, 1), [Buffer.from('x')]);
  await store.create('v1/devices/Not a device/x' as ObjectKey, [Buffer.from('x')]);
  await writeDeviceWord({ device: LAPTOP, by: 'ada', state: 'enrolled' }, speaker(store));
  await writeDeviceWord({ device: LAPTOP, by: 'ada', state: 'retired' }, speaker(store));
  const phone = parseDeviceId('phone');
  await writeDeviceWord({ device: phone, by: 'ada', state: 'enrolled' }, speaker(store));
  expect(await listDevices(store)).toEqual([DESK, LAPTOP]);
  expect([...(await readDeviceWords(store))].map(([device, { word }]) => [device, word.state])).toEqual([
    [LAPTOP, 'retired'],
    [phone, 'enrolled'],
  ]);
});

test('the policy is the one that was set last', async () => {
  const store = stillStore();
  expect(await readPolicy(store)).toBeUndefined();
  await writePolicy({ policy: DEFAULT_POLICY, by: 'ada' }, speaker(store));
  await writePolicy({ policy: { ...DEFAULT_POLICY, keepYearly: 10 }, by: 'ada' }, speaker(store, 0));
  expect((await readPolicy(store))?.word.policy).toEqual({ ...DEFAULT_POLICY, keepYearly: 10 });
});

test('what nobody could read back is not written: as the newest word it would stop maintenance', async () => {
  const store = stillStore();
  const deps = speaker(store);
  const long = 'x'.repeat(REASON_LENGTH_MAX + 1);
  const refused = { code: 'CONFIG_INVALID' };
  await expect(writeHold({ ...hold('held'), reason: long }, deps)).rejects.toMatchObject(refused);
  await expect(writeHold({ ...hold('held'), by: long }, deps)).rejects.toMatchObject(refused);
  const pin = { device: DESK, snapshot: MONDAY, by: 'ada', state: 'pinned', reason: long } as const;
  await expect(writePin(pin, deps)).rejects.toMatchObject(refused);
  const policy = { ...DEFAULT_POLICY, keepLast: 0 };
  await expect(writePolicy({ policy, by: 'ada' }, deps)).rejects.toMatchObject(refused);
  const device = { device: DESK, by: long, state: 'retired' } as const;
  await expect(writeDeviceWord(device, deps)).rejects.toMatchObject(refused);
  expect(await countKeys(store, '')).toBe(0);
});

test('of two who speak at once under one name, the second is told', async () => {
  const store = stillStore();
  const others = { ...store, list: async (prefix: string) => ({ ...(await store.list(prefix)), objects: [] }) };
  await writeHold(hold('held'), speaker(store));
  await expect(writeHold(hold('released'), speaker(others))).rejects.toMatchObject({ code: 'KEY_CONFLICT' });
  expect((await readHold(store, DESK))?.word.state).toBe('held');
});
