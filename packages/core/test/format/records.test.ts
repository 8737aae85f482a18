/** The JSON objects of the format: what each refuses beside a broken checksum. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BY_LENGTH_MAX,
  DEFAULT_POLICY,
  REASON_LENGTH_MAX,
  decodeDeviceWord,
  decodeHold,
  decodeMarks,
  decodeNightResult,
  decodePin,
  decodePolicy,
  decodeRepositoryFile,
  decodeRunRecord,
  decodeSnapshot,
  encodeDeviceWord,
  encodeHold,
  encodeMarks,
  encodeNightResult,
  encodePin,
  encodePolicy,
  encodeRepositoryFile,
  encodeRunRecord,
  encodeSnapshot,
  liveBytesOf,
  newRepositoryFile,
  packText,
  parsePackText,
  parseRunId,
  snapshotName,
} from '../../src/index.ts';
import type { DeviceWord, HoldWord, MarksState, PinWord, PolicyWord, RunRecord, Snapshot } from '../../src/index.ts';
import { GOLDEN_DEVICE, GOLDEN_RUNS, goldenRepository } from '../kit/golden-repository.ts';
import { GOLDEN_NIGHT } from '../kit/golden-system.ts';
import { expectDamageEverywhere, outcomeOf, sealedJson } from '../kit/hostile-bytes.ts';

const KEY = 'an object';
const RUN = GOLDEN_RUNS[1];
const bytesOf = (name: string): Buffer => goldenRepository().get(`v1/devices/${GOLDEN_DEVICE}/${name}.json`) as Buffer;
const snapshot: Snapshot = {
  ...decodeSnapshot(bytesOf(`snapshots/${GOLDEN_RUNS[0]}`), KEY),
  live: { data: { [GOLDEN_RUNS[0]]: { 0: 17 } }, meta: {} },
};
const record: RunRecord = {
  ...decodeRunRecord(bytesOf(`runs/${RUN}`), KEY),
  error: { code: 'FAILED', message: 'no' },
  newEndings: [
    { ending: '.locked', files: 1234 },
    { ending: '', files: 0 },
  ],
  problems: [{ path: '/a', reason: 'locked' }],
};
const marks: MarksState = decodeMarks(bytesOf('marks/00000001'), KEY);
const policy: PolicyWord = { version: 1, written: '2026-01-05T08:00:00.000Z', by: 'ada', policy: DEFAULT_POLICY };
const said = { version: 1, written: '2026-01-05T08:00:00.000Z', by: 'ada' } as const;
const hold: HoldWord = { ...said, state: 'held', reason: 'a folder full of encrypted files' };
const pin: PinWord = { ...said, state: 'pinned', reason: 'accounts of 2025' };
const deviceWord: DeviceWord = { ...said, state: 'enrolled' };
const night = goldenRepository().get(`v1/system/nights/${GOLDEN_NIGHT}/${GOLDEN_DEVICE}.json`) as Buffer;
const repository = newRepositoryFile(new Date('2026-01-05T08:00:00.000Z'));

interface Codec {
  readonly bytes: Buffer;
  readonly decode: (bytes: Uint8Array, key: string) => unknown;
  /** What is decoded and encoded again. */
  readonly again: (bytes: Uint8Array) => Buffer;
}
const CODECS: readonly (readonly [string, Codec])[] = [
  [
    'a snapshot',
    {
      bytes: encodeSnapshot(snapshot),
      decode: decodeSnapshot,
      again: (bytes) => encodeSnapshot(decodeSnapshot(bytes, KEY)),
    },
  ],
  [
    'a run record',
    {
      bytes: encodeRunRecord(record),
      decode: decodeRunRecord,
      again: (bytes) => encodeRunRecord(decodeRunRecord(bytes, KEY)),
    },
  ],
  ['marks', { bytes: encodeMarks(marks), decode: decodeMarks, again: (bytes) => encodeMarks(decodeMarks(bytes, KEY)) }],
  [
    'a policy',
    { bytes: encodePolicy(policy), decode: decodePolicy, again: (bytes) => encodePolicy(decodePolicy(bytes, KEY)) },
  ],
  ['a hold', { bytes: encodeHold(hold), decode: decodeHold, again: (bytes) => encodeHold(decodeHold(bytes, KEY)) }],
  ['a pin', { bytes: encodePin(pin), decode: decodePin, again: (bytes) => encodePin(decodePin(bytes, KEY)) }],
  [
    'a device word',
    {
      bytes: encodeDeviceWord(deviceWord),
      decode: decodeDeviceWord,
      again: (bytes) => encodeDeviceWord(decodeDeviceWord(bytes, KEY)),
    },
  ],
  [
    'the result of a night',
    {
      bytes: night,
      decode: decodeNightResult,
      again: (bytes) => encodeNightResult(decodeNightResult(bytes, KEY)),
    },
  ],
  [
    'repository.json',
    {
      bytes: encodeRepositoryFile(repository),
      decode: decodeRepositoryFile,
      again: (bytes) => encodeRepositoryFile(decodeRepositoryFile(bytes, KEY)),
    },
  ],
];

