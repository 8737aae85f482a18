/**
 * What an archive takes, in time and money, to give objects back. Times: "Archive retrieval options" of the S3 user guide
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html).
 */
import { MiB } from '../limits.ts';
import { THAW_SPEEDS } from '../store/ports.ts';
import type { ThawSpeed } from '../store/ports.ts';
import type { ArchiveClass } from '../store/tiering.ts';
import type { PriceName, Prices } from './prices.ts';
import { ratesOf, standardUsd } from './rates.ts';

export interface ArchivedObject {
  readonly bytes: number;
  readonly storageClass: ArchiveClass;
}

export interface ThawOffer {
  readonly speed: ThawSpeed;
  /** Hours until the last is back, as AWS says it usually is; from 0 where it names only the longest. */
  readonly hoursMin: number;
  readonly hoursMax: number;
  /** Once, for all of them, with the copies for as long as they are kept; without sending them out of AWS. */
  readonly usd: number;
}

interface Terms {
  readonly hours: readonly [min: number, max: number];
  /** Per GB, and per 1,000 objects. */
  readonly prices: readonly [perGb: PriceName, perRequest: PriceName];
}

const TERMS: Readonly<Record<ArchiveClass, Readonly<Partial<Record<ThawSpeed, Terms>>>>> = {
  GLACIER: {
    bulk: { hours: [5, 12], prices: ['glacierBulkRetrieval', 'glacierBulkRetrievalRequest'] },
    standard: { hours: [3, 5], prices: ['glacierRetrieval', 'glacierRetrievalRequest'] },
    expedited: { hours: [1 / 60, 5 / 60], prices: ['glacierExpeditedRetrieval', 'glacierExpeditedRetrievalRequest'] },
  },
  DEEP_ARCHIVE: {
    bulk: { hours: [0, 48], prices: ['deepArchiveBulkRetrieval', 'deepArchiveBulkRetrievalRequest'] },
    standard: { hours: [0, 12], prices: ['deepArchiveRetrieval', 'deepArchiveRetrievalRequest'] },
  },
};

/** As S3 counts. */
const GB_BYTES = 1024 * MiB;
const DAYS_A_MONTH = 30;

/** The speeds at which all of these can be had, the cheapest first. */
export function thawOffers(objects: readonly ArchivedObject[], days: number, prices: Prices): ThawOffer[] {
  return THAW_SPEEDS.flatMap((speed) => offerOf(speed, objects, days, prices) ?? []);
}

function offerOf(
  speed: ThawSpeed,
  objects: readonly ArchivedObject[],
  days: number,
  prices: Prices,
): ThawOffer | undefined {
  const rates = ratesOf(prices);
  const gb = objects.reduce((sum, { bytes }) => sum + bytes, 0) / GB_BYTES;
  let [hoursMin, hoursMax] = [0, 0];
  let usd = (standardUsd(gb, rates) * days) / DAYS_A_MONTH;
  for (const [storageClass, group] of Map.groupBy(objects, (object) => object.storageClass)) {
    const terms = TERMS[storageClass][speed];
    if (terms === undefined) return undefined;
    const [perGb, perRequest] = terms.prices;
    hoursMin = Math.max(hoursMin, terms.hours[0]);
    hoursMax = Math.max(hoursMax, terms.hours[1]);
    usd +=
      (group.reduce((sum, { bytes }) => sum + bytes, 0) / GB_BYTES) * rates[perGb] + group.length * rates[perRequest];
  }
  return { speed, hoursMin, hoursMax, usd };
}
