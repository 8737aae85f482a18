import { expect, test } from 'vitest';
import { PRICES } from '../../src/cost/prices.ts';
import { thawOffers } from '../../src/cost/thaw-costs.ts';
import type { ArchivedObject } from '../../src/cost/thaw-costs.ts';
import { MiB } from '../../src/limits.ts';

/** 32 packs of 32 MiB are a GB, whose copy costs 0.023 a month in STANDARD. */
const packs = (count: number, storageClass: ArchivedObject['storageClass']): ArchivedObject[] =>
  Array.from({ length: count }, () => ({ bytes: 32 * MiB, storageClass }));

test.each<[string, ArchivedObject[], number, ReturnType<typeof thawOffers>]>([
  [
    'nothing',
    [],
    7,
    [
      { speed: 'bulk', hoursMin: 0, hoursMax: 0, usd: 0 },
      { speed: 'standard', hoursMin: 0, hoursMax: 0, usd: 0 },
      { speed: 'expedited', hoursMin: 0, hoursMax: 0, usd: 0 },
    ],
  ],
  [
    '10 GB of GLACIER for a month',
    packs(320, 'GLACIER'),
    30,
    [
      { speed: 'bulk', hoursMin: 5, hoursMax: 12, usd: 0.23 },
      { speed: 'standard', hoursMin: 3, hoursMax: 5, usd: 0.23 + 10 * 0.01 + 0.32 * 0.05 },
      { speed: 'expedited', hoursMin: 1 / 60, hoursMax: 5 / 60, usd: 0.23 + 10 * 0.03 + 0.32 * 10 },
    ],
  ],
  [
    'a GB of DEEP_ARCHIVE for three days',
    packs(32, 'DEEP_ARCHIVE'),
    3,
    [
      { speed: 'bulk', hoursMin: 0, hoursMax: 48, usd: 0.0023 + 0.0025 + 0.032 * 0.025 },
      { speed: 'standard', hoursMin: 0, hoursMax: 12, usd: 0.0023 + 0.02 + 0.032 * 0.1 },
    ],
  ],
  [
    'both: as slow as the slower',
    [...packs(32, 'GLACIER'), ...packs(32, 'DEEP_ARCHIVE')],
    30,
    [
      { speed: 'bulk', hoursMin: 5, hoursMax: 48, usd: 0.046 + 0.0025 + 0.032 * 0.025 },
      { speed: 'standard', hoursMin: 3, hoursMax: 12, usd: 0.046 + 0.01 + 0.032 * 0.05 + 0.02 + 0.032 * 0.1 },
    ],
  ],
])('%s', (_, objects, days, offers) => {
  const rounded = offers.map((offer) => ({ ...offer, usd: expect.closeTo(offer.usd, 9) as number }));
  expect(thawOffers(objects, days, PRICES)).toEqual(rounded);
});
