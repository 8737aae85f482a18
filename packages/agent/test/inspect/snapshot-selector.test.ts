import { expect, test } from 'vitest';
import { parseSnapshotSelector } from '../../src/inspect/snapshot-selector.ts';

const timeZone = 'Europe/Berlin';

test.each([
  ['a local time', '2026-11-20 14:00', '2026-11-20T13:00:00.000Z'],
  ['a local time in summer', '2026-07-20 14:00:30', '2026-07-20T12:00:30.000Z'],
  ['a time with a T', '2026-11-20T9:05', '2026-11-20T08:05:00.000Z'],
  ['a day, to its end', '2026-11-20', '2026-11-20T22:59:59.999Z'],
  ['a day on which clocks change', '2026-03-29', '2026-03-29T21:59:59.999Z'],
  ['a time just before clocks change', '2026-03-29 01:59', '2026-03-29T00:59:00.000Z'],
  ['a time just after', '2026-03-29 03:00', '2026-03-29T01:00:00.000Z'],
  ['an instant', '2026-11-20T14:00:00Z', '2026-11-20T14:00:00.000Z'],
  ['an instant elsewhere', '2026-11-20T14:00+02:00', '2026-11-20T12:00:00.000Z'],
])('%s', (_, text, expected) => {
  expect(parseSnapshotSelector(text, { timeZone })).toEqual({ by: 'time', time: new Date(expected) });
});

test.each(['20261120', '20261120T14', '20261120T140000Z', '20261120T140000Z-0a', '20261120T140000Z-0a1b2c3d-2'])(
  '%s is the beginning of a name',
  (prefix) => expect(parseSnapshotSelector(prefix)).toEqual({ by: 'name', prefix }),
);

test('latest is the latest', () => expect(parseSnapshotSelector('latest')).toEqual({ by: 'latest' }));

test.each(['', 'newest', '2026-02-30', '2026-11-20 25:00', '2026-11-20 14:61', '20261120T140000Z-xyz', '2026', '-1'])(
  '"%s" is one clear sentence',
  (text) => {
    expect(() => parseSnapshotSelector(text)).toThrow(`"${text}" names no snapshot`);
  },
);
