/** What retention and collection make of a year, with the real code of runs and nights; docs/collection-figures.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUCKET_SETTINGS } from '../../src/index.ts';
import {
  BOUND_YEARS,
  OTHER_YEARS,
  SHORT_YEAR,
  THRESHOLD_YEARS,
  bytesRow,
  objectsRow,
  thresholdRow,
} from '../maintenance/year/figure-rows.ts';
import { simulateYear } from '../maintenance/year/simulate-year.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../../docs/collection-figures.md'), 'utf8');
const TIMEOUT_MS = 30 * 60_000;

test.each(BOUND_YEARS)(
  'a year of 20,000 chunks, 1 % a day, $name: at most 1.7 bytes are stored for each needed, at most half a byte sent again for each changed',
  { timeout: TIMEOUT_MS },
  async ({ name, plan }) => {
    const figures = await simulateYear(plan);
    expect(figures.storedPerNeeded.max).toBeLessThanOrEqual(1.7);
    expect(figures.resavedPerChanged).toBeLessThanOrEqual(0.5);
    expect(figures.segmentsOver).toBeLessThanOrEqual(0);
    expect(figures.removedShareMax).toBeLessThanOrEqual(BUCKET_SETTINGS.removedShareMax);
    expect(DOCUMENT).toContain(bytesRow(name, figures));
    expect(DOCUMENT).toContain(objectsRow(name, figures));
  },
);

test.each(OTHER_YEARS)('the document tells of a year with: $name', { timeout: TIMEOUT_MS }, async ({ name, plan }) => {
  const figures = await simulateYear(plan);
  expect(figures.resavedPerChanged).toBeLessThanOrEqual(0.5);
  expect(figures.segmentsOver).toBeLessThanOrEqual(0);
  expect(DOCUMENT).toContain(bytesRow(name, figures));
  expect(DOCUMENT).toContain(objectsRow(name, figures));
});

test.each(THRESHOLD_YEARS)(
  'the document tells what other thresholds would cost: $name',
  { timeout: TIMEOUT_MS },
  async ({ name, plan }) => {
    expect(DOCUMENT).toContain(thresholdRow(name, await simulateYear(plan)));
  },
);

test('were nothing retired, more would be stored and nothing sent again', { timeout: TIMEOUT_MS }, async () => {
  const { plan } = SHORT_YEAR;
  const retiring = { ...BUCKET_SETTINGS.retiring, liveShareMin: 0 };
  const without = await simulateYear({ ...plan, settings: { retiring } });
  expect(without.resavedPerChanged).toBe(0);
  expect(without.storedPerNeeded.max).toBeGreaterThan((await simulateYear(plan)).storedPerNeeded.max);
});
