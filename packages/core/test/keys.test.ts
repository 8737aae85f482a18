import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  PACK_NUMBER_MAX,
  compactedIndexKey,
  deviceOfKey,
  devicePrefix,
  deviceWordKey,
  deviceWordsPrefix,
  holdKey,
  holdsPrefix,
  indexKey,
  indexPrefix,
  marksKey,
  marksPrefix,
  nightPrefix,
  nightResultKey,
  packKey,
  packsPrefix,
  parseDeviceId,
  parseKey,
  parseRunId,
  pinKey,
  pinsPrefix,
  policyKey,
  policyPrefix,
  probeKey,
  reportKey,
  reportsPrefix,
  repositoryKey,
  runRecordKey,
  runRecordsPrefix,
  snapshotKey,
  snapshotName,
  snapshotsPrefix,
} from '../src/index.ts';
import type { ObjectKey, ParsedKey } from '../src/index.ts';

const DEVICE = parseDeviceId('desk-1');
const RUN = parseRunId('20260105T080000Z-0a1b2c3d');

const KEYS: readonly (readonly [string, ObjectKey, ParsedKey, string])[] = [
  ['v1/repository.json', repositoryKey(), { type: 'repository' }, 'v1/'],
  [
    `v1/devices/desk-1/data/${RUN}/00000`,
    packKey(DEVICE, { kind: 'data', run: RUN, number: 0 }),
    { type: 'pack', device: DEVICE, pack: { kind: 'data', run: RUN, number: 0 } },
    packsPrefix(DEVICE, 'data'),
  ],
  [
    `v1/devices/desk-1/meta/${RUN}/99999`,
    packKey(DEVICE, { kind: 'meta', run: RUN, number: PACK_NUMBER_MAX }),
    { type: 'pack', device: DEVICE, pack: { kind: 'meta', run: RUN, number: 99_999 } },
    packsPrefix(DEVICE, 'meta'),
  ],
  [
    `v1/devices/desk-1/index/${RUN}`,
    indexKey(DEVICE, RUN),
    { type: 'index', device: DEVICE, run: RUN, checkpoint: undefined },
    indexPrefix(DEVICE),
  ],
  [
    `v1/devices/desk-1/index/${RUN}-12`,
    indexKey(DEVICE, RUN, 12),
    { type: 'index', device: DEVICE, run: RUN, checkpoint: 12 },
    indexPrefix(DEVICE),
  ],
  [
    `v1/devices/desk-1/index/${RUN}-c`,
    compactedIndexKey(DEVICE, RUN),
    { type: 'compacted-index', device: DEVICE, night: RUN },
    indexPrefix(DEVICE),
  ],
  [
    `v1/devices/desk-1/snapshots/${RUN}.json`,
    snapshotKey(DEVICE, snapshotName(RUN, 0)),
    { type: 'snapshot', device: DEVICE, name: snapshotName(RUN, 0) },
    snapshotsPrefix(DEVICE),
  ],
  [
    `v1/devices/desk-1/snapshots/${RUN}-2.json`,
    snapshotKey(DEVICE, snapshotName(RUN, 2)),
    { type: 'snapshot', device: DEVICE, name: snapshotName(RUN, 2) },
    snapshotsPrefix(DEVICE),
  ],
  [
    `v1/devices/desk-1/runs/${RUN}.json`,
    runRecordKey(DEVICE, RUN),
    { type: 'run-record', device: DEVICE, run: RUN },
    runRecordsPrefix(DEVICE),
  ],
  [
    'v1/devices/desk-1/marks/00000001.json',
    marksKey(DEVICE, 1),
    { type: 'marks', device: DEVICE, sequence: 1 },
    marksPrefix(DEVICE),
  ],
  [`v1/system/policy/${RUN}.json`, policyKey(RUN), { type: 'policy', word: RUN }, policyPrefix()],
  [
    `v1/system/holds/desk-1/${RUN}.json`,
    holdKey(DEVICE, RUN),
    { type: 'hold', device: DEVICE, word: RUN },
    holdsPrefix(DEVICE),
  ],
  [
    `v1/system/pins/desk-1/${RUN}/${RUN}.json`,
    pinKey(DEVICE, snapshotName(RUN, 0), RUN),
    { type: 'pin', device: DEVICE, snapshot: snapshotName(RUN, 0), word: RUN },
    pinsPrefix(DEVICE),
  ],
  [
    `v1/system/pins/desk-1/${RUN}-3/${RUN}.json`,
    pinKey(DEVICE, snapshotName(RUN, 3), RUN),
    { type: 'pin', device: DEVICE, snapshot: snapshotName(RUN, 3), word: RUN },
    pinsPrefix(DEVICE),
  ],
  [
    `v1/system/devices/desk-1/${RUN}.json`,
    deviceWordKey(DEVICE, RUN),
    { type: 'device-word', device: DEVICE, word: RUN },
    deviceWordsPrefix(),
  ],
  [
    `v1/system/nights/${RUN}/desk-1.json`,
    nightResultKey(RUN, DEVICE),
    { type: 'night-result', night: RUN, device: DEVICE },
    nightPrefix(RUN),
  ],
  [
    `v1/system/reports/${RUN}/report.json`,
    reportKey(RUN, 'json'),
    { type: 'report', night: RUN, form: 'json' },
    reportsPrefix(),
  ],
  [
    `v1/system/reports/${RUN}/report.html`,
    reportKey(RUN, 'html'),
    { type: 'report', night: RUN, form: 'html' },
    reportsPrefix(),
  ],
  [`v1/system/probe/${RUN}`, probeKey(RUN), { type: 'probe', word: RUN }, 'v1/system/'],
];

