/** A fleet of 500 devices with some of every trouble, and a month of nights before: what a report looks like. */
import { parseRunId } from '../../../src/index.ts';
import type { NightResult } from '../../../src/index.ts';
import type { NightSummary } from '../../../src/maintenance/report/night-summary.ts';
import { pseudoRandomBytes } from '../../kit/pseudo-random.ts';
import { daysBefore, deviceId, ENDED, result, summary, troubles } from './fleet.ts';
import type { ResultSketch } from './fleet.ts';

const DEVICES = 500;
const NIGHTS = 30;
const GiB = 1024 ** 3;
const SILENT = ['desk-031', 'laptop-118'];

/** A missing pack of the device itself. */
function damagedAs(device: string): ResultSketch {
  const { findings, ...counts } = troubles.damaged.verification;
  const ofDevice = findings.map((finding) => ({ ...finding, key: finding.key.replace('laptop-1', device) }));
  return { verification: { ...counts, findings: ofDevice } };
}

const TROUBLED: Readonly<Record<string, ResultSketch>> = {
  'laptop-007': troubles.flagged,
  'laptop-042': damagedAs('laptop-042'),
  'desk-311': { ...troubles.never, packs: { data: { packs: 0, bytes: 0 }, meta: { packs: 0, bytes: 0 } } },
  'laptop-160': troubles.stale,
  'laptop-203': {
    freshness: { ...troubles.failed.freshness, ageHours: 244, stale: true },
  },
  'laptop-377': { freshness: { ageHours: 1012, stale: true, atRetentionFloor: true } },
  'laptop-401': {
    refusals: [{ code: 'OBJECT_DAMAGED', message: 'A snapshot is of a newer version than this program.' }],
  },
  'desk-090': troubles.held,
  'desk-222': troubles.failed,
  'laptop-333': { freshness: { unreadable: 12, ageHours: 9 } },
};

const NAMES = Array.from(
  { length: DEVICES },
  (_, i) => `${i % 5 < 2 ? 'desk' : 'laptop'}-${String(i).padStart(3, '0')}`,
)
  .filter((name) => TROUBLED[name] === undefined && !SILENT.includes(name))
  .slice(0, DEVICES - Object.keys(TROUBLED).length - SILENT.length);
const RANDOM = pseudoRandomBytes(13, 4 * DEVICES);

/** The results `nightsAgo` nights before this one: a fleet that grows, and is collected from the sixth night on. */
function resultsOf(nightsAgo: number): NightResult[] {
  const growth = 1 + (NIGHTS - nightsAgo) * 0.006;
  const sketchOf = (i: number): ResultSketch => {
    const [a = 0, b = 0, c = 0] = RANDOM.subarray(i * 4, i * 4 + 3);
    const bytes = Math.round((4 + a / 10) * GiB * growth);
    const removed = nightsAgo > NIGHTS - 6 ? 0 : Math.round((bytes * ((b + nightsAgo * 37) % 80)) / 20_000);
    const landed = daysBefore(nightsAgo + (2 + c / 8) / 24).toISOString();
    const snapshot = { name: result('desk-1').snapshots.newest?.name as never, landed, files: 3000 + 97 * b, bytes };
    return {
      snapshots: { newest: { ...snapshot, host: hostOf(i) }, newestFinished: { ...snapshot, host: hostOf(i) } },
      packs: {
        data: { packs: 300, bytes: Math.round(bytes * 0.7) },
        meta: { packs: 30, bytes: Math.round(bytes * 0.02) },
        removed: { packs: removed === 0 ? 0 : 5, bytes: removed },
      },
      freshness: { ageHours: 2 + c / 8 },
      uploadedBytes: Math.round((bytes * (20 + ((a + nightsAgo * 53) % 90))) / 12_000),
    };
  };
  const bad = Object.entries(TROUBLED).map(([name, trouble]) =>
    result(name, nightsAgo === 0 || name === 'desk-311' ? aged(name, trouble) : {}),
  );
  return [...NAMES.map((name, i) => result(name, sketchOf(i))), ...bad];
}

const hostOf = (i: number): string => `${['SALES', 'LAB', 'OFFICE', 'DESIGN'][i % 4]}-PC${String(i).padStart(3, '0')}`;

/** With a newest backup as old as the trouble says. */
function aged(name: string, trouble: ResultSketch): ResultSketch {
  const ageHours = trouble.freshness?.ageHours;
  const newest = result(name).snapshots.newest;
  if (typeof ageHours !== 'number' || newest === null) return trouble;
  const snapshot = { ...newest, landed: daysBefore(ageHours / 24).toISOString() };
  return { ...trouble, snapshots: { newest: snapshot, newestFinished: snapshot } };
}

/** Earlier nights, oldest first, and the night itself. */
export function sampleNights(): { history: NightSummary[]; tonight: NightSummary } {
  const nights: NightSummary[] = [];
  for (let ago = NIGHTS; ago >= 0; ago--) {
    const ended = daysBefore(ago);
    const night = parseRunId(`${ended.toISOString().slice(0, 10).replaceAll('-', '')}T020000Z-00000001`);
    const silent = ago === 0 ? [] : SILENT.map((name) => result(name));
    const results = [...resultsOf(ago), ...silent].map((result) => ({ ...result, night }));
    const expected = [...results.map(({ device }) => device), ...SILENT.map(deviceId)];
    const began = new Date(ended.getTime() - 14 * 60_000);
    nights.push(
      summary(results, { night, began, ended: ago === 0 ? ENDED : ended, expected, previous: nights.at(-1) }),
    );
  }
  return { history: nights.slice(0, -1), tonight: nights.at(-1) as NightSummary };
}
