/** What the store lists of this device and of the fleet, by kind. */
import {
  decodeDeviceWord,
  decodeHold,
  decodeNightResult,
  decodePin,
  devicePrefix,
  isBackupError,
  parseKey,
  repositoryKey,
  snapshotKey,
  systemPrefix,
} from '@backup-agent/core';
import type { ListedPack, ListedSnapshot, ObjectInfo, ParsedKey, RunId } from '@backup-agent/core';
import type { VerifyRun } from './verify-run.ts';

export interface ListedRecord {
  readonly object: ObjectInfo;
  readonly run: RunId;
}

export interface Inventory {
  /** Store time of the listing. */
  readonly now: Date;
  readonly repositoryFile: ObjectInfo | undefined;
  readonly packs: readonly ListedPack[];
  readonly index: readonly ObjectInfo[];
  /** Newest first. */
  readonly snapshots: readonly ListedSnapshot[];
  readonly runRecords: readonly ListedRecord[];
  readonly marks: readonly { readonly object: ObjectInfo; readonly sequence: number }[];
  /** Undefined: this device may not look at what belongs to the fleet. */
  readonly policies: readonly ObjectInfo[] | undefined;
  /** What an administrator has said of this device, and what nights have found: each with how it is read. */
  readonly words: readonly { readonly object: ObjectInfo; decode(bytes: Uint8Array, key: string): unknown }[];
}

/**
 * Lists, and makes notes of what is unknown or left over. What a device lists last are its snapshots, so everything
 * that a listed run record tells of is either in the listing or gone.
 */
export async function takeInventory(run: VerifyRun): Promise<Inventory> {
  const { store, device } = run.repository;
  const [file] = (await store.list(repositoryKey())).objects.filter(({ key }) => key === repositoryKey());
  const fleet = await listFleet(run);
  const listing = await store.list(devicePrefix(device));
  const objects = [...(fleet ?? []), ...listing.objects];
  run.counts.objects = objects.length + (file === undefined ? 0 : 1);
  const known = objects.flatMap((object) => {
    const parsed = parseKey(object.key);
    return parsed === undefined ? [] : [{ object, parsed }];
  });
  noteUnknown(
    run,
    objects.filter(({ key }) => parseKey(key) === undefined).map(({ key }) => key),
  );
  const of = <Type extends ParsedKey['type']>(type: Type) =>
    known.flatMap(({ object, parsed }) =>
      parsed.type === type ? [{ object, parsed: parsed as Extract<ParsedKey, { type: Type }> }] : [],
    );
  for (const { object } of of('probe')) run.findings.note(object.key, 'left by "init", which tried the server with it');
  const snapshots = of('snapshot').map(({ object, parsed }) => ({
    key: snapshotKey(device, parsed.name),
    name: parsed.name,
    landed: object.modified,
    object,
  }));
  return {
    now: listing.began,
    repositoryFile: file,
    packs: of('pack').map(({ object, parsed }) => ({ ...parsed.pack, object })),
    index: [...of('index'), ...of('compacted-index')].map(({ object }) => object),
    snapshots: snapshots.sort((a, b) => +b.landed - +a.landed || (a.name < b.name ? 1 : -1)),
    runRecords: of('run-record').map(({ object, parsed }) => ({ object, run: parsed.run })),
    marks: of('marks').map(({ object, parsed }) => ({ object, sequence: parsed.sequence })),
    policies: fleet === undefined ? undefined : of('policy').map(({ object }) => object),
    words: [
      ...of('hold').map((word) => ({ ...word, decode: decodeHold })),
      ...of('pin').map((word) => ({ ...word, decode: decodePin })),
      ...of('device-word').map((word) => ({ ...word, decode: decodeDeviceWord })),
      ...of('night-result').map((word) => ({ ...word, decode: decodeNightResult })),
    ].filter(({ parsed }) => parsed.device === device),
  };
}

/** A device's role on S3 need not be allowed to look there. */
async function listFleet(run: VerifyRun): Promise<readonly ObjectInfo[] | undefined> {
  try {
    return (await run.repository.store.list(systemPrefix())).objects;
  } catch (error) {
    if (!isBackupError(error, 'ACCESS_DENIED')) throw error;
    run.findings.note(systemPrefix(), 'not checked: access denied');
    return undefined;
  }
}

/** One note a folder: other versions may keep any number of objects. */
function noteUnknown(run: VerifyRun, keys: readonly string[]): void {
  const folders = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf('/') + 1));
  for (const [folder, [first = folder, ...others]] of folders) {
    const more = others.length === 0 ? '' : `, as are ${others.length} more in ${folder}`;
    run.findings.note(first, `unknown to this version: left alone${more}`);
  }
}