test.each(KEYS)('%s is built and understood', (text, key, parsed, prefix) => {
  expect(key).toBe(text);
  expect(parseKey(text)).toEqual(parsed);
  expect(text.startsWith(prefix)).toBe(true);
  expect(deviceOfKey(text)).toBe(text.startsWith(devicePrefix(DEVICE)) ? DEVICE : undefined);
});

test.each([
  '',
  'repository.json',
  '/v1/repository.json',
  'v2/repository.json',
  'v1/repository.json/',
  'v1/devices/desk-1',
  'v1/devices/desk-1/',
  'v1/devices/desk-1/data/',
  'v1/devices/Desk-1/runs/20260105T080000Z-0a1b2c3d.json',
  'v1/devices/../runs/20260105T080000Z-0a1b2c3d.json',
  `v1/devices/desk-1/data/${RUN}`,
  `v1/devices/desk-1/data/${RUN}/0`,
  `v1/devices/desk-1/data/${RUN}/100000`,
  `v1/devices/desk-1/data/${RUN}/00000/`,
  `v1/devices/desk-1/data/${RUN}/00000\n`,
  `v1/devices/desk-1/data/${RUN}/0000a`,
  `v1/devices/desk-1/other/${RUN}/00000`,
  `v1/devices/desk-1/index/${RUN}-0`,
  `v1/devices/desk-1/index/${RUN}-01`,
  `v1/devices/desk-1/index/${RUN}-d`,
  `v1/devices/desk-1/index/${RUN}.json`,
  `v1/devices/desk-1/snapshots/${RUN}`,
  `v1/devices/desk-1/snapshots/${RUN}-0.json`,
  `v1/devices/desk-1/snapshots/${RUN}.json.json`,
  `v1/devices/desk-1/runs/${RUN}-1.json`,
  'v1/devices/desk-1/marks/1.json',
  'v1/devices/desk-1/marks/00000000.json',
  'v1/devices/desk-1/marks/000000001.json',
  `v1/system/policy/${RUN}`,
  `v1/system/probe/${RUN}.json`,
  `v1/system/policy/a/${RUN}.json`,
  `v1/system/holds/desk-1/${RUN}`,
  `v1/system/holds/${RUN}.json`,
  `v1/system/holds/Desk-1/${RUN}.json`,
  `v1/system/holds/desk-1/a/${RUN}.json`,
  `v1/system/pins/desk-1/${RUN}.json`,
  `v1/system/pins/desk-1/latest/${RUN}.json`,
  `v1/system/pins/desk-1/${RUN}-0/${RUN}.json`,
  `v1/system/pins/desk-1/${RUN}/${RUN}/${RUN}.json`,
  `v1/system/devices/${RUN}.json`,
  `v1/system/devices/../${RUN}.json`,
  'v1/system/devices/desk-1/desk-1.json',
  `v1/system/nights/${RUN}/desk-1`,
  `v1/system/nights/desk-1/${RUN}.json`,
  `v1/system/nights/${RUN}/a/desk-1.json`,
  `v1/system/nights/${RUN}.json`,
  `v1/system/reports/${RUN}/report.txt`,
  `v1/system/reports/desk-1/report.json`,
  `v1/system/reports/${RUN}/a/report.json`,
  `v1/system/other/desk-1/${RUN}.json`,
  'tmp/desk-1.lock',
])('%j is not a key that this version knows', (text) => {
  expect(parseKey(text)).toBeUndefined();
});

test('any text is a key that it builds again, or none', () => {
  const pieces = fc.constantFrom(
    'v1',
    'devices',
    'desk-1',
    'data',
    'index',
    'marks',
    'runs',
    'system',
    'holds',
    'pins',
    'nights',
    'reports',
    RUN,
    '00001',
    `${RUN}-1`,
    '',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 7 }).map((names) => names.join('/')),
    fc.array(pieces, { maxLength: 7 }).map((names) => `${names.join('/')}.json`),
    fc
      .tuple(fc.constantFrom(...KEYS.map(([text]) => text)), fc.nat(), fc.string({ maxLength: 2 }))
      .map(([text, at, by]) => {
        const place = at % text.length;
        return text.slice(0, place) + by + text.slice(place + 1);
      }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseKey(text);
      if (parsed !== undefined) expect(rebuilt(parsed)).toBe(text);
    }),
    { numRuns: 3000 },
  );
});

function rebuilt(parsed: ParsedKey): string {
  switch (parsed.type) {
    case 'repository':
      return repositoryKey();
    case 'pack':
      return packKey(parsed.device, parsed.pack);
    case 'index':
      return indexKey(parsed.device, parsed.run, parsed.checkpoint);
    case 'compacted-index':
      return compactedIndexKey(parsed.device, parsed.night);
    case 'snapshot':
      return snapshotKey(parsed.device, parsed.name);
    case 'run-record':
      return runRecordKey(parsed.device, parsed.run);
    case 'marks':
      return marksKey(parsed.device, parsed.sequence);
    case 'policy':
      return policyKey(parsed.word);
    case 'hold':
      return holdKey(parsed.device, parsed.word);
    case 'pin':
      return pinKey(parsed.device, parsed.snapshot, parsed.word);
    case 'device-word':
      return deviceWordKey(parsed.device, parsed.word);
    case 'night-result':
      return nightResultKey(parsed.night, parsed.device);
    case 'report':
      return reportKey(parsed.night, parsed.form);
    case 'probe':
      return probeKey(parsed.word);
  }
}
