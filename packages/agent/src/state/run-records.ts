/** What earlier runs of a device left written: how they ended, and on which machine they ran. */
import {
  decodeRunRecord,
  isBackupError,
  JSON_BYTES_MAX,
  parseKey,
  runRecordKey,
  runRecordsPrefix,
} from '@backup-agent/core';
import type { BackupError, Repository, RunRecord } from '@backup-agent/core';

export interface LandedRunRecord {
  /** Store time at which the run ended. */
  readonly landed: Date;
  readonly record: RunRecord;
}

export interface RunRecordListing {
  /** Newest first. */
  readonly records: readonly LandedRunRecord[];
  readonly damaged: readonly { readonly key: string; readonly error: BackupError }[];
  /** How many there are in all. */
  readonly total: number;
  /** Store time of the listing. */
  readonly now: Date;
}

/** The newest `countMax` records that can be read. Throws what the store throws. */
export async function readRunRecords(repository: Repository, countMax: number): Promise<RunRecordListing> {
  const { store, device } = repository;
  const listing = await store.list(runRecordsPrefix(device));
  const newest = listing.objects
    .flatMap((object) => {
      const parsed = parseKey(object.key);
      return parsed?.type === 'run-record' ? [{ landed: object.modified, key: runRecordKey(device, parsed.run) }] : [];
    })
    .sort((a, b) => +b.landed - +a.landed || (a.key < b.key ? 1 : -1));
  const records: LandedRunRecord[] = [];
  const damaged: { key: string; error: BackupError }[] = [];
  for (const { landed, key } of newest) {
    if (records.length === countMax) break;
    try {
      const bytes = await store.find(key, JSON_BYTES_MAX);
      if (bytes !== undefined) records.push({ landed, record: decodeRunRecord(bytes, key) });
    } catch (error) {
      if (!isBackupError(error, 'OBJECT_DAMAGED', 'FORMAT_UNKNOWN')) throw error;
      damaged.push({ key, error });
    }
  }
  return { records, damaged, total: newest.length, now: listing.began };
}
