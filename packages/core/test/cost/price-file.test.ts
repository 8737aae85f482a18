import { expect, test } from 'vitest';
import { BackupError, PRICES, PRICE_NAMES, readPriceFile } from '@backup-agent/core';
import type { Price } from '@backup-agent/core';
import { ratesOf } from '../../src/cost/rates.ts';

const row = { usd: 0.01, unit: 'GB-month', asOf: '2027-01', source: 'a contract' };
const file = (prices: object): string => JSON.stringify({ prices });

test('every price says since when, from where, and by what it counts', () => {
  for (const name of PRICE_NAMES) {
    const { usd, unit, asOf, source }: Price = PRICES[name];
    const isFree = name.startsWith('glacierBulkRetrieval');
    expect({ name, usd: isFree ? usd === 0 : usd > 0, asOf, unit: unit.length > 1, source: source.length > 1 }).toEqual(
      {
        name,
        usd: true,
        asOf: expect.stringMatching(/^20\d\d-\d\d$/) as unknown,
        unit: true,
        source: true,
      },
    );
  }
});

test.each([
  ['standardFirst50Tb', 0.023],
  ['put', 0.000005],
  ['kmsRequest', 0.000003],
  ['lambdaRequest', 0.0000002],
  ['glacierExpeditedRetrievalRequest', 0.01],
] as const)('one %s costs %d', (name, usd) => expect(ratesOf(PRICES)[name]).toBeCloseTo(usd, 10));

test('a row of the file goes before the built-in one, all others stay', () => {
  expect(readPriceFile(file({ standardFirst50Tb: row }), 'mine.json')).toEqual({ ...PRICES, standardFirst50Tb: row });
});

test('the built-in prices are such a file', () => {
  expect(readPriceFile(`\uFEFF${file(PRICES)}`, 'mine.json')).toEqual(PRICES);
});

test.each<[string, string, string]>([
  ['no JSON', '{', 'mine.json is not JSON'],
  ['something else', '[]', 'mine.json: it must be {"prices": {...}} and nothing else'],
  ['a key besides', '{"prices":{},"tax":1}', 'mine.json: it must be {"prices": {...}} and nothing else'],
  ['nothing', file({}), 'mine.json: it holds no prices'],
  ['an unknown price', file({ standrad: row }), 'mine.json: there is no price "standrad"'],
  ['a name of every object', file({ constructor: row }), 'mine.json: there is no price "constructor"'],
  ['a bare number', file({ put: 3 }), 'mine.json: "put" must have usd, unit, asOf and source'],
  [
    'a part too many',
    file({ egress: { ...row, unit: 'GB to the internet', vat: 1 } }),
    'mine.json: "egress" has no "vat"',
  ],
  [
    'two that lack something',
    file({ put: { usd: 1, unit: 'x', source: 'y' }, get: { usd: 1 } }),
    'mine.json: "put" lacks asOf; "get" lacks unit; "get" lacks asOf; "get" lacks source',
  ],
  [
    'a negative amount',
    file({ metric: { ...row, usd: -1 } }),
    'mine.json: usd of "metric" must be an amount from 0 on',
  ],
  [
    'an amount in words',
    file({ metric: { ...row, usd: '1' } }),
    'mine.json: usd of "metric" must be an amount from 0 on',
  ],
  [
    'no date',
    file({ metric: { ...row, asOf: 'lately' } }),
    'mine.json: asOf of "metric" must be a month such as 2026-11, or a day',
  ],
  ['another unit', file({ put: row }), 'mine.json: "put" counts by "1,000 PUT or LIST requests", not by "GB-month"'],
  [
    'more than fits a sentence',
    file(Object.fromEntries('abcdefg'.split('').map((name) => [name, row]))),
    'mine.json: there is no price "a"; there is no price "b"; there is no price "c"; there is no price "d"; there is no price "e"; and 2 more',
  ],
])('%s is told in one sentence', (_, content, message) => {
  const read = (): unknown => readPriceFile(content, 'mine.json');
  expect(read).toThrow(BackupError);
  expect(read).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
});
