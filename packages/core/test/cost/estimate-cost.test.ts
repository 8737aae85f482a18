import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_FIGURES, PACK_TIERINGS, PRICES, estimateCost } from '@backup-agent/core';
import type { FleetFigures, VariantCost, VariantId } from '@backup-agent/core';
import { filesCanMove } from '../../src/cost/fleet-figures.ts';
import { ratesOf, standardUsd } from '../../src/cost/rates.ts';

const costOf = (id: VariantId, fleet: FleetFigures): VariantCost =>
  estimateCost(fleet, PRICES).find((variant) => variant.id === id) as VariantCost;

const fleets = fc.record<FleetFigures>({
  users: fc.integer({ min: 1, max: 20_000 }),
  gbPerUser: fc.double({ min: 0, max: 2_000, noNaN: true }),
  filesPerUser: fc.integer({ min: 0, max: 5_000_000 }),
  dailyChange: fc.double({ min: 0, max: 1, noNaN: true }),
  retentionDays: fc.integer({ min: 1, max: 3650 }),
  softDeleteDays: fc.integer({ min: 0, max: 90 }),
  reduction: fc.double({ min: 0.01, max: 1.2, noNaN: true }),
  deadSpace: fc.double({ min: 0, max: 2, noNaN: true }),
  packMib: fc.double({ min: 0.01, max: 64, noNaN: true }),
  transitionDays: fc.integer({ min: 0, max: 365 }),
  verifiedPacks: fc.integer({ min: 0, max: 100 }),
});

/** Sums of doubles, so not to the last bit. */
const isNoLess = (more: number, less: number): boolean => more >= less * (1 - 1e-9) - 1e-9;

describe('whatever the numbers', () => {
  test.each<[string, (fleet: FleetFigures, more: number) => FleetFigures]>([
    ['users', (fleet, more) => ({ ...fleet, users: fleet.users + Math.ceil(more * 1000) })],
    ['documents', (fleet, more) => ({ ...fleet, gbPerUser: fleet.gbPerUser + more * 100 })],
    ['change', (fleet, more) => ({ ...fleet, dailyChange: fleet.dailyChange + more })],
  ])('more %s never cost less', (_, grow) => {
    fc.assert(
      fc.property(fleets, fc.double({ min: 0, max: 1, noNaN: true }), (fleet, more) => {
        const grown = grow(fleet, more);
        // The mean file crosses the size from which S3 moves it: then cold classes may be cheaper.
        fc.pre(filesCanMove(fleet) === filesCanMove(grown));
        const after = estimateCost(grown, PRICES);
        for (const [at, before] of estimateCost(fleet, PRICES).entries()) {
          expect([before.id, isNoLess(after[at]?.monthlyUsd as number, before.monthlyUsd)]).toEqual([before.id, true]);
          expect(isNoLess(after[at]?.firstMonthUsd as number, before.firstMonthUsd)).toBe(true);
          expect(isNoLess(after[at]?.restoreFleetUsd as number, before.restoreFleetUsd)).toBe(true);
        }
      }),
    );
  });

  test('amounts are numbers from 0 on, and items add up', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        for (const { items, monthlyUsd, firstMonthUsd, secondMonthUsd } of estimateCost(fleet, PRICES)) {
          expect(items.filter(({ usd }) => !(usd >= 0 && Number.isFinite(usd)))).toEqual([]);
          expect(items.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(monthlyUsd);
          expect(firstMonthUsd >= monthlyUsd && secondMonthUsd >= monthlyUsd).toBe(true);
          expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
        }
      }),
    );
  });
});

test('without users only the fixed part is left', () => {
  for (const { id, monthlyUsd, perUserUsd, firstMonthUsd, restoreFleetUsd } of estimateCost(
    { ...DEFAULT_FIGURES, users: 0 },
    PRICES,
  )) {
    const fixed = ['reference', 'full-copies', 'full-copies-one-key'].includes(id) ? 6.2 : 13;
    expect([id, monthlyUsd.toFixed(2)]).toEqual([id, fixed.toFixed(2)]);
    expect({ perUserUsd, firstMonthUsd, restoreFleetUsd }).toEqual({
      perUserUsd: undefined,
      firstMonthUsd: monthlyUsd,
      restoreFleetUsd: 0,
    });
  }
});

test('every tiering has its variant', () => {
  const ids = estimateCost(DEFAULT_FIGURES, PRICES).map(({ id }) => id);
  for (const tiering of PACK_TIERINGS) expect(ids).toContain(`packs-${tiering}`);
  expect(new Set(ids).size).toBe(ids.length);
});

test('STANDARD gets cheaper with the amount, GB by GB', () => {
  const rates = ratesOf(PRICES);
  const tb = 1024;
  expect(standardUsd(50 * tb, rates)).toBeCloseTo(50 * tb * 0.023);
  expect(standardUsd(51 * tb, rates) - standardUsd(50 * tb, rates)).toBeCloseTo(tb * 0.022);
  expect(standardUsd(501 * tb, rates) - standardUsd(500 * tb, rates)).toBeCloseTo(tb * 0.021);
});

test('what S3 does not move for its size stays at the full price', () => {
  const small = { ...DEFAULT_FIGURES, packMib: 1 / 16 };
  const standard = costOf('packs-none', small).monthlyUsd;
  for (const id of ['packs-intelligent', 'packs-glacier-ir', 'packs-glacier'] as const)
    expect(costOf(id, small).monthlyUsd).toBe(standard);
  const manyFiles = { ...DEFAULT_FIGURES, filesPerUser: 20 * 10_000 };
  const { items, why } = costOf('reference', manyFiles);
  expect([items.find(({ id }) => id === 'transitions'), why]).toEqual([
    undefined,
    'full copies, too small to be moved; everybody sends 20 GB every night',
  ]);
});

test('a version that stays 90 days in INTELLIGENT_TIERING gets cheaper on the way, one that is gone by then does not', () => {
  const removedOf = (retentionDays: number): number => {
    const { items } = costOf('packs-intelligent', { ...DEFAULT_FIGURES, retentionDays, softDeleteDays: 1 });
    return items.find(({ id }) => id === 'removed')?.usd as number;
  };
  const perDay = 77 / 30;
  expect(removedOf(29)).toBeCloseTo(perDay * 30 * 0.023);
  expect(removedOf(30)).toBeCloseTo(perDay * 30 * 0.0125);
  expect(removedOf(90)).toBeCloseTo(perDay * 30 * 0.004);
});

test('a rule that comes after the last day moves no older version', () => {
  const { items } = costOf('packs-glacier-ir', { ...DEFAULT_FIGURES, transitionDays: 365 });
  expect(items.filter(({ id }) => id === 'changes' || id === 'transitions').map(({ usd }) => usd)).toEqual([0, 0]);
});

test('the reference stack moves nothing that is purged before', () => {
  const of = (retentionDays: number): (number | undefined)[] => {
    const { items } = costOf('reference', { ...DEFAULT_FIGURES, retentionDays });
    return ['changes', 'transitions', 'overhead'].map((id) => items.find((item) => item.id === id)?.usd);
  };
  expect(of(1)[2]).toBe(0);
  expect(of(1)[1]).toBeCloseTo(300_000_000 * 0.00002);
  expect(of(365)[0]).toBeCloseTo(300_000 * (3 * 0.004 + ((365 + 7 - 14) / 30) * 0.0036));
});
