/**
 * The key layout, version 1: builders and parsers side by side. Nobody else concatenates keys.
 * docs/repository-format.md describes what lies under each key.
 */
import { isDeviceId, isRunId, isSnapshotName } from './ids.ts';
import type { DeviceId, ObjectKey, RunId, SnapshotName } from './ids.ts';

/** Packs of document chunks are `data`, packs of catalog pages and chunk lists are `meta`. */
export type PackKind = 'data' | 'meta';

/** The summary of a night, for programs and for people. */
export type ReportForm = 'json' | 'html';

/** Where a pack lies within its device's part of the repository. */
export interface PackPlace {
  readonly kind: PackKind;
  readonly run: RunId;
  readonly number: number;
}

/** The largest number a pack may have; ranges end here too. */
export const PACK_NUMBER_MAX = 99_999;

const key = (text: string): ObjectKey => text as ObjectKey;
const device = (id: DeviceId): string => `v1/devices/${id}`;

export const repositoryKey = (): ObjectKey => key('v1/repository.json');
export const packKey = (id: DeviceId, pack: PackPlace): ObjectKey =>
  key(`${device(id)}/${pack.kind}/${pack.run}/${String(pack.number).padStart(5, '0')}`);
export const indexKey = (id: DeviceId, run: RunId, checkpoint?: number): ObjectKey =>
  key(`${device(id)}/index/${run}${checkpoint === undefined ? '' : `-${checkpoint}`}`);
export const compactedIndexKey = (id: DeviceId, night: RunId): ObjectKey => key(`${device(id)}/index/${night}-c`);
export const snapshotKey = (id: DeviceId, name: SnapshotName): ObjectKey => key(`${device(id)}/snapshots/${name}.json`);
export const runRecordKey = (id: DeviceId, run: RunId): ObjectKey => key(`${device(id)}/runs/${run}.json`);
export const marksKey = (id: DeviceId, sequence: number): ObjectKey =>
  key(`${device(id)}/marks/${String(sequence).padStart(8, '0')}.json`);
export const policyKey = (word: RunId): ObjectKey => key(`v1/system/policy/${word}.json`);
export const holdKey = (id: DeviceId, word: RunId): ObjectKey => key(`${holdsPrefix(id)}${word}.json`);
export const pinKey = (id: DeviceId, name: SnapshotName, word: RunId): ObjectKey =>
  key(`${snapshotPinsPrefix(id, name)}${word}.json`);
export const deviceWordKey = (id: DeviceId, word: RunId): ObjectKey => key(`${deviceWordPrefix(id)}${word}.json`);
export const nightResultKey = (night: RunId, id: DeviceId): ObjectKey => key(`${nightPrefix(night)}${id}.json`);
export const reportKey = (night: RunId, form: ReportForm): ObjectKey =>
  key(`${reportsPrefix()}${night}/report.${form}`);
export const probeKey = (word: RunId): ObjectKey => key(`v1/system/probe/${word}`);

export const devicesPrefix = (): string => 'v1/devices/';
export const devicePrefix = (id: DeviceId): string => `${device(id)}/`;
export const packsPrefix = (id: DeviceId, kind: PackKind): string => `${device(id)}/${kind}/`;
export const packsOfRunPrefix = (id: DeviceId, kind: PackKind, run: RunId): string => `${packsPrefix(id, kind)}${run}/`;
export const indexPrefix = (id: DeviceId): string => `${device(id)}/index/`;
export const snapshotsPrefix = (id: DeviceId): string => `${device(id)}/snapshots/`;
export const runRecordsPrefix = (id: DeviceId): string => `${device(id)}/runs/`;
export const marksPrefix = (id: DeviceId): string => `${device(id)}/marks/`;
export const policyPrefix = (): string => 'v1/system/policy/';
export const allHoldsPrefix = (): string => 'v1/system/holds/';
export const holdsPrefix = (id: DeviceId): string => `${allHoldsPrefix()}${id}/`;
export const pinsPrefix = (id: DeviceId): string => `v1/system/pins/${id}/`;
export const snapshotPinsPrefix = (id: DeviceId, name: SnapshotName): string => `${pinsPrefix(id)}${name}/`;
export const deviceWordsPrefix = (): string => 'v1/system/devices/';
export const deviceWordPrefix = (id: DeviceId): string => `${deviceWordsPrefix()}${id}/`;
export const nightsPrefix = (): string => 'v1/system/nights/';
export const nightPrefix = (night: RunId): string => `${nightsPrefix()}${night}/`;
export const reportsPrefix = (): string => 'v1/system/reports/';
/** What belongs to the whole fleet, besides repository.json. */
export const systemPrefix = (): string => 'v1/system/';

