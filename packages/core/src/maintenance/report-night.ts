/** The summary of a night: from the results of its devices to the report, and to the one mail if a person should act. */
import { isRunId, makeRunId } from '../ids.ts';
import type { ObjectKey, RunId } from '../ids.ts';
import { nightPrefix, nightsPrefix, parseKey, reportKey, reportsPrefix } from '../keys.ts';
import { JSON_BYTES_MAX } from '../limits.ts';
import { decodeNightResult } from '../format/night-result.ts';
import type { NightResult } from '../format/night-result.ts';
import { mapConcurrent } from '../repository/map-concurrent.ts';
import type { ObjectInfo, ObjectReader, ObjectStore } from '../store/ports.ts';
import type { Fleet } from './fleet.ts';
import { mailText } from './report/mail-text.ts';
import type { MailText } from './report/mail-text.ts';
import { decodeNightSummary, encodeNightSummary } from './report/night-summary.ts';
import type { NightSummary } from './report/night-summary.ts';
import { REPORT_NIGHTS_MAX, reportPage } from './report/report-page.ts';
import { summariseNight } from './report/summarise-night.ts';
import { unlessDamaged } from './survey-device.ts';

export interface NightToReport {
  readonly night: RunId;
  /** Store time at which the first of its messages was sent. */
  readonly began: Date;
  readonly fleet: Fleet;
  /** Results and reports stay this long. */
  readonly recordsMs: number;
}

export interface ReportedNight {
  readonly summary: NightSummary;
  /** Undefined: nobody has to act. */
  readonly mail: MailText | undefined;
  readonly report: ObjectKey;
}

export interface ReportDeps {
  /** Tells whoever wants to know of the night; if it rejects, the night counts as not told. */
  readonly tell: (reported: ReportedNight) => Promise<void>;
}

/** The charts show this many nights before. */
const HISTORY_MAX = REPORT_NIGHTS_MAX - 1;
const READS_AT_ONCE = 8;
/** Old nights that one night removes: each is a listing. */
const OLD_NIGHTS_MAX = 5;

/** How many devices have a result of this night. */
export async function countResults(store: ObjectReader, night: RunId): Promise<number> {
  return (await store.list(nightPrefix(night))).objects.length;
}

/**
 * The page is written last, so where it is the night has been told: a second delivery then tells nobody anything, and
 * one that follows on a failure tells what the first had summarised. Throws what the store throws.
 */
export async function reportNight(
  store: ObjectStore,
  toReport: NightToReport,
  deps: ReportDeps,
): Promise<ReportedNight> {
  const { night, began, fleet } = toReport;
  const report = reportKey(night, 'html');
  const reportedAs = (summary: NightSummary): ReportedNight => ({
    summary,
    mail: mailText(summary, `${store.location}/${report}`),
    report,
  });
  if ((await store.list(report)).objects.length > 0) return reportedAs(await readSummary(store, night));
  const results = await readResults(store, night);
  const history = await readHistory(store, night);
  const drafted = summariseNight({
    night,
    began,
    ended: results.listed,
    expected: fleet.expected,
    retired: fleet.retired,
    results: results.read,
    reposted: [],
    previous: history.at(-1),
  });
  const reported = reportedAs(await writeOnce(store, night, drafted));
  const page = Buffer.from(reportPage(reported.summary, history));
  await deps.tell(reported);
  await store.create(report, [page]);
  await removeOldNights(store, results.listed, toReport.recordsMs);
  return reported;
}

async function readResults(
  store: ObjectReader,
  night: RunId,
): Promise<{ readonly read: NightResult[]; readonly listed: Date }> {
  const { objects, ended } = await store.list(nightPrefix(night));
  const read: NightResult[] = [];
  for await (const result of mapConcurrent(objects, READS_AT_ONCE, (object) => findResult(store, object)))
    if (result !== undefined) read.push(result);
  return { read, listed: ended };
}

/** One that cannot be read leaves its device unheard. */
async function findResult(store: ObjectReader, { key }: ObjectInfo): Promise<NightResult | undefined> {
  if (parseKey(key)?.type !== 'night-result') return undefined;
  const read = async (): Promise<NightResult | undefined> => {
    const bytes = await store.find(key as ObjectKey, JSON_BYTES_MAX);
    return bytes === undefined ? undefined : decodeNightResult(bytes, key);
  };
  return readable(read());
}

/** The summaries of the nights before, oldest first. */
async function readHistory(store: ObjectReader, night: RunId): Promise<NightSummary[]> {
  const nights = (await store.listFolders(reportsPrefix())).filter(isRunId).filter((other) => other !== night);
  const read = async (other: RunId): Promise<NightSummary | undefined> => {
    const key = reportKey(other, 'json');
    const bytes = await store.find(key, JSON_BYTES_MAX);
    return bytes === undefined ? undefined : decodeNightSummary(bytes, key);
  };
  const history: NightSummary[] = [];
  // Names of nights begin with their time by some clock; which is newer, the store times in them tell.
  for await (const summary of mapConcurrent(nights.slice(-HISTORY_MAX), READS_AT_ONCE, (other) =>
    readable(read(other)),
  ))
    if (summary !== undefined) history.push(summary);
  return history.sort((a, b) => Date.parse(a.ended) - Date.parse(b.ended));
}

/** Undefined if it cannot be read. */
async function readable<T extends object>(reading: Promise<T | undefined>): Promise<T | undefined> {
  const read = await unlessDamaged(reading);
  return read === undefined || 'damage' in read ? undefined : read;
}

async function writeOnce(store: ObjectStore, night: RunId, drafted: NightSummary): Promise<NightSummary> {
  const key = reportKey(night, 'json');
  const { outcome } = await store.create(key, [encodeNightSummary(drafted)]);
  return outcome === 'created' ? drafted : readSummary(store, night);
}

async function readSummary(store: ObjectReader, night: RunId): Promise<NightSummary> {
  const key = reportKey(night, 'json');
  return decodeNightSummary(await store.read(key, JSON_BYTES_MAX), key);
}

/** Oldest names first; whether they are old, the store says. */
async function removeOldNights(store: ObjectStore, now: Date, recordsMs: number): Promise<void> {
  const before = makeRunId(new Date(+now - recordsMs), new Uint8Array(4));
  for (const prefix of [nightsPrefix(), reportsPrefix()]) {
    const old = (await store.listFolders(prefix)).filter((night) => isRunId(night) && night < before);
    for (const night of old.slice(0, OLD_NIGHTS_MAX)) {
      for (const { key, modified } of (await store.list(`${prefix}${night}/`)).objects)
        if (parseKey(key) !== undefined && +now - +modified > recordsMs) await store.remove(key as ObjectKey);
    }
  }
}