test.each(CODECS)('%s comes back', (_, { bytes, again, decode }) => {
  expect(bodyOf(again(bytes))).toEqual(bodyOf(bytes));
  expect(decode(again(bytes), KEY)).toEqual(decode(bytes, KEY));
});

test.each(CODECS)('no byte of %s can change or be missing unseen', (_, { bytes, decode }) => {
  expectDamageEverywhere(bytes, (changed) => decode(changed, KEY));
});

test.each(CODECS)('%s of another version is unknown', (_, { bytes, decode }) => {
  const body = { ...bodyOf(bytes), version: 2 };
  expect(outcomeOf(() => decode(sealedJson(JSON.stringify(body)), KEY))).toBe('FORMAT_UNKNOWN');
});

test.each(CODECS)('%s ignores members that it does not know', (_, { bytes, decode }) => {
  const sealed = sealedJson(JSON.stringify({ ...bodyOf(bytes), later: { a: 1 } }));
  expect(decode(sealed, KEY)).toEqual(decode(bytes, KEY));
});

test.each(CODECS)('%s with any member replaced by anything is read, unknown or damage', (_, { bytes, decode }) => {
  const body = bodyOf(bytes);
  const paths = fc.constantFrom(...pathsIn(body));
  fc.assert(
    fc.property(paths, fc.option(fc.jsonValue(), { nil: undefined }), (path, value) => {
      const changed = sealedJson(JSON.stringify(replaced(body, path, value)));
      expect(['decoded', 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN']).toContain(outcomeOf(() => decode(changed, KEY)));
    }),
    { numRuns: 1000 },
  );
});

function bodyOf(bytes: Buffer): Record<string, unknown> {
  return JSON.parse(bytes.toString('utf8').split('\n')[0] as string) as Record<string, unknown>;
}

type Path = readonly string[];

function pathsIn(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [above];
  return [above, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...above, name]))];
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by ?? null;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[first] = rest.length === 0 ? by : replaced(copy[first], rest, by);
  return copy;
}

const changedSnapshot = (change: Partial<Record<keyof Snapshot, unknown>>): Buffer =>
  sealedJson(JSON.stringify({ ...bodyOf(encodeSnapshot(snapshot)), ...change }));
const root = (label: string, path = '/a') => ({ path, label, state: 'walked' });

test.each([
  ['neither pages nor page lists', { pages: undefined }],
  ['pages and page lists', { pageLists: [] }],
  ['the name of another run', { name: snapshotName(RUN, 0) }],
  ['no root', { roots: [] }],
  ['a label that leads out', { roots: [root('..')] }],
  ['a label with a separator', { roots: [root('a/b')] }],
  ['an empty label', { roots: [root('')] }],
  ['two roots of one label', { roots: [root('a', '/a/a'), root('a', '/b/a')] }],
  ['a basis without time', { basis: '2026-01-05' }],
  ['a basis without milliseconds', { basis: '2026-01-05T08:00Z' }],
  ['packs that are no ranges', { packs: { data: { [RUN]: '1,2' }, meta: {} } }],
  ['live bytes of no pack', { live: { data: { [RUN]: { '01': 5 } }, meta: {} } }],
  ['live bytes of no run', { live: { data: { latest: { 1: 5 } }, meta: {} } }],
])('a snapshot with %s is damage', (_, change) => {
  expect(outcomeOf(() => decodeSnapshot(changedSnapshot({}), KEY))).toBe('decoded');
  expect(outcomeOf(() => decodeSnapshot(changedSnapshot(change), KEY))).toBe('OBJECT_DAMAGED');
});

test.each([
  ['more than five endings', Array.from({ length: 6 }, (_, i) => ({ ending: `.${i}`, files: 1 }))],
  ['an ending that is too long', [{ ending: `.${'x'.repeat(20)}`, files: 1 }]],
  ['an ending that is no text', [{ ending: '.\udce9', files: 1 }]],
  ['a count below zero', [{ ending: '.a', files: -1 }]],
  ['a count that is no integer any more', [{ ending: '.a', files: 2 ** 53 }]],
])('a run record with %s is damage', (_, newEndings) => {
  const changed = sealedJson(JSON.stringify({ ...bodyOf(encodeRunRecord(record)), newEndings }));
  expect(outcomeOf(() => decodeRunRecord(changed, KEY))).toBe('OBJECT_DAMAGED');
});

test('a run record without endings is one of an older agent', () => {
  const { newEndings: _, ...older } = record;
  expect(decodeRunRecord(encodeRunRecord(older), KEY)).toEqual(older);
});

