/** Classes whose objects cannot be read before a copy has been asked for and made. */
import type { ArchiveClass } from '../../../src/store/tiering.ts';
import { isArchiveClass } from '../../../src/store/tiering.ts';
import type { OperationInput } from './settings.ts';
import { S3Refusal } from './reply.ts';
import type { Reply } from './reply.ts';
import { currentVersion } from './state.ts';
import type { Bucket, LiveVersion, Traits } from './state.ts';

const RESTORE = 'x-amz-restore';
const ONGOING = 'ongoing-request="true"';
const DAY_MS = 24 * 60 * 60_000;
const classOf = ({ traits }: LiveVersion): string | undefined => traits['x-amz-storage-class'];

export function refuseArchived(version: LiveVersion): void {
  const state = version.traits[RESTORE];
  if (isArchiveClass(classOf(version)) && (state === undefined || state === ONGOING))
    throw new S3Refusal(403, 'InvalidObjectState', { StorageClass: classOf(version) ?? '' });
}

/** 202: asked for; 200: the copy is there, and stays longer. */
export function restoreObject({ call, raw, state, now }: OperationInput): Reply {
  const bucket = state.bucket(call.bucket);
  const version = currentVersion(bucket, call.key);
  if (version === undefined) throw new S3Refusal(404, 'NoSuchKey', { Key: call.key });
  if (!isArchiveClass(classOf(version)))
    throw new S3Refusal(403, 'InvalidObjectState', { StorageClass: classOf(version) ?? 'STANDARD' });
  const [, days] = /<Days>(\d+)<\/Days>/.exec(raw.toString()) ?? [];
  const [, tier] = /<Tier>(\w+)<\/Tier>/.exec(raw.toString()) ?? [];
  if (days === undefined || tier === undefined) throw new S3Refusal(400, 'MalformedXML');
  if (tier === 'Expedited' && classOf(version) === 'DEEP_ARCHIVE') throw new S3Refusal(400, 'InvalidArgument');
  const before = version.traits[RESTORE];
  if (before === ONGOING) throw new S3Refusal(409, 'RestoreAlreadyInProgress');
  if (before !== undefined) {
    setTraits(bucket, call.key, { [RESTORE]: copyUntil(now, Number(days)) });
    return { status: 200 };
  }
  setTraits(bucket, call.key, { [RESTORE]: ONGOING, [ASKED_DAYS]: days });
  return { status: 202 };
}

const ASKED_DAYS = 'x-test-days';
const copyUntil = (now: Date, days: number): string =>
  `ongoing-request="false", expiry-date="${new Date(now.getTime() + days * DAY_MS).toUTCString()}"`;

export const archiveObject = (bucket: Bucket, key: string, storageClass: ArchiveClass): void =>
  setTraits(bucket, key, { 'x-amz-storage-class': storageClass });

export function finishThawing(bucket: Bucket, now: Date): void {
  for (const key of bucket.versions.keys()) {
    const version = currentVersion(bucket, key);
    if (version?.traits[RESTORE] !== ONGOING) continue;
    setTraits(bucket, key, { [RESTORE]: copyUntil(now, Number(version.traits[ASKED_DAYS])) });
  }
}

function setTraits(bucket: Bucket, key: string, traits: Traits): void {
  const versions = bucket.versions.get(key) ?? [];
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`there is no ${key}`);
  bucket.versions.set(key, [...versions.slice(0, -1), { ...newest, traits: { ...newest.traits, ...traits } }]);
}
