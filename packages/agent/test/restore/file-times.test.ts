import * as fs from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fsTime, isSameTime, secondsOf } from '../../src/restore/file-times.ts';
import { temporaryFolder } from '../kit/tree.ts';

/** What the system has after it was told a time. */
function stored(path: string, nanoseconds: bigint): bigint {
  const time = fsTime(secondsOf(String(nanoseconds)));
  fs.utimesSync(path, time, time);
  return fs.statSync(path, { bigint: true }).mtimeNs;
}

test('a time that is set is the same to the microsecond, from 1902 to 2100', () => {
  const path = `${temporaryFolder()}/file`;
  fs.writeFileSync(path, '');
  fc.assert(
    fc.property(fc.bigInt(-2_147_483_648n * 10n ** 9n, 4_102_444_800n * 10n ** 9n), (time) => {
      const now = stored(path, time);
      expect(isSameTime(now, time)).toBe(true);
      expect(now - time).toBeLessThanOrEqual(1000n);
      expect(now - time).toBeGreaterThanOrEqual(-1000n);
    }),
    { numRuns: 2000 },
  );
});

test('a time in whole microseconds is stored as these or a fraction of a microsecond more', () => {
  const path = `${temporaryFolder()}/file`;
  fs.writeFileSync(path, '');
  fc.assert(
    fc.property(fc.bigInt(0n, 4_102_444_800n * 10n ** 6n), (microseconds) => {
      expect(stored(path, microseconds * 1000n) / 1000n).toBe(microseconds);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['1700000000000000499', '1700000000000000000', true],
  ['1700000000000000500', '1700000000000000000', false],
  ['1700000000000000500', '1700000000000001499', true],
  ['-500', '0', true],
  ['-501', '0', false],
])('%s and %s are the same time: %s', (a, b, expected) => expect(isSameTime(BigInt(a), BigInt(b))).toBe(expected));
