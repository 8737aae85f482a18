/** What requests cost in a month. Counts are of requests that S3 and KMS charge; removing is free. */
import type { CostItem } from './cost-item.ts';
import { MONTH_DAYS, churnGb, packedGb, packsCanMove, packsPerGb, verifiedGb } from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import type { Rates } from './rates.ts';

/** An object of a run besides packs of documents: the pack of catalog pages, the snapshot. */
const RUN_OBJECTS = 2;
/** Of a run the index segment and the run record; of its night the state of marks and the result. */
const RECORDS = 4;
/** Ten of a run, thirteen of a night, as counted; more only where a device has thousands of objects. */
const LISTS_OF_RUN_AND_NIGHT = 23;
const LISTED_AT_ONCE = 1_000;
/** The night reads all snapshots of a device; a run reads the newest, with its pages. */
const READS_BESIDE_SNAPSHOTS = 3;
/** Besides, the night reads the newest 64 run records, the outlines of up to 8 index segments, and words: as counted. */
const READS_OF_RECORDS = 91;
/** Per device and day, with the bucket key. */
const KMS_CALLS = 10;
/** As the agent sends packs. */
const PART_MIB = 8;
/** As `verify` and a restore read packs. */
const RANGE_MIB = 4;

/** Packs of a device's changes of a day, the last one not full. */
const packsPerRun = (fleet: FleetFigures): number =>
  fleet.users === 0 ? 0 : Math.ceil((churnGb(fleet) / fleet.users) * packsPerGb(fleet));

/** A pack of several parts takes a request for each, one to begin and one to complete. */
const putsPerPack = ({ packMib }: FleetFigures): number =>
  packMib <= PART_MIB ? 1 : Math.ceil(packMib / PART_MIB) + 2;

/** The first backup of everybody. */
export const firstFillUsd = (fleet: FleetFigures, rates: Rates): number =>
  packedGb(fleet) * packsPerGb(fleet) * putsPerPack(fleet) * rates.put;

export function packRequestItems(fleet: FleetFigures, storedGb: number, rates: Rates): CostItem[] {
  const { users, retentionDays } = fleet;
  const deviceNights = users * MONTH_DAYS;
  const packs = packsPerRun(fleet);
  return [
    { id: 'put', name: 'uploads', usd: deviceNights * (packs + RUN_OBJECTS) * rates.put },
    { id: 'put-parts', name: 'parts of uploads', usd: deviceNights * packs * (putsPerPack(fleet) - 1) * rates.put },
    { id: 'put-records', name: 'index, records, marks', usd: deviceNights * RECORDS * rates.put },
    listItem(storedGb * packsPerGb(fleet), rates),
    { id: 'list-runs', name: 'listings of runs and nights', usd: deviceNights * LISTS_OF_RUN_AND_NIGHT * rates.put },
    { id: 'get', name: 'reading snapshots', usd: deviceNights * (retentionDays + READS_BESIDE_SNAPSHOTS) * rates.get },
    { id: 'get-records', name: 'reading records and index', usd: deviceNights * READS_OF_RECORDS * rates.get },
    kmsItem(fleet, rates),
  ];
}

/** A night lists every object once. */
export const listItem = (objects: number, rates: Rates): CostItem => ({
  id: 'list',
  name: 'listing what is stored',
  usd: Math.ceil(objects / LISTED_AT_ONCE) * MONTH_DAYS * rates.put,
});

export const kmsItem = ({ users }: FleetFigures, rates: Rates): CostItem => ({
  id: 'kms',
  name: 'KMS requests',
  usd: users * MONTH_DAYS * KMS_CALLS * rates.kmsRequest,
});

export const rangesOf = (gb: number, { packMib }: FleetFigures): number => (gb * 1024) / Math.min(RANGE_MIB, packMib);

/** What reading packs back costs wherever they lie; `get`: the price of a request there. */
export function verifyItems(fleet: FleetFigures, get: number, rates: Rates): CostItem[] {
  const gb = verifiedGb(fleet);
  return [
    { id: 'verify-get', name: 'verify: requests', usd: rangesOf(gb, fleet) * get },
    { id: 'verify-egress', name: 'verify: bytes that leave AWS', usd: gb * rates.egress },
  ];
}

export const monitoringItem = (fleet: FleetFigures, storedGb: number, rates: Rates): CostItem => ({
  id: 'monitoring',
  name: 'monitoring by S3',
  usd: packsCanMove(fleet) ? storedGb * packsPerGb(fleet) * rates.tieringMonitoring : 0,
});
