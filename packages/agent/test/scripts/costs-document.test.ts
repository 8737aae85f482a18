import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PRICES, readPriceFile } from '@backup-agent/core';
import { COSTS_FILE, costsDocument } from '../../scripts/costs-document.ts';

const page = readFileSync(COSTS_FILE, 'utf8');

test('the figures of docs/costs.md are what the code gives', () => {
  expect(page).toBe(costsDocument());
});

test('its example of a file of prices is one', () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  expect(readPriceFile(example, 'example.json')).toMatchObject({ egress: { usd: 0.05 }, put: PRICES.put });
});