/** What a key names. */
export type ParsedKey =
  | { readonly type: 'repository' }
  | { readonly type: 'pack'; readonly device: DeviceId; readonly pack: PackPlace }
  | { readonly type: 'index'; readonly device: DeviceId; readonly run: RunId; readonly checkpoint: number | undefined }
  | { readonly type: 'compacted-index'; readonly device: DeviceId; readonly night: RunId }
  | { readonly type: 'snapshot'; readonly device: DeviceId; readonly name: SnapshotName }
  | { readonly type: 'run-record'; readonly device: DeviceId; readonly run: RunId }
  | { readonly type: 'marks'; readonly device: DeviceId; readonly sequence: number }
  | { readonly type: 'policy'; readonly word: RunId }
  | { readonly type: 'hold'; readonly device: DeviceId; readonly word: RunId }
  | { readonly type: 'pin'; readonly device: DeviceId; readonly snapshot: SnapshotName; readonly word: RunId }
  | { readonly type: 'device-word'; readonly device: DeviceId; readonly word: RunId }
  | { readonly type: 'night-result'; readonly night: RunId; readonly device: DeviceId }
  | { readonly type: 'report'; readonly night: RunId; readonly form: ReportForm }
  | { readonly type: 'probe'; readonly word: RunId };

const DEVICE_KEY = /^v1\/devices\/([^/]+)\/([a-z]+)\/(.+)$/;
const INDEX_NAME = /^(\d{8}T\d{6}Z-[0-9a-f]{8})(?:-(c|[1-9]\d{0,5}))?$/;
const PACK_NAME = /^([^/]+)\/(\d{5})$/;
const SYSTEM_KEY = /^v1\/system\/([a-z]+)\/(.+)$/;

/** What this key names, or undefined for a key that this version does not know: leave such objects alone. */
export function parseKey(text: string): ParsedKey | undefined {
  if (text === repositoryKey()) return { type: 'repository' };
  const [, id, folder, name] = DEVICE_KEY.exec(text) ?? [];
  if (id === undefined || folder === undefined || name === undefined) return parseSystemKey(text);
  if (!isDeviceId(id)) return undefined;
  switch (folder) {
    case 'data':
    case 'meta':
      return parsePackName(id, folder, name);
    case 'index':
      return parseIndexName(id, name);
    case 'snapshots': {
      const stem = withoutJson(name);
      return stem !== undefined && isSnapshotName(stem) ? { type: 'snapshot', device: id, name: stem } : undefined;
    }
    case 'runs': {
      const stem = withoutJson(name);
      return stem !== undefined && isRunId(stem) ? { type: 'run-record', device: id, run: stem } : undefined;
    }
    case 'marks': {
      const stem = withoutJson(name);
      if (stem === undefined || !/^\d{8}$/.test(stem) || Number(stem) === 0) return undefined;
      return { type: 'marks', device: id, sequence: Number(stem) };
    }
    default:
      return undefined;
  }
}

function parseSystemKey(text: string): ParsedKey | undefined {
  const [, folder, name] = SYSTEM_KEY.exec(text) ?? [];
  if (folder === undefined || name === undefined) return undefined;
  if (folder === 'probe') return isRunId(name) ? { type: 'probe', word: name } : undefined;
  if (folder === 'reports') return parseReportName(name);
  const parts = withoutJson(name)?.split('/') ?? [];
  const last = parts.at(-1) ?? '';
  const [first = '', second = ''] = parts;
  if (folder === 'nights')
    return parts.length === 2 && isRunId(first) && isDeviceId(last)
      ? { type: 'night-result', night: first, device: last }
      : undefined;
  if (!isRunId(last)) return undefined;
  if (folder === 'policy') return parts.length === 1 ? { type: 'policy', word: last } : undefined;
  if (!isDeviceId(first)) return undefined;
  if (folder === 'pins')
    return parts.length === 3 && isSnapshotName(second)
      ? { type: 'pin', device: first, snapshot: second, word: last }
      : undefined;
  if (parts.length !== 2) return undefined;
  if (folder === 'holds') return { type: 'hold', device: first, word: last };
  return folder === 'devices' ? { type: 'device-word', device: first, word: last } : undefined;
}

function parseReportName(name: string): ParsedKey | undefined {
  const [, night, form] = /^([^/]+)\/report\.(json|html)$/.exec(name) ?? [];
  if (night === undefined || !isRunId(night)) return undefined;
  return { type: 'report', night, form: form as ReportForm };
}

function parsePackName(id: DeviceId, kind: PackKind, name: string): ParsedKey | undefined {
  const [, run, number] = PACK_NAME.exec(name) ?? [];
  if (run === undefined || !isRunId(run)) return undefined;
  return { type: 'pack', device: id, pack: { kind, run, number: Number(number) } };
}

function parseIndexName(id: DeviceId, name: string): ParsedKey | undefined {
  const [, run, suffix] = INDEX_NAME.exec(name) ?? [];
  if (run === undefined || !isRunId(run)) return undefined;
  if (suffix === 'c') return { type: 'compacted-index', device: id, night: run };
  return { type: 'index', device: id, run, checkpoint: suffix === undefined ? undefined : Number(suffix) };
}

const withoutJson = (name: string): string | undefined => (name.endsWith('.json') ? name.slice(0, -5) : undefined);

/** The device whose part of the repository a key lies in. */
export function deviceOfKey(text: string): DeviceId | undefined {
  const id = DEVICE_KEY.exec(text)?.[1];
  return id !== undefined && isDeviceId(id) ? id : undefined;
}
