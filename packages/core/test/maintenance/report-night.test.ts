import { describe, expect, test } from 'vitest';
import { BUCKET_SETTINGS, makeRunId, readFleet, reportKey, reportNight } from '../../src/index.ts';
import type { ReportedNight, RunId } from '../../src/index.ts';
import { DAY_MS, NightBench } from './night-bench.ts';

const NIGHT = makeRunId(new Date(Date.UTC(2026, 0, 20)), Buffer.from([0, 0, 0, 1]));

describe('telling of a night', () => {
  test('is done before the page is there, and once', async () => {
    const at = await staleDevice();
    const told: ReportedNight[] = [];
    const pages: boolean[] = [];
    const tell = async (reported: ReportedNight): Promise<void> => {
      told.push(reported);
      pages.push(await hasPage(at, NIGHT));
    };
    const first = await report(at, tell);
    at.pass(DAY_MS);
    const again = await report(at, tell);
    expect(told.map(({ mail }) => mail?.subject)).toEqual(['Backups: No recent backup of desk-1']);
    expect(pages).toEqual([false]);
    expect(await hasPage(at, NIGHT)).toBe(true);
    expect(again).toEqual(first);
  });

  test('that failed is done again, with what was summarised first', async () => {
    const at = await staleDevice();
    const lost = report(at, () => Promise.reject(new Error('no such topic')));
    await expect(lost).rejects.toThrow('no such topic');
    expect(await hasPage(at, NIGHT)).toBe(false);
    at.pass(DAY_MS);
    const told: ReportedNight[] = [];
    await report(at, async (reported) => void told.push(reported));
    expect(told).toHaveLength(1);
    expect(told[0]?.summary.ended).toBe(new Date(+at.now - DAY_MS).toISOString());
    expect(await hasPage(at, NIGHT)).toBe(true);
  });
});

/** Its night has a result, and it has not been backed up for ten days. */
async function staleDevice(): Promise<NightBench> {
  const at = new NightBench();
  await at.policy({ keepWithinDays: 30, keepLast: 3 });
  await at.run();
  at.pass(10 * DAY_MS);
  await at.night({}, NIGHT);
  return at;
}

const hasPage = async ({ store }: NightBench, night: RunId): Promise<boolean> =>
  (await store.list(reportKey(night, 'html'))).objects.length > 0;

const report = async (at: NightBench, tell: (reported: ReportedNight) => Promise<void>): Promise<ReportedNight> =>
  reportNight(
    at.store,
    { night: NIGHT, began: at.now, fleet: await readFleet(at.store), recordsMs: BUCKET_SETTINGS.recordsMs },
    { tell },
  );
