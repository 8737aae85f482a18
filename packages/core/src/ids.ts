/**
 * Branded ids: a raw string never travels. The parsers here are the only casts.
 */
import { BackupError } from './errors.ts';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** One machine's part of a repository. */
export type DeviceId = Branded<string, 'DeviceId'>;
/** `<yyyymmdd>T<hhmmss>Z-<8 hex>`: a name only, never compared with a time. */
export type RunId = Branded<string, 'RunId'>;
/** SHA-256 of a chunk's bytes, 64 lower-case hex digits. */
export type ChunkId = Branded<string, 'ChunkId'>;
/** `<runId>` or `<runId>-<n>`. */
export type SnapshotName = Branded<string, 'SnapshotName'>;
/** A key relative to the root of the repository; only keys.ts makes them. */
export type ObjectKey = Branded<string, 'ObjectKey'>;

const DEVICE_ID = /^[a-z0-9][a-z0-9-]{1,62}$/;
const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;
const SNAPSHOT_NAME = /^(\d{8}T\d{6}Z-[0-9a-f]{8})(?:-([1-9]\d{0,5}))?$/;
const CHUNK_ID = /^[0-9a-f]{64}$/;

export const isDeviceId = (text: string): text is DeviceId => DEVICE_ID.test(text);
export const isRunId = (text: string): text is RunId => RUN_ID.test(text);
export const isChunkId = (text: string): text is ChunkId => CHUNK_ID.test(text);
export const isSnapshotName = (text: string): text is SnapshotName => SNAPSHOT_NAME.test(text);

export function parseDeviceId(text: string): DeviceId {
  if (isDeviceId(text)) return text;
  throw new BackupError('CONFIG_INVALID', `"${text}" is not a device id`, {
    hint: 'use 2 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit',
  });
}

export function parseRunId(text: string): RunId {
  if (isRunId(text)) return text;
  throw new TypeError(`not a run id: ${text}`);
}

export function parseChunkId(text: string): ChunkId {
  if (isChunkId(text)) return text;
  throw new TypeError(`not a chunk id: ${text}`);
}

export function parseSnapshotName(text: string): SnapshotName {
  if (isSnapshotName(text)) return text;
  throw new TypeError(`not a snapshot name: ${text}`);
}

/** A new run id from a time and 4 random bytes. */
export function makeRunId(time: Date, random: Uint8Array): RunId {
  const stamp = time.toISOString().replace(/[-:]|\.\d+/g, '');
  return parseRunId(`${stamp}-${Buffer.from(random.subarray(0, 4)).toString('hex')}`);
}

/** The name of a run's snapshot; `attempt` counts the commits that had to be repeated. */
export function snapshotName(run: RunId, attempt: number): SnapshotName {
  return (attempt === 0 ? run : `${run}-${attempt}`) as SnapshotName;
}

/** The run that made a snapshot, from its name. */
export function runOfSnapshot(name: SnapshotName): RunId {
  return SNAPSHOT_NAME.exec(name)?.[1] as string as RunId;
}

export const chunkIdOfBytes = (bytes: Uint8Array): ChunkId =>
  Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString('hex') as ChunkId;
export const bytesOfChunkId = (id: ChunkId): Uint8Array => Buffer.from(id, 'hex');
