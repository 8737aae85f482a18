/** What earlier runs of a device left written: how they ended, on which machine, and what they saw change. */
import { BackupError, isBackupError } from '../errors.ts';
import type { ObjectKey, RunId } from '../ids.ts';
import { parseKey, runRecordKey, runRecordsPrefix } from '../keys.ts';
import { JSON_BYTES_MAX, MiB } from '../limits.ts';
import { decodeRunRecord } from '../format/run-record.ts';
import type { RunRecord } from '../format/run-record.ts';
import { mapConcurrent } from './map-concurrent.ts';
import type { Repository } from './repository.ts';

/** Records are small; what counts is the way to the store and back. */
const READS_AT_ONCE = 8;
/** So many damaged records are passed over: a device that writes only such must not keep its reader busy. */
const DAMAGED_PASSED_MAX = 100;
/** Of all records together: each may be 8 MiB long, and what a device writes must not fill its reader's memory. */
const BYTES_MAX = 64 * MiB;

export interface LandedRunRecord {
  /** Store time at which the run ended. */
  readonly landed: Date;
  readonly record: RunRecord;
}

export interface RunRecordListing {
  /** Newest first, by store time, then by run. */
  readonly records: readonly LandedRunRecord[];
  /** Of those that were looked at, the ones that cannot be read. */
  readonly damaged: readonly { readonly key: ObjectKey; readonly error: BackupError }[];
  /** How many there are in all. */
  readonly total: number;
  /** Store time of the listing. */
  readonly now: Date;
}

/** The newest records that can be read, at most `newest` of them. Throws what the store throws. */
export async function readRunRecords(
  repository: Repository,
  { newest }: { readonly newest: number },
): Promise<RunRecordListing> {
  const listing = await repository.store.list(runRecordsPrefix(repository.device));
  const listed = listing.objects
    .flatMap((object): ListedRunRecord[] => {
      const parsed = parseKey(object.key);
      if (parsed?.type !== 'run-record') return [];
      return [{ landed: object.modified, run: parsed.run, key: runRecordKey(repository.device, parsed.run) }];
    })
    .sort((a, b) => +b.landed - +a.landed || (a.run < b.run ? 1 : -1));
  const records: LandedRunRecord[] = [];
  const damaged: { key: ObjectKey; error: BackupError }[] = [];
  const within = listed.slice(0, newest + DAMAGED_PASSED_MAX);
  let bytes = 0;
  // In rounds of as many as are missing: no record is read that will not be looked at.
  for (let at = 0; at < within.length && records.length < newest && bytes <= BYTES_MAX;) {
    const round = within.slice(at, at + newest - records.length);
    at += round.length;
    for await (const read of mapConcurrent(round, READS_AT_ONCE, (one) => readRunRecord(repository, one))) {
      if (read === undefined) continue;
      if ('error' in read) damaged.push(read);
      else records.push({ landed: read.landed, record: read.record });
      if ('bytes' in read) bytes += read.bytes;
      if (bytes > BYTES_MAX) break;
    }
  }
  return { records, damaged, total: listed.length, now: listing.began };
}

interface ListedRunRecord {
  readonly landed: Date;
  readonly run: RunId;
  readonly key: ObjectKey;
}

type ReadRunRecord =
  | { readonly landed: Date; readonly record: RunRecord; readonly bytes: number }
  | { readonly key: ObjectKey; readonly error: BackupError };

/** Undefined if it was removed since it was listed. */
async function readRunRecord(
  { store, device }: Repository,
  { key, run, landed }: ListedRunRecord,
): Promise<ReadRunRecord | undefined> {
  try {
    const bytes = await store.find(key, JSON_BYTES_MAX);
    if (bytes === undefined) return undefined;
    const record = decodeRunRecord(bytes, key);
    if (record.run === run && record.device === device) return { landed, record, bytes: bytes.length };
    return { key, error: new BackupError('OBJECT_DAMAGED', `${key} is the record of another run`, { key }) };
  } catch (error) {
    if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
    return { key, error };
  }
}