test('a snapshot of a commit that had to be repeated is its run’s', () => {
  const change = { name: snapshotName(GOLDEN_RUNS[0], 3) };
  expect(decodeSnapshot(changedSnapshot(change), KEY).name).toBe(`${GOLDEN_RUNS[0]}-3`);
});

test('live bytes are told of packs that a snapshot uses in part', () => {
  expect(liveBytesOf(snapshot, 'data', GOLDEN_RUNS[0], 0)).toBe(17);
  expect(liveBytesOf(snapshot, 'meta', GOLDEN_RUNS[0], 0)).toBeUndefined();
});

test.each([
  ['encryption', { ...repository, encryption: 'aes' }],
  ['chunking', { ...repository, chunking: { ...repository.chunking, bytesMin: 1 } }],
  ['gear table', { ...repository, chunking: { ...repository.chunking, gearTable: 'x' } }],
])('a repository of another %s is unknown', (_, file) => {
  expect(outcomeOf(() => decodeRepositoryFile(encodeRepositoryFile(file), KEY))).toBe('FORMAT_UNKNOWN');
});

const saidByAnyone = {
  version: fc.constant(1 as const),
  written: fc
    .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    .map((time) => time.toISOString()),
  by: fc.string({ maxLength: BY_LENGTH_MAX, unit: 'binary' }).filter((text) => text.length <= BY_LENGTH_MAX),
};
const reasons = fc
  .string({ maxLength: REASON_LENGTH_MAX, unit: 'binary' })
  .filter((text) => text.length <= REASON_LENGTH_MAX);

test('any word comes back, whatever its text', () => {
  const holds = fc.record({ ...saidByAnyone, state: fc.constantFrom('held', 'released'), reason: reasons });
  const pins = fc.record(
    { ...saidByAnyone, state: fc.constantFrom('pinned', 'unpinned'), reason: reasons },
    { requiredKeys: ['version', 'written', 'by', 'state'] },
  );
  const devices = fc.record({ ...saidByAnyone, state: fc.constantFrom('enrolled', 'retired') });
  fc.assert(
    fc.property(holds, pins, devices, (anyHold, anyPin, anyDevice) => {
      expect(decodeHold(encodeHold(anyHold), KEY)).toEqual(anyHold);
      expect(decodePin(encodePin(anyPin), KEY)).toEqual(anyPin);
      expect(decodeDeviceWord(encodeDeviceWord(anyDevice), KEY)).toEqual(anyDevice);
    }),
  );
});

test.each([
  ['a hold without a reason', decodeHold, hold, { reason: undefined }],
  ['a hold of another state', decodeHold, hold, { state: 'pinned' }],
  ['a hold with too long a reason', decodeHold, hold, { reason: 'x'.repeat(REASON_LENGTH_MAX + 1) }],
  ['a hold by too long a name', decodeHold, hold, { by: 'x'.repeat(BY_LENGTH_MAX + 1) }],
  ['a pin of another state', decodePin, pin, { state: 'held' }],
  ['a pin with too long a reason', decodePin, pin, { reason: 'x'.repeat(REASON_LENGTH_MAX + 1) }],
  ['a pin whose reason is null', decodePin, pin, { reason: null }],
  ['a device word of another state', decodeDeviceWord, deviceWord, { state: 'released' }],
  ['a device word without its time', decodeDeviceWord, deviceWord, { written: undefined }],
])('%s is damage', (_, decode, word, change) => {
  expect(outcomeOf(() => decode(sealedJson(JSON.stringify(word)), KEY))).toBe('decoded');
  expect(outcomeOf(() => decode(sealedJson(JSON.stringify({ ...word, ...change })), KEY))).toBe('OBJECT_DAMAGED');
});

test.each([
  ['by', BY_LENGTH_MAX],
  ['reason', REASON_LENGTH_MAX],
])('the longest `%s` of a hold is read', (member, lengthMax) => {
  const word = { ...hold, [member]: 'x'.repeat(lengthMax) };
  expect(decodeHold(encodeHold(word), KEY)).toEqual(word);
});

test('a pack is one text', () => {
  const packs = fc.record({
    kind: fc.constantFrom('data' as const, 'meta' as const),
    run: fc.constantFrom(...GOLDEN_RUNS),
    number: fc.nat({ max: 99_999 }),
  });
  fc.assert(
    fc.property(packs, (pack) => {
      expect(parsePackText(packText(pack))).toEqual(pack);
    }),
  );
});

test.each([
  `data/${RUN}/7`,
  `data/${RUN}/000007`,
  `data/${RUN}/00007/`,
  `index/${RUN}/00007`,
  'data/latest/00007',
  `data/${RUN}`,
])('%s is no pack', (text) => {
  expect(parsePackText(text)).toBeUndefined();
});

test('a run id is a run id', () => {
  expect(() => parseRunId(`${RUN}-1`)).toThrow('not a run id');
});
