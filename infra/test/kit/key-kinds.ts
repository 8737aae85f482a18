/** A key of each kind that the layout knows, of device dev-1; and in which folder a key lies. */
import {
  compactedIndexKey,
  deviceWordKey,
  holdKey,
  indexKey,
  marksKey,
  nightResultKey,
  packKey,
  parseDeviceId,
  parseRunId,
  pinKey,
  policyKey,
  probeKey,
  reportKey,
  repositoryKey,
  runRecordKey,
  snapshotKey,
  snapshotName,
} from '@backup-agent/core';
import type { ObjectKey, ParsedKey } from '@backup-agent/core';

const device = parseDeviceId('dev-1');
const id = parseRunId('20260105T080000Z-0a1b2c3d');
const name = snapshotName(id, 0);

const SAMPLES: Readonly<Record<ParsedKey['type'], readonly ObjectKey[]>> = {
  repository: [repositoryKey()],
  pack: (['data', 'meta'] as const).map((kind) => packKey(device, { kind, run: id, number: 0 })),
  index: [indexKey(device, id)],
  'compacted-index': [compactedIndexKey(device, id)],
  snapshot: [snapshotKey(device, name)],
  'run-record': [runRecordKey(device, id)],
  marks: [marksKey(device, 1)],
  policy: [policyKey(id)],
  hold: [holdKey(device, id)],
  pin: [pinKey(device, name, id)],
  'device-word': [deviceWordKey(device, id)],
  'night-result': [nightResultKey(id, device)],
  report: [reportKey(id, 'html')],
  probe: [probeKey(id)],
};

export const SAMPLE_KEYS: readonly ObjectKey[] = Object.values(SAMPLES).flat();

const FOLDER = /^v1\/(?:devices\/[^/]+\/[^/]+|system\/[^/]+|repository\.json)/;

/** `v1/devices/dev-1/data`, `v1/system/holds`, `v1/repository.json`: what policies can tell apart. */
export const folderOf = (key: string): string => FOLDER.exec(key)?.[0] ?? key;

/** What can be listed: each folder, and those above them. */
export const PREFIXES: readonly string[] = [
  ...new Set([
    '',
    'v1/',
    'v1/devices/',
    'v1/devices/dev-1/',
    'v1/system/',
    ...SAMPLE_KEYS.map((key) => `${folderOf(key)}/`),
  ]),
];
