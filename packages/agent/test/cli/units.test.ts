import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBytes, formatClockDuration, formatCount, formatDuration, parseBytes } from '../../src/cli/units.ts';

test.each([
  ['0', 0],
  ['4096', 4096],
  ['100M', 100 * 1024 ** 2],
  ['1.5GiB', 1.5 * 1024 ** 3],
  ['1.5 gib', 1.5 * 1024 ** 3],
  ['2GB', 2_000_000_000],
  ['10k', 10_240],
  ['1T', 1024 ** 4],
])('%s is a size', (text, bytes) => expect(parseBytes(text, 'x')).toBe(bytes));

test.each(['', '-1', '1e3', 'M', '1.M', '1..5M', '5 apples', '1,5M', '99999999T', 'Infinity'])(
  '"%s" is none',
  (text) => {
    expect(() => parseBytes(text, '--limit')).toThrow(`--limit: "${text}" is not a size`);
  },
);

test('a size that is written is read again as about the same', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), (bytes) => {
      const again = parseBytes(formatBytes(bytes), 'x');
      expect(Math.abs(again - bytes)).toBeLessThanOrEqual(Math.max(1, bytes * 0.06));
    }),
  );
});

test('numbers for people', () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 1023, 1024, 1024 ** 2 - 1, 1024 ** 4].map(formatBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.0 MiB',
    '1.0 TiB',
  ]);
  expect([0, 7400, 754_000, 3_723_000].map(formatClockDuration)).toEqual(['0:00', '0:07', '12:34', '1:02:03']);
  expect([400, 12_000, 240_000, 10_800_000, 12 * 86_400_000].map(formatDuration)).toEqual([
    '0.4 s',
    '12 s',
    '4 min',
    '3 hours',
    '12 days',
  ]);
});
