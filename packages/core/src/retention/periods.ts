/** Which hour, day, week, month and year a time falls in, by the calendar on the wall of a time zone. */

export type Period = 'hour' | 'day' | 'week' | 'month' | 'year';

/** A period's own name, for people too: `2026-11-20`, `2026-W47`, `2026-11`. */
export type PeriodNames = Readonly<Record<Period, string>>;

/**
 * Names are what the zone's clocks show, never a number of milliseconds: days have 23 to 25 hours, and where clocks are
 * put back over midnight a day goes on after the next one began. An hour that clocks show twice is two, by its offset.
 */
export function calendarOf(timeZone: string): (time: Date) => PeriodNames {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    timeZoneName: 'longOffset',
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
    const month = `${part('year')}-${part('month')}`;
    const day = `${month}-${part('day')}`;
    // Of UTC some releases of the calendar data say `GMT`, others `GMT+00:00`.
    const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
    return {
      hour: `${day} ${part('hour')}:00${offset}`,
      day,
      week: isoWeek(Number(part('year')), Number(part('month')), Number(part('day'))),
      month,
      year: part('year'),
    };
  };
}

const DAY_MS = 24 * 60 * 60_000;

/** Weeks begin on Monday and belong to the year that has their Thursday. */
function isoWeek(year: number, month: number, day: number): string {
  const date = Date.UTC(year, month - 1, day);
  const thursday = new Date(date + (4 - (new Date(date).getUTCDay() || 7)) * DAY_MS);
  const weekYear = thursday.getUTCFullYear();
  const week = 1 + Math.floor((+thursday - Date.UTC(weekYear, 0, 1)) / (7 * DAY_MS));
  return `${weekYear}-W${String(week).padStart(2, '0')}`;
}
