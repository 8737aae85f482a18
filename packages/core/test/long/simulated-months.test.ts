import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { BUCKET_SETTINGS } from '../../src/index.ts';
import { SHORT_YEAR, bytesRow, objectsRow } from '../maintenance/year/figure-rows.ts';
import { simulateYear } from '../maintenance/year/simulate-year.ts';
import type { YearFigures } from '../maintenance/year/simulate-year.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../../docs/collection-figures.md'), 'utf8');

const plan = SHORT_YEAR.plan;

describe('90 days of a small device', () => {
  let figures: YearFigures;
  beforeAll(async () => {
    figures = await simulateYear(plan);
  });

  test('little is stored that nothing needs, and little is sent again', () => {
    expect(figures.storedPerNeeded.max).toBeLessThanOrEqual(1.7);
    expect(figures.resavedPerChanged).toBeGreaterThan(0);
    expect(figures.resavedPerChanged).toBeLessThanOrEqual(0.5);
  });

  test('index segments stay few, and a night removes no more than it may', () => {
    expect(figures.segmentsOver).toBeLessThanOrEqual(0);
    expect(figures.removedShareMax).toBeLessThanOrEqual(BUCKET_SETTINGS.removedShareMax);
  });

  test('the document has these figures', () => {
    expect(DOCUMENT).toContain(bytesRow(SHORT_YEAR.name, figures));
    expect(DOCUMENT).toContain(objectsRow(SHORT_YEAR.name, figures));
  });
});
