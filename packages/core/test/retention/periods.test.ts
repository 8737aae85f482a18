/** Calendars of zones, at the times of the year when clocks are changed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calendarOf } from '../../src/retention/periods.ts';
import { HOUR_MS, utc } from './snapshot-rows.ts';

test.each([
  ['2026-11-20 08:59', '2026-11-20 08:00+00:00', '2026-11-20', '2026-W47', '2026-11', '2026'],
  ['2026-01-01 00:00', '2026-01-01 00:00+00:00', '2026-01-01', '2026-W01', '2026-01', '2026'],
  // ISO 8601: a week belongs to the year of its Thursday.
  ['2025-12-29 00:00', '2025-12-29 00:00+00:00', '2025-12-29', '2026-W01', '2025-12', '2025'],
  ['2027-01-03 23:59', '2027-01-03 23:00+00:00', '2027-01-03', '2026-W53', '2027-01', '2027'],
  ['2027-01-04 00:00', '2027-01-04 00:00+00:00', '2027-01-04', '2027-W01', '2027-01', '2027'],
  ['2028-02-29 12:00', '2028-02-29 12:00+00:00', '2028-02-29', '2028-W09', '2028-02', '2028'],
])('%s', (time, hour, day, week, month, year) => {
  expect(calendarOf('UTC')(utc(time))).toEqual({ hour, day, week, month, year });
});

test.each([
  // Clocks go from 02:00 to 03:00: the day has 23 hours.
  ['Europe/Berlin', '2026-03-28 23:00', '2026-03-29 00:00+01:00'],
  ['Europe/Berlin', '2026-03-29 00:59', '2026-03-29 01:00+01:00'],
  ['Europe/Berlin', '2026-03-29 01:00', '2026-03-29 03:00+02:00'],
  ['Europe/Berlin', '2026-03-29 21:59', '2026-03-29 23:00+02:00'],
  ['Europe/Berlin', '2026-03-29 22:00', '2026-03-30 00:00+02:00'],
  // From 03:00 back to 02:00: the hour from 2 to 3 comes twice.
  ['Europe/Berlin', '2026-10-25 00:30', '2026-10-25 02:00+02:00'],
  ['Europe/Berlin', '2026-10-25 01:30', '2026-10-25 02:00+01:00'],
  ['Europe/Berlin', '2026-10-25 22:59', '2026-10-25 23:00+01:00'],
  // From 00:01 back to 23:01 of the day before: the new day begins twice.
  ['America/St_Johns', '2010-11-07 02:29', '2010-11-06 23:00-02:30'],
  ['America/St_Johns', '2010-11-07 02:30', '2010-11-07 00:00-02:30'],
  ['America/St_Johns', '2010-11-07 02:31', '2010-11-06 23:00-03:30'],
  ['America/St_Johns', '2010-11-07 03:29', '2010-11-06 23:00-03:30'],
  ['America/St_Johns', '2010-11-07 03:30', '2010-11-07 00:00-03:30'],
  ['America/St_Johns', '2026-11-20 03:29', '2026-11-19 23:00-03:30'],
])('in %s at %s UTC it is %s', (zone, time, hour) => {
  const names = calendarOf(zone)(utc(time));
  expect([names.hour, names.day]).toEqual([hour, hour.slice(0, 10)]);
});

test.each(['Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Australia/Lord_Howe', 'UTC'])(
  '%s: an hour later it is another hour, and never an earlier day',
  (zone) => {
    const calendar = calendarOf(zone);
    const hours = fc.integer({ min: +utc('2009-01-01 00:00') / HOUR_MS, max: +utc('2030-01-01 00:00') / HOUR_MS });
    fc.assert(
      fc.property(hours, (start) => {
        const [before, after] = [calendar(new Date(start * HOUR_MS)), calendar(new Date((start + 1) * HOUR_MS))];
        expect(after.hour).not.toBe(before.hour);
        expect(after.day >= before.day).toBe(true);
        // The other names follow from the day.
        expect([after.month, after.year]).toEqual([after.day.slice(0, 7), after.day.slice(0, 4)]);
      }),
      { numRuns: 2000 },
    );
  },
);
