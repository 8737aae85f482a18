/** What the functions of a night cost; what they ask of S3 is among the requests. */
import type { CostItem } from './cost-item.ts';
import { MONTH_DAYS } from './fleet-figures.ts';
import type { FleetFigures } from './fleet-figures.ts';
import type { Rates } from './rates.ts';

/**
 * A worker by default: `workerMemoryMiB` of infra. The largest device that was measured, of a million files, took 230 MiB.
 */
export const WORKER_MEMORY_MIB = 512;
/** A device's night with that memory, as measured (docs/nightly.md). */
const DEVICE_NIGHT_SECONDS = 4.2;
/** A message is sent, received and deleted. */
const QUEUE_REQUESTS = 3;

export function nightsItem({ users }: FleetFigures, rates: Rates): CostItem {
  const gbSeconds = (DEVICE_NIGHT_SECONDS * WORKER_MEMORY_MIB) / 1024;
  const deviceNight = gbSeconds * rates.lambda + rates.lambdaRequest + QUEUE_REQUESTS * rates.queueRequest;
  return { id: 'nights', name: 'nightly job', usd: users * MONTH_DAYS * deviceNight };
}
